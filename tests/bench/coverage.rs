//! Measures coverage beside matrix-js-sdk, which does the same on the same account in the same run. Both look at the
//! rooms' newest hundred messages, and find those with a key in the backup. Then measures whole histories, beside the
//! bare requests for their pages, which nobody reads.

use std::{collections::BTreeMap, time::Instant};

use futures_util::{StreamExt as _, stream};
use matrix_sdk::reqwest;
use matrixbackup::{
    domain::coverage::{RoomCoverage, Tally},
    protocol::messages::{Command, Event},
};
use serde_json::{Map, json};

use super::support::{conversation::Sending, made::MadeAccount, proxy::Proxy, verifier::ask, visit::Visit};

/// Number of sessions of a room's messages, and of those whose key is in the backup.
const SESSIONS: usize = 10;
const HELD: usize = 8;
/// Number of messages in each session. With the one that was really sent a room has 101.
const EACH: usize = 10;

pub async fn measure() {
    println!(
        "\ncoverage                       ours        js-sdk      ratio   requests   memory of the engine's process"
    );
    let made = MadeAccount::all_right().await;
    let mut rooms = 0;
    for wanted in [20, 100, 500] {
        add_rooms(&made, wanted - rooms, SESSIONS).await;
        rooms = wanted;
        compare(&made, rooms).await;
    }
}

/// Adds rooms with a hundred messages each; four in five of these have their key in the backup.
async fn add_rooms(made: &MadeAccount, number: usize, sessions: usize) {
    let make = async |_| {
        let room = made.account.make_room(json!({})).await;
        let mut sessions = (0..sessions).map(|_| Sending::new(&room)).collect::<Vec<_>>();
        sessions[0].say(&made.account, 1).await;
        (room, sessions)
    };
    let rooms = stream::iter((0..number).map(make)).buffer_unordered(8).collect::<Vec<_>>().await;
    let mut histories = Map::new();
    let mut held = Vec::new();
    for (room, mut sessions) in rooms {
        let said = sessions.iter_mut().map(|session| {
            let ciphertexts: Vec<_> = (0..EACH).map(|_| session.seal()).collect();
            json!([session.key.session_id, ciphertexts])
        });
        histories.insert(room, said.collect());
        let held_of_them = sessions.len() * HELD / SESSIONS;
        held.extend(sessions.into_iter().take(held_of_them).map(|session| session.key));
    }
    ask("support/accounts/history.mjs", &json!({"rooms": histories}));
    made.account.put_room_keys("1", &made.backup_key.megolm_v1_public_key(), &held).await;
}

/// Measures whole histories, to the beginning of every room: ours, and the bare pages with as many requests at a time.
pub async fn measure_history() {
    println!(
        "\nwhole histories                ours        bare pages  speed   first answer   memory it took"
    );
    for sessions in [SESSIONS, 4 * SESSIONS] {
        let made = MadeAccount::all_right().await;
        add_rooms(&made, 500, sessions).await;
        let bare = bare_pages(&made).await;
        let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
        visit.try_key(&made.key).await;
        forget_most_memory();
        let before = memory("VmRSS");
        let start = Instant::now();
        let mut rooms = BTreeMap::new();
        let mut add = |events: &[Event]| {
            for event in events {
                if let Event::RoomCovered(room) = event {
                    rooms.insert(room.room_id.clone(), room.clone());
                }
            }
        };
        add(&visit.tell(Command::Cover { further: false }).await);
        let first = start.elapsed().as_secs_f64();
        loop {
            let events = visit.tell(Command::GoFurther).await;
            add(&events);
            match events.last() {
                Some(Event::WentFurther { more: true, trouble: None }) => {}
                Some(Event::WentFurther { more: false, trouble: None }) => break,
                other => panic!("{other:?}"),
            }
        }
        let ours = start.elapsed().as_secs_f64();
        let memory = memory("VmHWM") - before;
        let tally = Tally::of(&rooms.into_values().collect::<Vec<_>>());
        assert_eq!(tally.to_beginning, 500);
        let messages = tally.covered + tally.missing + tally.unopened;
        assert_eq!(messages, bare.0);
        println!(
            "  500 rooms, {messages:>7} messages {ours:>6.2} s    {:>6.2} s    {:>3.0} %   {first:>6.2} s       {memory} MB",
            bare.1,
            100.0 * bare.1 / ours,
        );
        visit.sign_out().await;
    }
}

/// Fetches every room's messages, two hundred to a page, four rooms at a time; returns their number and the seconds.
async fn bare_pages(made: &MadeAccount) -> (u64, f64) {
    let (status, answer) = made.account.ask("GET", "joined_rooms", None).await;
    assert_eq!(status, 200);
    let rooms: Vec<_> =
        answer["joined_rooms"].as_array().unwrap().iter().map(|room| room.as_str().unwrap()).collect();
    let filter = "%7B%22types%22%3A%5B%22m.room.encrypted%22%5D%7D";
    let start = Instant::now();
    let http = reqwest::Client::new();
    let look = |room: String| {
        let http = http.clone();
        async move {
            let mut events = 0;
            let mut from = String::new();
            loop {
                let url = format!(
                    "{}/_matrix/client/v3/rooms/{room}/messages?dir=b&limit=200&filter={filter}{from}",
                    made.account.homeserver
                );
                let answer = http.get(url).bearer_auth(made.account.token()).send().await.unwrap();
                let text = answer.text().await.unwrap();
                events += text.matches("\"m.room.encrypted\"").count() as u64;
                let page: Page = serde_json::from_str(&text).unwrap();
                match page.end {
                    Some(end) => from = format!("&from={end}"),
                    None => break events,
                }
            }
        }
    };
    let looks = stream::iter(rooms.into_iter().map(|room| look(room.to_owned()))).buffer_unordered(4);
    let events = looks.fold(0, |sum, events| std::future::ready(sum + events)).await;
    (events, start.elapsed().as_secs_f64())
}

/// The part of a page that leads to the next one.
#[derive(serde::Deserialize)]
struct Page {
    end: Option<String>,
}

async fn compare(made: &MadeAccount, rooms: usize) {
    // The first visit goes through a proxy, to count its requests; the second one is measured.
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

/// Counts the most memory anew from here on (Linux).
fn forget_most_memory() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// Reads a line of `/proc/self/status`, in megabytes.
fn memory(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
}
