//! Descriptions of the recovery key that lie: about rounds, checks, and which key is the default.

use std::time::{Duration, Instant};

use matrixbackup::{
    domain::{
        opening::{NotOpened, Opening},
        plan::Action,
        problem::Problem,
        secret::Secret,
    },
    protocol::messages::Event,
};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    hostile_homeserver::{Answer, HostileHomeserver, with_account_data, without_account_data},
    made::MadeAccount,
    verifier::{Kept, verify_all_right},
    visit::Visit,
};

const PHRASE: &str = "glass otter fifty moons";
const DESCRIPTION: &str = "m.secret_storage.key.";

/// Starts a server that changes every key description it shows.
async fn describing(
    account: &Account,
    change: impl Fn(&mut Value) + Send + Sync + Clone + 'static,
) -> HostileHomeserver {
    HostileHomeserver::before(&account.homeserver, move |asked| {
        let change = change.clone();
        if !asked.is("GET", "/sync") {
            return Answer::Pass;
        }
        Answer::changed(move |sync| with_account_data(sync, DESCRIPTION, change))
    })
    .await
}

#[tokio::test]
async fn rounds_that_would_keep_a_browser_busy_are_refused_within_a_second() {
    let account = Account::register().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    let key = visit.make_key(Some(PHRASE)).await;
    visit.set_up(&key).await.0.unwrap();
    for rounds in [json!(10_000_001), json!(u32::MAX), json!(9_007_199_254_740_991_u64)] {
        let told = rounds.clone();
        let server = describing(&account, move |key| key["passphrase"]["iterations"] = told.clone()).await;
        let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
        let mut soonest = Duration::MAX;
        // Tried three times, since the machine may be busy with something else.
        for _ in 0..3 {
            let begin = Instant::now();
            assert_eq!(visit.try_key(PHRASE).await, Opening::Nothing(NotOpened::Uncheckable), "{rounds}");
            soonest = soonest.min(begin.elapsed());
        }
        assert!(soonest < Duration::from_secs(1), "{rounds}: {soonest:?}");
        assert!(server.writes().is_empty());
    }
}

#[tokio::test]
async fn what_is_no_description_opens_nothing_and_stops_nothing() {
    let MadeAccount { account, key, .. } = MadeAccount::all_right().await;
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    let with = |field: &'static str, value: Value| move |key: &mut Value| key[field] = value.clone();
    let whole = |value: Value| move |key: &mut Value| *key = value.clone();
    let servers = [
        describing(&account, with("mac", json!("AAAA"))).await,
        describing(&account, with("mac", json!("no base64!"))).await,
        describing(&account, with("iv", json!("AAAA"))).await,
        describing(&account, with("iv", json!("A".repeat(1_000_000)))).await,
        describing(&account, with("algorithm", json!("org.example.rot13"))).await,
        describing(&account, with("algorithm", json!(7))).await,
        describing(&account, whole(json!([]))).await,
        describing(&account, whole(json!("a key"))).await,
        describing(&account, whole(json!({"algorithm": deep, "iv": deep}))).await,
    ];
    for (number, server) in servers.iter().enumerate() {
        let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
        for entry in [key.as_str(), PHRASE] {
            let opening = visit.try_key(entry).await;
            assert!(matches!(opening, Opening::Nothing(_)), "{number}: {opening:?}");
        }
        for action in [Action::Repair, Action::Rotate] {
            assert_eq!(visit.write(action, None).await, [Event::Failed(Problem::KeyNotProved)], "{number}");
        }
        assert!(server.writes().is_empty(), "{number}");
    }
}

#[tokio::test]
async fn a_key_of_few_rounds_opens_what_there_is_and_leads_to_a_better_one() {
    let made = MadeAccount::all_right().await;
    let weak = made.weaken(PHRASE, 99_999).await;
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    for entry in [weak.recovery_key().as_str(), PHRASE] {
        assert!(visit.try_key(entry).await.is_all_right());
    }
    let key = visit.make_key(None).await;
    let events = visit.write(Action::ChangeKey, Some(&key)).await;
    assert!(matches!(events.last(), Some(Event::Tried(opening)) if opening.is_all_right()), "{events:?}");
    verify_all_right(&made.account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn nothing_is_ever_stored_under_a_key_of_few_rounds() {
    for rounds in [1, 99_999] {
        let made = MadeAccount::all_right().await;
        let weak = made.weaken(PHRASE, rounds).await;
        let server = HostileHomeserver::before(&made.account.homeserver, |_| Answer::Pass).await;
        let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
        let refused = [Event::Failed(Problem::WeakKey)];
        for entry in [weak.recovery_key().as_str(), PHRASE] {
            // No fresh backup is made under a weak key.
            visit.try_key(entry).await;
            assert_eq!(visit.write(Action::Rotate, None).await, refused);
        }
        // Nor is a backup key stored that was entered by itself.
        made.account.set_account_data("m.megolm_backup.v1", json!({})).await;
        visit.try_key(&made.backup_key.to_base58()).await;
        let opening = visit.try_key(&weak.recovery_key()).await;
        assert!(opening.found().unwrap().loose_backup_key, "{opening:?}");
        assert_eq!(visit.write(Action::Repair, None).await, refused);
        // Nor is a set-up finished that was cut short before its default key.
        made.account.store_secret(&weak, "m.megolm_backup.v1", &made.backup_key.to_base64()).await;
        made.account.set_account_data("m.secret_storage.default_key", json!({})).await;
        let events = visit.write(Action::Finish, Some(&Secret::from(PHRASE))).await;
        assert_eq!(events, refused);
        assert!(server.writes().is_empty(), "{:#?}", server.writes());
    }
}

/// The key is recognized by what it decrypts, but apps do not ask for it.
#[tokio::test]
async fn nothing_is_stored_under_a_key_without_a_description_or_beside_the_default() {
    let made = MadeAccount::all_right().await;
    made.account.set_account_data("m.megolm_backup.v1", json!({})).await;
    let default = made.account.account_data("m.secret_storage.default_key").await.unwrap();
    let id = default["key"].as_str().unwrap().to_owned();
    for (description, is_default) in [(false, true), (true, false)] {
        let id = id.clone();
        let server = HostileHomeserver::before(&made.account.homeserver, move |asked| {
            let id = id.clone();
            if !asked.is("GET", "/sync") {
                return Answer::Pass;
            }
            Answer::changed(move |sync| {
                if !description {
                    without_account_data(sync, &format!("{DESCRIPTION}{id}"));
                }
                if !is_default {
                    with_account_data(sync, "m.secret_storage.default_key", |key| {
                        key["key"] = json!("theirs")
                    });
                }
            })
        })
        .await;
        let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
        visit.try_key(&made.backup_key.to_base58()).await;
        let opening = visit.try_key(&made.key).await;
        assert!(
            matches!(&opening, Opening::OlderSecretStorage { found } if found.loose_backup_key),
            "{opening:?}"
        );
        for action in [Action::Repair, Action::Rotate] {
            assert_eq!(visit.write(action, None).await, [Event::Failed(Problem::KeyNotProved)]);
        }
        assert!(server.writes().is_empty());
    }
}

#[tokio::test]
async fn a_description_that_is_weakened_between_the_look_and_the_write_is_noticed() {
    for (field, value, problem) in [
        // What lies under the key still tells the right one, but the two reads differ.
        ("mac", Value::Null, Problem::Contradicted),
        ("passphrase", json!({"algorithm": "m.pbkdf2", "salt": "x", "iterations": 1}), Problem::WeakKey),
    ] {
        let made = MadeAccount::all_right().await;
        made.account.set_account_data("m.megolm_backup.v1", json!({})).await;
        // The first four reads are at sign-in, for two tries of a key, and before writing.
        let server = HostileHomeserver::before(&made.account.homeserver, move |asked| {
            let value = value.clone();
            if !asked.is("GET", "/sync") || asked.before < 4 {
                return Answer::Pass;
            }
            Answer::changed(move |sync| {
                with_account_data(sync, DESCRIPTION, |key| key[field] = value.clone())
            })
        })
        .await;
        let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
        visit.try_key(&made.backup_key.to_base58()).await;
        visit.try_key(&made.key).await;
        let events = visit.write(Action::Repair, None).await;
        assert_eq!(events.last(), Some(&Event::Failed(problem)), "{events:?}");
        assert!(server.writes().is_empty());
    }
}
