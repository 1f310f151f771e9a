//! Sets an account up for the first time, and takes that up again after it was cut short.

use crate::support::{
    account::Account,
    hostile_homeserver::{Answer, HostileHomeserver},
    proxy::{Fault, Proxy},
    room_keys,
    verifier::{Kept, verify_all_right},
    visit::{Visit, outcome, password_wanted},
};
use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use matrixbackup::{
    domain::{
        diagnosis::{Diagnosis, Known, diagnose},
        kit::Kit,
        opening::Opening,
        plan::{Action, SET_UP, Task},
        problem::Problem,
        proof::{Last, Proof},
        secret::Secret,
    },
    engine::DEVICE_NAME,
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_fresh_account_ends_with_a_backup_that_key_and_phrase_open() {
    let account = Account::register().await;
    let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(diagnose(&facts, &Known::default()), Diagnosis::NothingSetUp);
    let phrase = "glass otter fifty moons";
    let key = visit.make_key(Some(phrase)).await;
    let (proved, tasks) = visit.set_up(&key).await;
    let proved = proved.unwrap();
    assert_eq!(tasks, SET_UP);
    assert!(proved.phrase_opens);
    assert_eq!(account.backup().await.unwrap()["version"], proved.backup_version.as_str());
    assert_eq!(visit.count().await, 0);
    verify_all_right(&account, Kept::Key(key.expose()));
    verify_all_right(&account, Kept::Phrase(phrase));
    visit.sign_out().await;
    assert_eq!(account.devices().await, [""; 0]);
}

#[tokio::test]
async fn a_key_without_a_phrase_is_enough() {
    let account = Account::register().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(account.devices().await, [DEVICE_NAME]);
    let key = visit.make_key(None).await;
    assert!(!visit.set_up(&key).await.0.unwrap().phrase_opens);
    visit.sign_out().await;
    verify_all_right(&account, Kept::Key(key.expose()));
    for (event_type, flag) in [
        ("m.key_backup", json!({"enabled": true})),
        ("m.org.matrix.custom.backup_disabled", json!({"disabled": false})),
    ] {
        assert_eq!(account.account_data(event_type).await, Some(flag));
    }
}

#[tokio::test]
async fn nothing_is_written_before_the_key_that_was_made_is_shown() {
    let account = Account::register().await;
    let before = account.everything().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(visit.set_up(&Secret::from("anything")).await, (Err(Problem::KeyNotProved), vec![]));
    let first = visit.make_key(None).await;
    let second = visit.make_key(None).await;
    for wrong in [first, Secret::from(""), Secret::from("EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d")] {
        assert_eq!(visit.set_up(&wrong).await, (Err(Problem::KeyNotProved), vec![]));
    }
    assert_eq!(account.everything().await, before);
    assert!(visit.set_up(&second).await.0.is_ok());
    assert_ne!(account.everything().await["account_data"], before["account_data"], "a write would be seen");
}

#[tokio::test]
async fn the_writes_come_in_the_order_that_keeps_everything_safe() {
    let account = Account::register().await;
    let proxy = Proxy::recording(&account.homeserver).await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
    let key = visit.make_key(None).await;
    visit.set_up(&key).await.0.unwrap();
    let writes: Vec<String> = proxy.writes().into_iter().map(|(_, path)| path).collect();
    let at = |end: &str| {
        writes.iter().position(|path| path.ends_with(end)).unwrap_or_else(|| panic!("no {end}: {writes:#?}"))
    };
    let identity = at("/keys/device_signing/upload");
    let backup = at("/room_keys/version");
    let commit = at("/m.secret_storage.default_key");
    let secrets = [
        "m.cross_signing.master",
        "m.cross_signing.self_signing",
        "m.cross_signing.user_signing",
        "m.megolm_backup.v1",
    ];
    for secret in secrets {
        assert!(at(secret) < backup);
    }
    assert!(writes.iter().position(|path| path.contains("/m.secret_storage.key.")).unwrap() < backup);
    // Writes that cannot be taken back come after those that can.
    assert!(backup < identity && identity < commit);
    assert!(commit < at("/m.key_backup") && commit < at("backup_disabled"));
    assert_eq!(writes.len(), 11, "{writes:#?}");
}

#[tokio::test]
async fn a_server_that_asks_for_the_password_gets_it_only_from_the_person() {
    let account = Account::register().await;
    let proxy = Proxy::asking_for(&account.homeserver, &account.password).await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
    let key = visit.make_key(None).await;
    let events = visit.tell(Command::Write { action: Action::SetUp, kept_key: key.clone() }).await;
    assert_eq!(events.last(), Some(&password_wanted(Last::None)));
    let events = visit.tell(Command::GiveProof(Proof::Password(Secret::from("wrong")))).await;
    assert_eq!(events, [password_wanted(Last::Refused)]);
    assert_eq!(account.master_key().await, None);
    assert_eq!(account.account_data("m.secret_storage.default_key").await, None);
    let events =
        visit.tell(Command::GiveProof(Proof::Password(Secret::from(account.password.as_str())))).await;
    outcome(&events).0.unwrap();
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn wrong_passwords_and_unknown_names_change_nothing_and_leave_no_device() {
    let account = Account::register().await;
    for (user, password) in [(account.user_id.as_str(), "wrong"), ("@nobody:example.org", "wrong")] {
        let mut visit = Visit::default();
        let (base_url, password) = (account.homeserver.clone(), Secret::from(password));
        let events = visit.tell(Command::SignIn { base_url, user: user.to_owned(), password }).await;
        assert_eq!(events, [Event::Failed(Problem::WrongPassword)], "{user}");
    }
    assert_eq!(account.devices().await, [""; 0]);
}

#[tokio::test]
async fn commands_that_come_too_early_are_refused() {
    let mut visit = Visit::default();
    for command in [
        Command::Look,
        Command::MakeKey { phrase: None },
        Command::Count,
        Command::Judge { number: 1, phrase: Secret::from("x"), estimate: None, strength: 0, least: 0 },
        Command::GiveProof(Proof::Password(Secret::from("x"))),
        Command::Write { action: Action::SetUp, kept_key: Secret::from("x") },
    ] {
        let events = visit.tell(command.clone()).await;
        assert!(matches!(&events[..], [Event::Failed(_)]), "{command:?}: {events:?}");
    }
    assert_eq!(visit.tell(Command::SignOut).await, [Event::SignedOut]);
}

#[tokio::test]
async fn an_account_with_anything_in_it_is_not_touched() {
    let account = Account::register().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    let key = visit.make_key(None).await;
    visit.set_up(&key).await.0.unwrap();
    visit.sign_out().await;
    let before = account.everything().await;

    let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(diagnose(&facts, &Known::default()), Diagnosis::KeyWanted);
    let other = visit.make_key(None).await;
    assert_eq!(visit.set_up(&other).await, (Err(Problem::SomeoneElseIsWriting), vec![]));
    visit.sign_out().await;
    assert_eq!(account.everything().await, before);
}

#[tokio::test]
async fn somebody_who_writes_between_looking_and_writing_stops_us() {
    let account = Account::register().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    let key = visit.make_key(None).await;
    account.set_account_data("m.secret_storage.default_key", json!({"key": "theirs"})).await;
    let before = account.everything().await;
    assert_eq!(visit.set_up(&key).await, (Err(Problem::SomeoneElseIsWriting), vec![]));
    assert_eq!(account.everything().await, before);
}

#[tokio::test]
async fn entries_that_were_there_before_stay_beside_the_new_ones() {
    let account = Account::register().await;
    let theirs = json!({"encrypted": {"old": {"iv": "a", "ciphertext": "b", "mac": "c"}}, "extra": 1});
    account.set_account_data("m.cross_signing.master", theirs.clone()).await;
    let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(diagnose(&facts, &Known::default()), Diagnosis::NothingSetUp);
    let key = visit.make_key(None).await;
    visit.set_up(&key).await.0.unwrap();
    let after = account.account_data("m.cross_signing.master").await.unwrap();
    assert_eq!(after["encrypted"]["old"], theirs["encrypted"]["old"]);
    assert_eq!(after["extra"], 1);
    verify_all_right(&account, Kept::Key(key.expose()));
}

/// Makes nine versions of the first years, whose key nobody has.
async fn nine_versions(account: &Account) {
    for _ in 0..9 {
        account.create_version(&BackupDecryptionKey::new()).await;
    }
}

#[tokio::test]
async fn a_server_that_does_not_use_the_new_backup_is_called_by_that_before_an_identity_is_published() {
    let account = Account::register().await;
    nine_versions(&account).await;
    let before = account.everything().await;
    let proxy = Proxy::sorting_as_text(&account.homeserver, "9").await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
    let key = visit.make_key(None).await;
    let events = visit.write(Action::SetUp, Some(&key)).await;
    let stands = Event::TakenBack(vec![Task::CheckUnchanged]);
    assert!(events.ends_with(&[stands, Event::Failed(Problem::BackupNotUsed)]), "{events:?}");
    let after = account.everything().await;
    assert_eq!((&after["master_key"], &after["backup"]), (&before["master_key"], &before["backup"]));
    let events = after["account_data"].as_array().unwrap().iter();
    let left = events.filter(|event| event["content"] != json!({})).cloned().collect::<Vec<_>>();
    assert_eq!(Value::from(left), before["account_data"]);
    assert_eq!(account.ask("GET", "room_keys/version/10", None).await.0, 404);
    visit.sign_out().await;
}

/// If the server refuses the backup, or the identity, nothing is left of what was written for it.
#[tokio::test]
async fn what_the_server_refuses_leaves_nothing_behind() {
    for refused in ["/room_keys/version", "/keys/device_signing/upload"] {
        let account = Account::register().await;
        let server = HostileHomeserver::before(&account.homeserver, move |asked| {
            if asked.is("POST", refused) && asked.before == 0 {
                return Answer::json(403, json!({"errcode": "M_FORBIDDEN", "error": "no"}));
            }
            Answer::Pass
        })
        .await;
        let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
        let key = visit.make_key(None).await;
        let events = visit.write(Action::SetUp, Some(&key)).await;
        let problem = Problem::Refused { status: 403, errcode: "M_FORBIDDEN".into() };
        let stands = Event::TakenBack(vec![Task::CheckUnchanged]);
        assert!(events.ends_with(&[stands, Event::Failed(problem)]), "{refused}: {events:?}");
        let (_, facts) = Visit::sign_in(&account.homeserver, &account).await;
        assert_eq!(diagnose(&facts, &Known::default()), Diagnosis::NothingSetUp, "{refused}");
        assert_eq!((facts.backup, facts.stored_secrets), (None, 0), "{refused}");
        // The same order can go on.
        visit.set_up(&key).await.0.unwrap();
        verify_all_right(&account, Kept::Key(key.expose()));
    }
}

/// The first attempt stops in the middle; before the second, another client stores something.
#[tokio::test]
async fn trying_again_never_writes_over_what_came_in_between() {
    for (k, must_stop) in [(2, false), (6, true), (8, true)] {
        let account = Account::register().await;
        let proxy = Proxy::breaking(&account.homeserver, k, Fault::TooLongAWait).await;
        let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
        let key = visit.make_key(None).await;
        let (first, _) = visit.set_up(&key).await;
        assert!(matches!(first, Err(Problem::RateLimited { .. })), "{k}: {first:?}");

        let theirs = json!({"iv": "a", "ciphertext": "b", "mac": "c"});
        if must_stop {
            account.set_account_data("m.secret_storage.default_key", json!({"key": "theirs"})).await;
        } else {
            let mut secret =
                account.account_data("m.megolm_backup.v1").await.unwrap_or(json!({"encrypted": {}}));
            secret["encrypted"]["theirs"] = theirs.clone();
            account.set_account_data("m.megolm_backup.v1", secret).await;
        }
        let (second, _) = visit.set_up(&key).await;
        if must_stop {
            assert_eq!(second, Err(Problem::SomeoneElseIsWriting), "{k}");
            let kept = account.account_data("m.secret_storage.default_key").await;
            assert_eq!(kept, Some(json!({"key": "theirs"})), "{k}");
        } else {
            second.unwrap();
            let secret = account.account_data("m.megolm_backup.v1").await.unwrap();
            assert_eq!(secret["encrypted"]["theirs"], theirs, "theirs stays beside ours");
            verify_all_right(&account, Kept::Key(key.expose()));
        }
    }
}

#[tokio::test]
async fn a_backup_that_was_replaced_or_deleted_is_not_counted_as_ours() {
    let account = Account::register().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    let key = visit.make_key(None).await;
    visit.set_up(&key).await.0.unwrap();
    assert_eq!(visit.count().await, 0);
    let mut theirs = account.backup().await.unwrap();
    theirs["auth_data"]["public_key"] = json!("hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo");
    let create = json!({"algorithm": theirs["algorithm"], "auth_data": theirs["auth_data"]});
    assert_eq!(account.ask("POST", "room_keys/version", Some(create)).await.0, 200);
    assert_eq!(visit.tell(Command::Count).await, [Event::Failed(Problem::BackupReplaced)]);
    for version in ["2", "1"] {
        assert_eq!(account.ask("DELETE", &format!("room_keys/version/{version}"), None).await.0, 200);
    }
    assert_eq!(visit.tell(Command::Count).await, [Event::Failed(Problem::BackupReplaced)]);
}

/// Lets each writing request fail once: the set-up goes on by itself or after "Try again".
async fn set_up_survives(fault: Fault) {
    for k in 0..11 {
        let account = Account::register().await;
        let proxy = Proxy::breaking(&account.homeserver, k, fault).await;
        let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
        let key = visit.make_key(None).await;
        let mut attempt = visit.set_up(&key).await;
        if let (Err(problem), _) = &attempt {
            assert!(problem.may_pass(), "{fault:?} at {k}: {problem:?}");
            attempt = visit.set_up(&key).await;
        }
        let proved = attempt.0.unwrap_or_else(|problem| panic!("{fault:?} at {k}: {problem:?}"));
        visit.sign_out().await;
        // Exactly one version was made, however often the request was sent.
        assert_eq!(proved.backup_version, "1", "{fault:?} at {k}");
        assert_eq!(account.devices().await, [""; 0], "{fault:?} at {k}");
    }
}

#[tokio::test]
async fn a_lost_answer_at_any_write_still_ends_with_a_proved_backup() {
    set_up_survives(Fault::AnswerLost).await;
}

#[tokio::test]
async fn a_lost_request_at_any_write_still_ends_with_a_proved_backup() {
    set_up_survives(Fault::RequestLost).await;
}

#[tokio::test]
async fn a_server_error_at_any_write_still_ends_with_a_proved_backup() {
    set_up_survives(Fault::ServerError).await;
}

#[tokio::test]
async fn a_bad_gateway_at_any_write_still_ends_with_a_proved_backup() {
    set_up_survives(Fault::BadGateway).await;
}

#[tokio::test]
async fn a_rate_limit_at_any_write_still_ends_with_a_proved_backup() {
    set_up_survives(Fault::RateLimited).await;
}

/// Closes the tab before or after each write. On the next visit the account is as it was, or done, or the kept key
/// finishes it. There is one version, and no other identity.
async fn nothing_is_lost_when_the_tab_is_closed(fault: Fault) {
    let mut resumed = 0;
    for k in 0..11 {
        let account = Account::register().await;
        let proxy = Proxy::breaking(&account.homeserver, k, fault).await;
        let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
        let phrase = "glass otter fifty moons";
        let mut key = visit.make_key(Some(phrase)).await;
        let (result, tasks) = visit.set_up(&key).await;
        assert!(result.is_err(), "{fault:?} at {k}");
        drop(visit);

        let (mut again, facts) = Visit::sign_in(&account.homeserver, &account).await;
        let committed = account.account_data("m.secret_storage.default_key").await.is_some();
        let identity = account.master_key().await;
        match diagnose(&facts, &Known::default()) {
            Diagnosis::NothingSetUp => {
                assert!(!tasks.contains(&Task::PublishIdentity), "{fault:?} at {k}");
                key = again.make_key(None).await;
                again.set_up(&key).await.0.unwrap_or_else(|p| panic!("{fault:?} at {k}: {p:?}"));
            }
            Diagnosis::Unfinished => {
                assert!(!committed, "{fault:?} at {k}");
                let kept = if k % 2 == 0 { key.expose() } else { phrase };
                let proved = again.resume(kept).await.unwrap_or_else(|p| panic!("{fault:?} at {k}: {p:?}"));
                assert_eq!(proved.backup_version, "1", "{fault:?} at {k}");
                // The identity stays the same if it was published already; otherwise the stored one is published.
                if identity.is_some() {
                    assert_eq!(account.master_key().await, identity, "{fault:?} at {k}");
                }
                resumed += 1;
            }
            Diagnosis::KeyWanted => assert!(committed, "{fault:?} at {k}"),
            other => panic!("{fault:?} at {k}: {other:?}"),
        }
        verify_all_right(&account, Kept::Key(key.expose()));
        again.sign_out().await;
    }
    assert!(resumed >= 2, "{resumed}");
}

#[tokio::test]
async fn closing_the_tab_before_any_write_loses_nothing_and_the_next_visit_finishes() {
    nothing_is_lost_when_the_tab_is_closed(Fault::ClosedBefore).await;
}

#[tokio::test]
async fn closing_the_tab_after_any_write_loses_nothing_and_the_next_visit_finishes() {
    nothing_is_lost_when_the_tab_is_closed(Fault::ClosedAfter).await;
}

#[tokio::test]
async fn what_was_cut_short_is_finished_only_with_the_key_that_was_kept() {
    let account = Account::register().await;
    let proxy = Proxy::breaking(&account.homeserver, 8, Fault::ClosedBefore).await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
    let key = visit.make_key(None).await;
    visit.set_up(&key).await.0.unwrap_err();
    let before = account.everything().await;
    let (mut again, facts) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(diagnose(&facts, &Known::default()), Diagnosis::Unfinished);
    for wrong in ["", "a phrase", "EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d"] {
        assert_eq!(again.resume(wrong).await, Err(Problem::OpensNothing));
    }
    assert_eq!(account.everything().await, before);

    // Another client's backup came since: the key opens the secrets, but they do not fit that backup.
    let theirs = json!({"algorithm": "m.megolm_backup.v1.curve25519-aes-sha2",
        "auth_data": {"public_key": "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo", "signatures": {}}});
    assert_eq!(account.ask("POST", "room_keys/version", Some(theirs)).await.0, 200);
    let before = account.everything().await;
    again.tell(Command::Look).await;
    assert_eq!(again.resume(key.expose()).await, Err(Problem::DoesNotFit));
    assert_eq!(account.everything().await, before);
}

#[tokio::test]
async fn a_page_that_was_signed_out_says_so() {
    let account = Account::register().await;
    let proxy = Proxy::breaking(&account.homeserver, 0, Fault::UnknownToken).await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
    let key = visit.make_key(None).await;
    assert_eq!(visit.set_up(&key).await.0, Err(Problem::SignedOut));
}

#[test]
fn messages_keep_their_secrets_out_of_debug_output() {
    let secret = || Secret::from("correct horse battery staple");
    let commands = [
        Command::SignIn { base_url: String::new(), user: String::new(), password: secret() },
        Command::Judge { number: 1, phrase: secret(), estimate: None, strength: 0, least: 0 },
        Command::MakeKey { phrase: Some(secret()) },
        Command::Write { action: Action::SetUp, kept_key: secret() },
        Command::GiveProof(Proof::Password(secret())),
    ];
    for command in commands {
        assert!(!format!("{command:?}").contains("horse"));
    }
    let kit = || Kit { recovery_key: secret(), key_id: String::new(), qr: secret(), qr_modules: 0 };
    for event in [Event::Kit(kit()), Event::KeyMade(kit()), Event::Suggested(secret())] {
        assert!(!format!("{event:?}").contains("horse"));
    }
}

/// Makes a backup of the first years: with neither identity nor secret storage.
async fn backup_only() -> (Account, BackupDecryptionKey) {
    let account = Account::register().await;
    let key = BackupDecryptionKey::new();
    account.create_version(&key).await;
    account.put_room_keys("1", &key.megolm_v1_public_key(), &room_keys::make(5, 2)).await;
    (account, key)
}

#[tokio::test]
async fn a_backup_of_the_first_years_is_kept_where_its_key_was_entered() {
    let (account, backup_key) = backup_only().await;
    let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(diagnose(&facts, &Known::default()), Diagnosis::BackupOnly);
    let opening = visit.try_key(&backup_key.to_base58()).await;
    assert_eq!(opening, Opening::BackupDirectly { room_keys: 5, by_phrase: false });
    let key = visit.make_key(None).await;
    let (proved, tasks) = visit.set_up(&key).await;
    assert!(tasks.contains(&Task::SignBackup) && !tasks.contains(&Task::CreateBackup), "{tasks:?}");
    let proved = proved.unwrap();
    assert_eq!((proved.backup_version.as_str(), proved.room_keys), ("1", 5));
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn a_backup_of_the_first_years_stays_below_a_new_one_where_its_key_is_lost() {
    let (account, _) = backup_only().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    let key = visit.make_key(None).await;
    assert_eq!(visit.set_up(&key).await.0.unwrap().backup_version, "2");
    assert_eq!(account.ask("GET", "room_keys/version/1", None).await.1["count"], 5);
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn a_set_up_above_a_backup_whose_key_is_lost_can_be_finished_after_a_closed_tab() {
    let mut resumed = 0;
    for k in 0..12 {
        let (account, _) = backup_only().await;
        let proxy = Proxy::breaking(&account.homeserver, k, Fault::ClosedAfter).await;
        let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
        let key = visit.make_key(None).await;
        if visit.set_up(&key).await.0.is_ok() {
            break;
        }
        let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
        match diagnose(&facts, &Known::default()) {
            Diagnosis::Unfinished => drop(visit.resume(key.expose()).await.unwrap()),
            _ => continue,
        }
        resumed += 1;
        verify_all_right(&account, Kept::Key(key.expose()));
        assert_eq!(account.ask("GET", "room_keys/version/1", None).await.1["count"], 5, "{k}");
    }
    assert!(resumed >= 3, "{resumed}");
}

#[tokio::test]
async fn a_default_key_that_leads_nowhere_is_replaced_where_nothing_else_is_there() {
    let account = Account::register().await;
    account.set_account_data("m.secret_storage.default_key", json!({"key": "gone"})).await;
    let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(diagnose(&facts, &Known::default()), Diagnosis::Unfinished);
    let key = visit.make_key(None).await;
    visit.set_up(&key).await.0.unwrap();
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn a_set_up_on_a_kept_backup_can_be_finished_after_a_closed_tab() {
    for k in 6..11 {
        let (account, backup_key) = backup_only().await;
        let proxy = Proxy::breaking(&account.homeserver, k, Fault::ClosedAfter).await;
        let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
        visit.try_key(&backup_key.to_base58()).await;
        let key = visit.make_key(None).await;
        visit.set_up(&key).await.0.unwrap_err();
        let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
        match diagnose(&facts, &Known::default()) {
            Diagnosis::Unfinished => drop(visit.resume(key.expose()).await.unwrap()),
            diagnosis => assert_eq!(diagnosis, Diagnosis::KeyWanted, "{k}"),
        }
        verify_all_right(&account, Kept::Key(key.expose()));
        assert_eq!(account.backup().await.unwrap()["count"], 5);
    }
}
