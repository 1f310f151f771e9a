//! Stops long commands: while a server does not answer, before they begin, and never the next one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use matrixbackup::{
    domain::{plan::Action, secret::Secret},
    protocol::messages::{Command, Event},
};

use crate::support::{
    key_files::{PASSPHRASE, file_of},
    made::MadeAccount,
    proxy::{Proxy, Reply},
    room_keys,
    visit::{Visit, tasks_in},
};

/// Far longer than anything takes here, and far shorter than a request's deadline.
const PATIENCE: Duration = Duration::from_secs(20);

fn import() -> Command {
    Command::Import { passphrase: Secret::from(PASSPHRASE) }
}

fn take_home() -> Command {
    Command::TakeHome { passphrase: Secret::from(PASSPHRASE) }
}

fn rotate() -> Command {
    Command::Write { action: Action::Rotate, kept_key: Secret::default() }
}

/// Tells whether the last event says that a command was stopped.
fn is_stopped(events: &[Event]) -> bool {
    matches!(events.last(), Some(Event::Stopped | Event::Tried(_)))
}

#[tokio::test]
async fn a_stop_is_heard_while_the_server_does_not_give_the_keys() {
    let made = MadeAccount::all_right().await;
    let keys = room_keys::make(20, 2);
    made.account.put_room_keys("1", &made.backup_key.megolm_v1_public_key(), &keys).await;
    let is_asked = Arc::new(AtomicBool::new(false));
    let asked = is_asked.clone();
    let proxy = Proxy::ruled(&made.account.homeserver, move |method, path| {
        if method == "GET" && path.contains("/room_keys/keys") {
            asked.store(true, Ordering::Relaxed);
            return Reply::Later;
        }
        Reply::Pass
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &made.account).await;
    assert!(visit.try_key(&made.key).await.is_all_right());
    visit.send_file(&file_of(&room_keys::make(3, 1))).await;
    let stop = visit.engine.stop();
    // After a fresh backup was stopped the key is tried once more, which takes some requests.
    for (command, heard_within_ms) in [(import(), 500), (take_home(), 500), (rotate(), 3_000)] {
        is_asked.store(false, Ordering::Relaxed);
        let name = format!("{command:?}");
        let person = async {
            while !is_asked.load(Ordering::Relaxed) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            stop.set(true);
            Instant::now()
        };
        let work = async { (visit.tell(command).await, Instant::now()) };
        let both = async { futures_util::join!(work, person) };
        let ((events, heard), asked) = tokio::time::timeout(PATIENCE, both).await.expect(&name);
        assert!(is_stopped(&events), "{events:?}");
        let took = heard.duration_since(asked);
        assert!(took < Duration::from_millis(heard_within_ms), "{name}: {took:?}");
    }
    assert_eq!(made.account.ask("GET", "room_keys/version", None).await.1["version"], "1");
}

#[tokio::test]
async fn a_stop_before_a_command_begins_stops_it_and_not_the_next() {
    let made = MadeAccount::all_right().await;
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    assert!(visit.try_key(&made.key).await.is_all_right());
    visit.send_file(&file_of(&room_keys::make(3, 1))).await;
    let stop = visit.engine.stop();
    let before = made.account.everything().await;
    let cover = || Command::Cover { further: false };
    for command in [import, take_home, cover, rotate] {
        stop.set(true);
        let events = visit.tell(command()).await;
        assert!(is_stopped(&events) && tasks_in(&events).is_empty(), "{events:?}");
        assert!(!stop.get());
    }
    assert_eq!(made.account.everything().await, before);
    // A stop that came during a command that cannot be stopped does not stop the next one.
    stop.set(true);
    assert!(matches!(visit.tell(Command::Count).await[..], [Event::Counted { room_keys: 0, .. }]));
    for command in [import, take_home, cover, rotate] {
        let events = visit.tell(command()).await;
        let is_done = matches!(
            events.last(),
            Some(Event::Imported(_) | Event::TakenHome(_) | Event::Covered { .. } | Event::Rotated { .. })
        );
        assert!(is_done, "{events:?}");
    }
}
