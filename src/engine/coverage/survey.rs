//! All encrypted rooms, a few at a time.

use std::{cell::Cell, pin::pin};

use futures_util::{StreamExt as _, stream};
use matrix_sdk::ruma::MilliSecondsSinceUnixEpoch;

use super::{held::Held, room::Room, rooms::encrypted_rooms};
use crate::{
    domain::problem::Problem,
    engine::{
        http::{Failure, Refusal},
        session::Session,
        stop::unless_stopped,
    },
    protocol::messages::Event,
};

/// How many rooms are looked at at the same time. More than this gained nothing on a server nearby, and on one
/// far away keeps the line busy.
const AT_A_TIME: usize = 4;

/// The rooms, and how far each was looked at.
pub(in crate::engine) struct Survey {
    version: String,
    rooms: Vec<Room>,
}

/// Looks at every encrypted room: anew from the newest message, or from where each was left.
///
/// # Errors
/// [`Problem::BackupReplaced`] if this visit's backup is not the current one, before or after; what ended
/// the whole look, such as being signed out. What is wrong with one room is told of that room.
pub(in crate::engine) async fn cover(
    session: &mut Session,
    further: bool,
    stop: &Cell<bool>,
    tell: &impl Fn(Event),
) -> Result<(), Problem> {
    // Taken out while it is worked on, since that reads the session; put back whatever happens.
    let mut survey = session.survey.take().filter(|_| further);
    let result = unless_stopped(stop, look(&mut survey, session, tell)).await;
    session.survey = survey;
    result.unwrap_or_else(|| {
        tell(Event::Stopped);
        Ok(())
    })
}

async fn look(survey: &mut Option<Survey>, session: &Session, tell: &impl Fn(Event)) -> Result<(), Problem> {
    let server = &session.server;
    let backup = session.current_ours().await?.0.facts;
    let survey = match survey {
        Some(survey) if survey.version == backup.version => survey,
        survey => {
            let rooms = encrypted_rooms(server).await?.into_iter().map(Room::new).collect();
            survey.insert(Survey { version: backup.version.clone(), rooms })
        }
    };
    let rooms = survey.rooms.iter_mut().filter(|room| room.has_more_to_tell()).collect::<Vec<_>>();
    let total = rooms.len() as u64;
    tell(Event::Progress { done: 0, total });
    let held = Held::read(server, &backup.version, backup.count).await?;

    let come_back = Cell::new(0);
    let looks = rooms.into_iter().map(async |room| {
        // The server has said when to come back: no other room is asked about until then.
        if now_ms() < come_back.get() {
            room.skip();
            return (Ok(()), &*room);
        }
        let result = room.look(server, &backup.version, &held).await;
        if let Err(Failure::Refused(Refusal { status: 429, retry_after_ms: Some(wait), .. })) = &result {
            come_back.set(now_ms().saturating_add(*wait));
        }
        (result, &*room)
    });
    let mut looks = pin!(stream::iter(looks).buffer_unordered(AT_A_TIME));
    let mut done = 0;
    let mut unanswered = 0;
    while let Some((result, room)) = looks.next().await {
        unanswered = if matches!(result, Err(Failure::NoAnswer)) { unanswered + 1 } else { 0 };
        if let Err(failure) = result {
            if failure.is("M_NOT_FOUND") {
                session.current_ours().await?;
            }
            let problem = Problem::from(failure);
            if is_about_everything(&problem) || unanswered == AT_A_TIME {
                return Err(problem);
            }
        }
        if let Some(report) = room.report() {
            tell(Event::RoomCovered(report));
        }
        done += 1;
        tell(Event::Progress { done, total });
    }
    session.current_ours().await?;
    tell(Event::Covered { at_ms: now_ms(), etag: backup.etag });
    Ok(())
}

/// Whether a problem with one room would be the next one's, too.
fn is_about_everything(problem: &Problem) -> bool {
    matches!(problem, Problem::SignedOut | Problem::Deactivated | Problem::Locked)
}

fn now_ms() -> u64 {
    MilliSecondsSinceUnixEpoch::now().get().into()
}
