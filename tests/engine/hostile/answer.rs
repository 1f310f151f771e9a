//! Answers that are too large, too deep, of the wrong form, or that lead elsewhere.

use std::time::{Duration, Instant};

use matrixbackup::{
    domain::{opening::StoredIdentity, problem::Problem},
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    hostile_homeserver::{Answer, HostileHomeserver},
    made::MadeAccount,
    visit::{self, Visit},
};

/// The requests that the page sends before anybody agrees to anything.
const LOOKS: [(&str, &str); 3] = [("GET", "/sync"), ("GET", "/room_keys/version"), ("POST", "/keys/query")];

async fn sign_in(server: &HostileHomeserver, account: &Account) -> (Visit, Vec<Event>) {
    let mut visit = Visit::default();
    let events = visit.tell(visit::sign_in(&server.url, account)).await;
    (visit, events)
}

#[tokio::test]
async fn an_answer_without_end_is_given_up_where_no_honest_one_ends() {
    let account = Account::register().await;
    for (method, end) in LOOKS {
        for length in [None, Some(10_000_000_000)] {
            let server = HostileHomeserver::before(&account.homeserver, move |asked| {
                if asked.is(method, end) { Answer::Endless(length) } else { Answer::Pass }
            })
            .await;
            let (_, events) = sign_in(&server, &account).await;
            match events.last() {
                // A version that the server cannot tell of keeps nobody from the rest.
                Some(Event::Looked(seen)) if end == "/room_keys/version" => assert!(seen.backup_untold),
                last => assert_eq!(last, Some(&Event::Failed(Problem::Garbled)), "{end} {length:?}"),
            }
            // The most that is read of an answer, and what was under way meanwhile.
            let read = server.endless_bytes();
            assert!(read < 32 * 1024 * 1024, "{end} {length:?}: {read}");
            assert!(server.writes().is_empty());
        }
    }
}

#[tokio::test]
async fn no_answer_leads_the_password_or_the_token_to_another_server() {
    let account = Account::register().await;
    let elsewhere = HostileHomeserver::before(&account.homeserver, |_| Answer::Pass).await;
    let paths = [("POST", "/login"), ("GET", "/sync"), ("POST", "/keys/query")];
    for (method, end) in paths {
        for status in [301, 302, 303, 307, 308] {
            let url = elsewhere.url.clone();
            let server = HostileHomeserver::before(&account.homeserver, move |asked| {
                if !asked.is(method, end) {
                    return Answer::Pass;
                }
                Answer::Redirect(status, format!("{url}{}", asked.path))
            })
            .await;
            let (_, events) = sign_in(&server, &account).await;
            assert_eq!(events.last(), Some(&Event::Failed(Problem::Garbled)), "{end} {status}");
            assert!(elsewhere.asked().is_empty(), "{end} {status}: {:?}", elsewhere.asked());
        }
    }
}

#[tokio::test]
async fn whatever_is_answered_is_a_sentence_soon_and_nothing_is_written() {
    let made = MadeAccount::all_right().await;
    let deep = |open: &str, close: &str| format!("{}0{}", open.repeat(100_000), close.repeat(100_000));
    let bodies = [
        String::new(),
        "null".into(),
        "[]".into(),
        "{}".into(),
        "7".into(),
        "\"text\"".into(),
        "<html><h1>200 OK</h1></html>".into(),
        "{\"next_batch\":".into(),
        "\u{0}\u{1}".into(),
        deep("[", "]"),
        deep("{\"a\":", "}"),
        format!("{{\"next_batch\":\"s\",\"account_data\":{{\"events\":{}}}}}", deep("[", "]")),
        json!({"next_batch": "s", "account_data": {"events": [7, {"type": 7}, {"type": "m.secret_storage.default_key", "content": {"key": ["x"]}}]}}).to_string(),
        json!({"device_keys": 7, "master_keys": [], "self_signing_keys": {"@a:b": 7}}).to_string(),
        json!({"master_keys": {&made.account.user_id: {"keys": {}, "usage": 7}}}).to_string(),
        json!({"master_keys": {&made.account.user_id: json!({"user_id": made.account.user_id, "usage": ["master"], "keys": {}})}}).to_string(),
        json!({"algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": 7, "count": 0, "etag": "0", "version": "1"}).to_string(),
        json!({"algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": {"public_key": "short"}, "count": -1, "etag": 7, "version": 1}).to_string(),
        json!({"access_token": 7, "user_id": "nobody", "device_id": []}).to_string(),
    ];
    let looks = LOOKS.into_iter().chain([("POST", "/login")]);
    for (method, end) in looks {
        for body in &bodies {
            let shown: String = body.chars().take(60).collect();
            let said = body.clone();
            let server = HostileHomeserver::before(&made.account.homeserver, move |asked| {
                if asked.is(method, end) { Answer::Instead(200, said.clone()) } else { Answer::Pass }
            })
            .await;
            let begin = Instant::now();
            let (mut visit, events) = sign_in(&server, &made.account).await;
            match events.last() {
                Some(Event::Failed(problem)) => assert!(!problem.words().title.is_empty()),
                // An identity that cannot be read must not be taken for none and replaced.
                Some(Event::Looked(facts))
                    if end == "/keys/query" && body.contains(&made.account.user_id) =>
                {
                    panic!("{shown}: {facts:?}")
                }
                // An answer that is only empty is a fact about the account.
                Some(Event::Looked(_)) => {
                    let tried = visit.tell(Command::TryKey { entry: made.key.as_str().into() }).await;
                    let is_all_right =
                        |event: &Event| matches!(event, Event::Tried(opening) if opening.is_all_right());
                    assert!(!tried.iter().any(is_all_right), "{end} {shown}");
                }
                other => panic!("{end} {shown}: {other:?}"),
            }
            assert!(begin.elapsed() < Duration::from_secs(5), "{end} {shown}: {:?}", begin.elapsed());
            assert!(server.writes().is_empty(), "{end} {shown}");
        }
    }
}

#[tokio::test]
async fn devices_without_end_are_cut_to_those_that_can_help() {
    let made = MadeAccount::all_right().await;
    let user_id = made.account.user_id.clone();
    let server = HostileHomeserver::before(&made.account.homeserver, move |asked| {
        let user_id = user_id.clone();
        if !asked.is("POST", "/keys/query") {
            return Answer::Pass;
        }
        Answer::changed(move |keys| {
            let signer = keys["self_signing_keys"][&user_id]["keys"].as_object().unwrap();
            let signer = signer.keys().next().unwrap().clone();
            let devices = keys["device_keys"][&user_id].as_object_mut().unwrap();
            for number in 0..20_000 {
                // Only the last device says that it is signed.
                let by = if number == 19_999 { json!({&signer: "AAAA"}) } else { json!({}) };
                let device = json!({
                    "user_id": user_id, "device_id": format!("Z{number:05}"), "algorithms": [], "keys": {},
                    "signatures": {&user_id: by}, "unsigned": {"device_display_name": "<b>\u{202e}x".repeat(40)},
                });
                devices.insert(format!("Z{number:05}"), device);
            }
        })
    })
    .await;
    let begin = Instant::now();
    let (_, events) = sign_in(&server, &made.account).await;
    // The answer is smaller than the largest that is read.
    let facts = match events.last() {
        Some(Event::Looked(facts)) => facts.clone(),
        other => panic!("{other:?}"),
    };
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    assert_eq!(facts.devices.len(), 500);
    assert_eq!(facts.devices[0].device_id, "Z19999");
    let name = facts.devices[1].name.as_deref().unwrap();
    assert!(name.chars().count() <= 100 && !name.contains('\u{202e}'), "{name}");
    assert!(server.writes().is_empty());
}

#[tokio::test]
async fn keys_of_somebody_else_in_our_place_are_never_taken_for_ours() {
    let made = MadeAccount::all_right().await;
    let theirs = MadeAccount::all_right().await;
    let body = json!({"device_keys": {&theirs.account.user_id: []}});
    let (_, keys) = theirs.account.ask("POST", "keys/query", Some(body)).await;
    let (ours, other) = (made.account.user_id.clone(), theirs.account.user_id.clone());
    let kinds = ["master_keys", "self_signing_keys", "user_signing_keys"];
    for renamed in [false, true] {
        let (keys, ours, other) = (keys.clone(), ours.clone(), other.clone());
        let server = HostileHomeserver::before(&made.account.homeserver, move |asked| {
            let (keys, ours, other) = (keys.clone(), ours.clone(), other.clone());
            if !asked.is("POST", "/keys/query") {
                return Answer::Pass;
            }
            Answer::changed(move |answer| {
                for kind in kinds {
                    let mut key: Value = keys[kind].get(&other).cloned().unwrap_or_default();
                    if renamed {
                        key["user_id"] = json!(ours);
                    }
                    answer[kind][&ours] = key;
                }
            })
        })
        .await;
        let (mut visit, events) = sign_in(&server, &made.account).await;
        if let Some(Event::Looked(_)) = events.last() {
            let opening = visit.try_key(&made.key).await;
            assert_eq!(opening.found().unwrap().identity, StoredIdentity::Differs);
            assert!(!opening.is_all_right());
        } else {
            assert_eq!(events.last(), Some(&Event::Failed(Problem::Garbled)));
        }
        assert!(server.writes().is_empty());
    }
}
