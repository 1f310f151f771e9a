//! What coverage costs, beside matrix-js-sdk doing the same on the same account in the same run: the rooms, their newest
//! hundred messages, and which of these have a key in the backup.

use std::time::Instant;

use futures_util::{StreamExt as _, stream};
use matrixbackup::{
    domain::coverage::{RoomCoverage, Tally},
    protocol::messages::{Command, Event},
};
use serde_json::{Map, Value, json};

use super::support::{conversation::Sending, made::MadeAccount, proxy::Proxy, verifier::ask, visit::Visit};

/// How many sessions a room's messages are in, and how many of them the backup has.
const SESSIONS: usize = 10;
const HELD: usize = 8;
/// How many messages each session has; with the one that was sent they are one more than a hundred.
const EACH: usize = 10;

pub async fn measure() {
    println!(
        "\ncoverage                       ours        js-sdk      ratio   requests   memory of the engine's process"
    );
    let made = MadeAccount::all_right().await;
    let mut rooms = 0;
    for wanted in [20, 100, 500] {
        add_rooms(&made, wanted - rooms).await;
        rooms = wanted;
        compare(&made, rooms).await;
    }
}

/// Rooms with a hundred messages each, four in five of which have their keys in the backup.
async fn add_rooms(made: &MadeAccount, number: usize) {
    let make = async |_| {
        let room = made.account.make_room(json!({})).await;
        let mut sessions = (0..SESSIONS).map(|_| Sending::new(&room)).collect::<Vec<_>>();
        sessions[0].say(&made.account, 1).await;
        (room, sessions)
    };
    let rooms = stream::iter((0..number).map(make)).buffer_unordered(8).collect::<Vec<_>>().await;
    let mut histories = Map::new();
    let mut held = Vec::new();
    for (room, sessions) in rooms {
        let ids =
            sessions.iter().map(|session| Value::from(session.key.session_id.clone())).collect::<Vec<_>>();
        histories.insert(room, ids.into());
        held.extend(sessions.into_iter().take(HELD).map(|session| session.key));
    }
    ask("support/history.mjs", &json!({"each": EACH, "rooms": histories}));
    made.account.put_room_keys("1", &made.backup_key.megolm_v1_public_key(), &held).await;
}

async fn compare(made: &MadeAccount, rooms: usize) {
    // Once through a proxy, to count what is asked; then for the time and the memory it takes.
    let proxy = Proxy::recording(&made.account.homeserver).await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &made.account).await;
    visit.try_key(&made.key).await;
    let before = proxy.lines().len();
    cover(&mut visit).await;
    let requests = proxy.lines().len() - before;
    visit.sign_out().await;

    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    visit.try_key(&made.key).await;
    forget_most_memory();
    let start = Instant::now();
    let tally = cover(&mut visit).await;
    let ours = start.elapsed().as_secs_f64();
    let memory = memory("VmHWM");
    visit.sign_out().await;

    let question = json!({
        "homeserver": made.account.homeserver, "user": made.account.user_id, "password": made.account.password,
        "recovery_key": made.key,
    });
    let theirs = ask("bench/coverage.mjs", &question);
    assert_eq!(
        (theirs["covered"].as_u64(), theirs["missing"].as_u64()),
        (Some(tally.covered), Some(tally.missing))
    );
    let seconds = theirs["seconds"].as_f64().unwrap();
    let messages = tally.covered + tally.missing;
    println!(
        "  {rooms:>3} rooms, {messages:>6} messages   {ours:>6.2} s    {seconds:>6.2} s    {:>4.2}   {requests:>6}     {memory} MB (theirs {} MB)",
        ours / seconds,
        theirs["megabytes"],
    );
}

async fn cover(visit: &mut Visit) -> Tally {
    let events = visit.tell(Command::Cover { further: false }).await;
    assert!(matches!(events.last(), Some(Event::Covered { .. })), "{:?}", events.last());
    let room = |event: Event| match event {
        Event::RoomCovered(room) => Some(room),
        _ => None,
    };
    Tally::of(&events.into_iter().filter_map(room).collect::<Vec<RoomCoverage>>())
}

/// From here on the most memory is counted anew.
fn forget_most_memory() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// In megabytes.
fn memory(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
}
