//! Measures and prints what the engine costs: a look at accounts with ever more rooms, a fresh backup of ever more room
//! keys, and coverage. With `history` it measures only coverage of whole histories.
//!
//! Runs under `tests/support/server/homeserver.mjs`. Asserts no time.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "coverage.rs"]
mod coverage;
#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use matrixbackup::{
    domain::plan::{Action, Task},
    protocol::messages::{Command, Event},
};
use serde_json::json;
use support::{account::Account, made::MadeAccount, proxy::Proxy, room_keys, visit::Visit};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // Measures histories alone if that is asked.
    if std::env::args().any(|asked| asked == "history") {
        return coverage::measure_history().await;
    }
    println!("looking at an account           requests   median of 9");
    let mut looked_at = MadeAccount::all_right().await;
    let mut rooms = 0;
    for wanted in [10, 200, 2_000] {
        add_rooms(&looked_at.account, wanted - rooms).await;
        rooms = wanted;
        look(&mut looked_at, rooms).await;
    }
    println!("\na fresh backup                  whole      download   upload     compare    per key");
    for keys in [5_000, 10_000, 20_000] {
        rotate(keys).await;
    }
    coverage::measure().await;
    coverage::measure_history().await;
}

async fn add_rooms(account: &Account, number: usize) {
    let create = |at: usize| async move {
        let room = json!({
            "name": format!("Room {at}"),
            "initial_state": [{
                "type": "m.room.encryption", "state_key": "",
                "content": {"algorithm": "m.megolm.v1.aes-sha2"},
            }],
        });
        assert_eq!(account.ask("POST", "createRoom", Some(room)).await.0, 200);
    };
    stream::iter((0..number).map(create)).buffer_unordered(8).collect::<Vec<()>>().await;
}

async fn look(made: &mut MadeAccount, rooms: usize) {
    let proxy = Proxy::recording(&made.account.homeserver).await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &made.account).await;
    let before = proxy.lines().len();
    let mut times = Vec::new();
    for _ in 0..9 {
        let start = Instant::now();
        assert!(matches!(visit.tell(Command::Look).await[..], [Event::Looked(_)]));
        times.push(start.elapsed());
    }
    times.sort();
    let requests = (proxy.lines().len() - before) / times.len();
    println!("  with {rooms:>5} rooms              {requests}          {:>6.1} ms", ms(times[4]));
    visit.sign_out().await;
}

async fn rotate(keys: usize) {
    let MadeAccount { account, key, backup_key } = MadeAccount::all_right().await;
    account.put_room_keys("1", &backup_key.megolm_v1_public_key(), &room_keys::make(keys, 200)).await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.try_key(&key).await;
    let start = Instant::now();
    let times = std::cell::RefCell::new(Vec::new());
    let kept_key = matrixbackup::domain::secret::Secret::default();
    let command = Command::Write { action: Action::Rotate, kept_key };
    visit
        .engine
        .handle(command, &|event| match event {
            Event::TaskDone(task) => times.borrow_mut().push((task, start.elapsed())),
            Event::Failed(problem) => panic!("{problem:?}"),
            _ => {}
        })
        .await;
    let whole = start.elapsed();
    let times = times.into_inner();
    let took = |task: Task| {
        let at = times.iter().position(|(done, _)| *done == task).unwrap();
        times[at].1 - times[at - 1].1
    };
    let seconds = |time: Duration| format!("{:>6.2} s", time.as_secs_f64());
    println!(
        "  of {keys:>6} room keys             {}   {}   {}   {}   {:.3} ms",
        seconds(whole),
        seconds(took(Task::Download)),
        seconds(took(Task::Upload)),
        seconds(took(Task::Compare)),
        ms(whole) / keys as f64,
    );
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
