//! Looks at all encrypted rooms, a few at a time.

use std::{cell::Cell, pin::pin, time::Duration};

use futures_util::{
    StreamExt as _,
    future::{Either, select},
    stream, try_join,
};
use matrix_sdk::{
    ruma::{MilliSecondsSinceUnixEpoch, time::Instant},
    sleep::sleep,
};

use super::{
    held::Held,
    room::{MOST_RANGES, Room},
    rooms::{NamedRoom, encrypted_rooms},
};
use crate::{
    domain::problem::Problem,
    engine::{
        account::our_backup::OurBackup,
        bell::Bell,
        net::{
            failure::{Failure, Refusal},
            homeserver::Homeserver,
            stop::unless_stopped,
        },
    },
    protocol::messages::Event,
};

/// Rooms that are looked at at the same time. More gained nothing with a server nearby; with one far away these keep
/// the line busy.
const AT_A_TIME: usize = 4;
/// The time for which a look further back runs before it tells how far it came.
const SLICE: Duration = Duration::from_secs(2);
/// The time that a requested page may still take once the next command waits: an answer that is dropped costs the
/// server as much.
const GRACE: Duration = Duration::from_millis(250);
/// The longest time for which a look further back waits when a server asks for it, in milliseconds.
const LONGEST_WAIT_MS: u64 = 20_000;

/// The rooms, how far back each was looked at, and the entries their messages were compared with.
pub(in crate::engine) struct Survey {
    held: Held,
    rooms: Vec<Room>,
    /// The time at which the server may be asked again, in milliseconds since 1970.
    come_back_ms: Cell<u64>,
    /// The ranges of messages that may still be kept.
    ranges: Cell<usize>,
}

/// Looks at the newest messages of every encrypted room. With `further`, only completes an earlier look, and compares
/// all seen messages with the backup as it is now.
///
/// # Errors
/// [`Problem::BackupReplaced`] if this visit's backup is not the current one, before or after; a problem that ends the
/// whole look, such as a sign-out. A problem with one room is told of that room.
pub(in crate::engine) async fn cover(
    server: &Homeserver,
    ours: &OurBackup,
    survey: &mut Option<Survey>,
    further: bool,
    stop: &Cell<bool>,
    bell: &Bell,
    tell: &impl Fn(Event),
) -> Result<(), Problem> {
    if !further {
        *survey = None;
    }
    let work = unless_stopped(stop, look(survey, server, ours, tell));
    // The next command ends the wait: the person has gone elsewhere.
    let result = match select(pin!(work), pin!(bell.rung())).await {
        Either::Left((result, _)) => result,
        Either::Right(((), _)) => None,
    };
    result.unwrap_or_else(|| {
        tell(Event::Stopped);
        Ok(())
    })
}

async fn look(
    survey: &mut Option<Survey>,
    server: &Homeserver,
    ours: &OurBackup,
    tell: &impl Fn(Event),
) -> Result<(), Problem> {
    let Survey { held, rooms, come_back_ms, ranges } = of_this_backup(survey, server, ours).await?;
    let rooms = rooms.iter_mut().filter(|room| room.needs_first_look()).collect::<Vec<_>>();
    let total = rooms.len() as u64;
    tell(Event::Progress { done: 0, total });

    come_back_ms.set(0);
    let looks = rooms.into_iter().map(async |room| {
        // The server asks to wait: no other room is asked about until then.
        if now_ms() < come_back_ms.get() {
            room.skip();
            return (Ok(()), room);
        }
        let result = room.look(server, held, ranges).await;
        if let Err(failure) = &result {
            note_wait(failure, come_back_ms);
        }
        (result, room)
    });
    let mut looks = pin!(stream::iter(looks).buffer_unordered(AT_A_TIME));
    let mut done = 0;
    let mut unanswered = 0;
    while let Some((result, room)) = looks.next().await {
        unanswered = if matches!(result, Err(Failure::NoAnswer)) { unanswered + 1 } else { 0 };
        if let Err(failure) = result {
            if failure.is("M_NOT_FOUND") {
                ours.current(server).await?;
            }
            let problem = Problem::from(failure);
            if is_about_everything(&problem) || unanswered == AT_A_TIME {
                return Err(problem);
            }
        }
        tell_of(room, tell);
        done += 1;
        tell(Event::Progress { done, total });
    }
    ours.current(server).await?;
    tell(Event::Covered { at_ms: now_ms(), etag: held.etag.clone() });
    Ok(())
}

/// Goes on with the survey if it is of this backup, with the entries as they are now; begins one otherwise.
async fn of_this_backup<'a>(
    survey: &'a mut Option<Survey>,
    server: &Homeserver,
    ours: &OurBackup,
) -> Result<&'a mut Survey, Problem> {
    let (backup, key) = ours.current(server).await?;
    let backup = backup.facts;
    if survey.as_ref().is_none_or(|survey| survey.held.version != backup.version) {
        let rooms = encrypted_rooms(server).await?.into_iter().map(Room::new).collect();
        let held = Held::read(server, backup, &key).await?;
        let (come_back_ms, ranges) = (Cell::new(0), Cell::new(MOST_RANGES));
        return Ok(survey.insert(Survey { held, rooms, come_back_ms, ranges }));
    }
    let survey = survey.as_mut().ok_or(Problem::out_of_order())?;
    if survey.held.etag != backup.etag {
        let (rooms, held) = try_join!(encrypted_rooms(server), Held::read(server, backup, &key))?;
        survey.held = held;
        survey.rooms.iter_mut().for_each(Room::backup_changed);
        let is_new = |room: &NamedRoom| survey.rooms.iter().all(|known| known.named.room_id != room.room_id);
        let new: Vec<_> = rooms.into_iter().filter(is_new).map(Room::new).collect();
        survey.rooms.extend(new);
    }
    Ok(survey)
}

/// Looks further back, towards the beginning of every room, for some seconds or until the next command comes. Every
/// room keeps its place. Compares with the entries that were read last.
pub(in crate::engine) async fn go_further(
    server: &Homeserver,
    ours: &OurBackup,
    kept: &mut Option<Survey>,
    stop: &Cell<bool>,
    bell: &Bell,
    tell: &impl Fn(Event),
) {
    // Without a first look at this backup there is nothing to continue.
    let is_of = |version: &str| ours.get().is_some_and(|(ours, _)| ours == version);
    let Some(mut survey) = kept.take().filter(|survey| is_of(&survey.held.version)) else {
        return tell(Event::WentFurther { more: false, trouble: None });
    };
    let is_wanted = Cell::new(false);
    let work = unless_stopped(stop, survey.go_further(server, ours, &is_wanted));
    let wanted = async {
        bell.rung().await;
        is_wanted.set(true);
        sleep(GRACE).await;
    };
    let trouble = match select(pin!(work), pin!(wanted)).await {
        Either::Left((result, _)) => result.and_then(Result::err),
        Either::Right(((), _)) => None,
    };
    survey.rooms.iter_mut().filter(|room| room.has_news).for_each(|room| tell_of(room, tell));
    let more = survey.rooms.iter().any(Room::goes_further);
    if !more {
        survey.held.let_go();
    }
    *kept = Some(survey);
    tell(Event::WentFurther { more, trouble });
}

impl Survey {
    /// Looks further back until the slice is over or the next command comes.
    async fn go_further(
        &mut self,
        server: &Homeserver,
        ours: &OurBackup,
        is_wanted: &Cell<bool>,
    ) -> Result<(), Problem> {
        let Self { held, rooms, come_back_ms, ranges } = self;
        let wait = come_back_ms.get().saturating_sub(now_ms());
        sleep(Duration::from_millis(wait.min(LONGEST_WAIT_MS))).await;
        let since = Instant::now();
        let is_enough = || is_wanted.get() || since.elapsed() >= SLICE || now_ms() < come_back_ms.get();
        let looks = rooms.iter_mut().filter(|room| room.goes_further()).map(async |room| {
            if is_enough() {
                return (Ok(()), room);
            }
            let result = room.look_further(server, held, ranges, is_enough).await;
            if let Err(failure) = &result {
                note_wait(failure, come_back_ms);
            }
            (result, room)
        });
        let mut looks = pin!(stream::iter(looks).buffer_unordered(AT_A_TIME));
        while let Some((result, room)) = looks.next().await {
            let Err(failure) = result else { continue };
            match &failure {
                // The next slice asks again.
                Failure::Refused(Refusal { status: 429, retry_after_ms: Some(_), .. }) => {}
                // Another room would fail as well.
                Failure::NoAnswer => return Err(failure.into()),
                Failure::Refused(refusal) if refusal.status >= 500 || refusal.status == 429 => {
                    return Err(failure.into());
                }
                Failure::Garbled | Failure::Refused(_) => {
                    if failure.is("M_NOT_FOUND") {
                        ours.current(server).await?;
                    }
                    let problem = Problem::from(failure);
                    if is_about_everything(&problem) {
                        return Err(problem);
                    }
                    room.leave();
                }
            }
        }
        Ok(())
    }
}

fn tell_of(room: &mut Room, tell: &impl Fn(Event)) {
    room.has_news = false;
    if let Some(report) = room.report() {
        tell(Event::RoomCovered(report));
    }
}

/// Notes when the server may be asked again.
fn note_wait(failure: &Failure, come_back_ms: &Cell<u64>) {
    if let Failure::Refused(Refusal { status: 429, retry_after_ms: Some(wait), .. }) = failure {
        come_back_ms.set(now_ms().saturating_add(*wait));
    }
}

/// Tells whether a problem with one room would be the next one's, too.
fn is_about_everything(problem: &Problem) -> bool {
    matches!(problem, Problem::SignedOut | Problem::Deactivated | Problem::Locked)
}

fn now_ms() -> u64 {
    MilliSecondsSinceUnixEpoch::now().get().into()
}
