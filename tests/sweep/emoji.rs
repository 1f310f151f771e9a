//! Compares emoji with a running app while requests may fail: a failure is told, and never waited for without end.

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, select};
use matrixbackup::{
    domain::{
        problem::Problem,
        verification::{Move, Verification},
    },
    protocol::messages::{Command, Event},
};
use tokio::time::timeout;

use crate::{
    app::{App as _, Native},
    support::visit::Visit,
};

/// The longest time for a comparison: longer than it takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// The times that the page listens for one event, a second each.
const LISTENS: usize = 60;
/// The failures of listening after which the person gives up.
const TROUBLES: usize = 3;

/// Compares, confirms on both sides that the emoji match, and waits for the secrets. The last event says that they
/// came, or what failed.
pub async fn compare(visit: &mut Visit, app: &mut Native) -> Vec<Event> {
    let before = visit.told.len();
    app.forget_what_was_asked();
    let problem = match timeout(PATIENCE, handed_over(visit, app)).await {
        Ok(Ok(())) => {
            let told = visit.told[before..].iter();
            // Every round of listening ends with this event.
            return told.filter(|event| !matches!(event, Event::Heard { trouble: None })).cloned().collect();
        }
        Ok(Err(problem)) => problem,
        Err(_) => Problem::Passing { status: None },
    };
    let mut events = visit.told[before..].to_vec();
    events.push(Event::Failed(problem));
    events
}

async fn handed_over(visit: &mut Visit, app: &mut Native) -> Result<(), Problem> {
    // An earlier attempt may have left a comparison.
    visit.tell(Command::Verify(Move::Cancel)).await;
    say(visit, Move::Ask).await?;
    let is_shown = |event: &Event| matches!(event, Event::Verification(Verification::Comparing { .. }));
    {
        let (ours, theirs) = (pin!(hear(visit, is_shown)), pin!(app.accept()));
        match select(ours, theirs).await {
            Either::Left((ours, theirs)) => {
                ours?;
                theirs.await;
            }
            Either::Right((_, ours)) => ours.await?,
        }
    }
    app.say_they_match().await;
    let shown = visit.shown().ok_or(Problem::Passing { status: None })?;
    say(visit, Move::Match(shown)).await?;
    let is_handed_over = |event: &Event| matches!(event, Event::HandedOver(came) if came.is_complete());
    hear(visit, is_handed_over).await
}

/// Makes a move.
async fn say(visit: &mut Visit, made: Move) -> Result<(), Problem> {
    match visit.tell(Command::Verify(made)).await.last() {
        Some(Event::Failed(problem)) => Err(problem.clone()),
        _ => Ok(()),
    }
}

/// Listens until a wanted event comes; a cancelled comparison is a failure.
async fn hear(visit: &mut Visit, wanted: impl Fn(&Event) -> bool) -> Result<(), Problem> {
    let mut troubles = 0;
    for _ in 0..LISTENS {
        let events = visit.listen_a_while().await;
        if events.iter().any(&wanted) {
            return Ok(());
        }
        let cancelled = |event: &Event| matches!(event, Event::Verification(Verification::Cancelled { .. }));
        if events.iter().any(cancelled) {
            break;
        }
        if let Some(Event::Heard { trouble: Some(problem) } | Event::Failed(problem)) = events.last() {
            troubles += 1;
            if troubles == TROUBLES {
                return Err(problem.clone());
            }
        }
    }
    Err(Problem::Passing { status: None })
}
