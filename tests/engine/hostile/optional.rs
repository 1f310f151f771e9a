//! Requests on whose answers nothing depends, answered in every wrong way: the job they come with goes on.

use std::time::{Duration, Instant};

use matrixbackup::{
    domain::opening::Opening,
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    hostile_homeserver::{Answer, Asked, HostileHomeserver},
    made::MadeAccount,
    visit::Visit,
};

/// 33 bytes, written with as many letters as a session id.
const LONGER: &str = "MT4VbsBYLI4Csewth0ViOt1T2gh5A8iaOWlEjcI6ErQA";

/// Tells whether a request is optional: the newest messages, the entries of their sessions, or the devices that earlier
/// visits left.
fn is_optional(asked: &Asked) -> bool {
    asked.path.contains("/org.matrix.simplified_msc3575/sync")
        || asked.path.contains("/room_keys/keys/")
        || asked.is("GET", "/devices")
}

/// Checks that trying the key and opening everything again both work.
async fn goes_on(server: &HostileHomeserver, account: &Account, key: &str) {
    let (mut visit, _) = Visit::sign_in(&server.url, account).await;
    let opening = visit.try_key(key).await;
    assert!(opening.is_all_right(), "{opening:?}");
    let events = visit.tell(Command::Check).await;
    assert!(matches!(events[..], [Event::Checked(_)]), "{events:?}");
}

#[tokio::test]
async fn what_decides_nothing_fails_alone() {
    let MadeAccount { account, key, .. } = MadeAccount::all_right().await;
    for (status, body) in [
        (500, "{}"),
        (404, ""),
        (403, r#"{"errcode": "M_FORBIDDEN"}"#),
        (200, ""),
        (200, "[7]"),
        (200, r#"{"pos": 7}"#),
    ] {
        let server = HostileHomeserver::before(&account.homeserver, move |asked| {
            if is_optional(asked) { Answer::Instead(status, body.to_owned()) } else { Answer::Pass }
        })
        .await;
        goes_on(&server, &account, &key).await;
        assert!(server.asked().iter().any(is_optional), "{status} {body}");
    }
}

#[tokio::test]
async fn what_decides_nothing_is_not_waited_for_without_end() {
    let MadeAccount { account, key, .. } = MadeAccount::all_right().await;
    let server = HostileHomeserver::before(&account.homeserver, |asked| {
        if is_optional(asked) { Answer::Never } else { Answer::Pass }
    })
    .await;
    let begin = Instant::now();
    goes_on(&server, &account, &key).await;
    assert!(begin.elapsed() < Duration::from_secs(55), "{:?}", begin.elapsed());
}

/// Anybody in a room can send such a message.
#[tokio::test]
async fn a_message_whose_session_cannot_be_one_stops_nothing() {
    let MadeAccount { account, key, .. } = MadeAccount::all_right().await;
    let server = HostileHomeserver::before(&account.homeserver, |asked| {
        if !asked.path.contains("/org.matrix.simplified_msc3575/sync") {
            return Answer::Pass;
        }
        let ciphertext = "AwgAEhBjY2NjY2NjY2NjY2NjY2NjbW1tbW1tbW1zc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3MA";
        let event = |session_id: &str| json!({ "type": "m.room.encrypted", "sender": "@bob:example.org", "content": {
            "algorithm": "m.megolm.v1.aes-sha2", "session_id": session_id, "ciphertext": ciphertext,
        }});
        let timeline: Vec<Value> = [LONGER, "?", "..", "AAAA"].iter().map(|id| event(id)).collect();
        Answer::json(200, json!({ "pos": "1", "rooms": { "!room:example.org": { "timeline": timeline } } }))
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
    let opening = visit.try_key(&key).await;
    let Opening::SecretStorage { found, .. } = &opening else { panic!("{opening:?}") };
    assert_eq!(found.coverage, Some(Default::default()), "looked at, and nothing was a message");
}
