//! Signs in again after the server has signed this page out, at any moment: same account, same device, and nothing
//! forgotten.

use std::time::Duration;

use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use matrixbackup::{
    domain::{plan::Action, problem::Problem, secret::Secret, sign_in::Door},
    engine::DEVICE_NAME,
    protocol::messages::{Command, Event},
};

use super::{authorize, authorized, enter, failed, let_in, single_sign_on};
use crate::support::{
    account::Account,
    conversation::Sending,
    front::{Does, Front},
    hostile_homeserver::{Answer, HostileHomeserver},
    key_files::file_of,
    made::MadeAccount,
    room_keys,
    verifier::{Kept, verify_all_right},
    visit::{self, Visit, outcome},
};

/// The ways in which people sign in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Password,
    SingleSignOn,
    OAuth,
}

const ENDS: [Does; 3] = [Does::SoftLogout, Does::HardLogout, Does::Lock];

async fn front(account: &Account, by: By) -> Front {
    match by {
        By::OAuth => Front::delegating(account, Duration::from_secs(3_600)).await,
        By::Password | By::SingleSignOn => Front::before(account).await,
    }
}

async fn sign_in(visit: &mut Visit, front: &Front, account: &Account, by: By) -> Vec<Event> {
    let door: Door = match by {
        By::Password => return visit.tell(visit::sign_in(&front.url, account)).await,
        By::SingleSignOn => single_sign_on(),
        By::OAuth => front.door(),
    };
    enter(visit, front, door).await
}

fn out(does: Does) -> Problem {
    if does == Does::Lock { Problem::Locked } else { Problem::SignedOut }
}

#[tokio::test]
async fn a_sign_out_at_any_write_of_a_set_up_is_gone_on_from_however_people_sign_in() {
    let writes = [
        ("PUT", "/account_data/m.cross_signing.master"),
        ("POST", "/keys/upload"),
        ("POST", "/keys/device_signing/upload"),
        ("POST", "/room_keys/version"),
        ("PUT", "/account_data/m.secret_storage.default_key"),
        ("PUT", "/account_data/m.key_backup"),
    ];
    for (number, (method, end)) in writes.into_iter().enumerate() {
        for (more, does) in ENDS.into_iter().enumerate() {
            let by = [By::Password, By::SingleSignOn, By::OAuth][(number + more) % 3];
            let account = Account::register().await;
            let front = front(&account, by).await;
            let mut visit = Visit::default();
            let_in(&sign_in(&mut visit, &front, &account, by).await);
            let key = visit.make_key(None).await;
            front.trap(method, end, 0, does);
            let (result, mut tasks) = visit.set_up(&key).await;
            let case = format!("{end} {does:?} {by:?}");
            assert_eq!(result, Err(out(does)), "{case}");
            let (result, more) = visit.set_up(&key).await;
            assert_eq!(result, Err(out(does)), "{case}: still out");
            tasks.extend(more);
            let facts = let_in(&sign_in(&mut visit, &front, &account, by).await);
            assert_eq!(facts.user_id, account.user_id);
            let (result, rest) = visit.set_up(&key).await;
            result.unwrap_or_else(|problem| panic!("{case}: {problem:?}"));
            tasks.extend(rest);
            tasks.sort();
            tasks.dedup();
            assert_eq!(tasks.len(), 8, "{case}: {tasks:?}");
            assert_eq!(account.devices().await, [DEVICE_NAME], "{case}");
            assert_eq!(account.verified_devices().await, [DEVICE_NAME], "{case}");
            visit.sign_out().await;
            assert_eq!(account.devices().await, [""; 0], "{case}");
            verify_all_right(&account, Kept::Key(key.expose()));
        }
    }
}

#[tokio::test]
async fn what_changed_while_we_were_out_is_noticed_though_nothing_was_written_yet() {
    let account = Account::register().await;
    let front = front(&account, By::Password).await;
    let mut visit = Visit::default();
    let_in(&sign_in(&mut visit, &front, &account, By::Password).await);
    let key = visit.make_key(None).await;
    front.trap("GET", "/room_keys/version", 0, Does::SoftLogout);
    assert_eq!(visit.set_up(&key).await, (Err(Problem::SignedOut), Vec::new()));
    // Meanwhile one of the person's apps has made a backup.
    let version = account.create_version(&BackupDecryptionKey::new()).await;
    let_in(&sign_in(&mut visit, &front, &account, By::Password).await);
    assert_eq!(visit.set_up(&key).await, (Err(Problem::SomeoneElseIsWriting), Vec::new()));
    let current = account.backup().await.unwrap();
    assert_eq!(current["version"], version.as_str(), "nothing was put over it");
    visit.sign_out().await;
}

#[tokio::test]
async fn another_account_is_signed_out_at_once_and_the_visit_waits_for_its_own() {
    let (ada, bob) = (Account::register().await, Account::register().await);
    let front = Front::before(&ada).await;
    let mut visit = Visit::default();
    let_in(&sign_in(&mut visit, &front, &ada, By::Password).await);
    let key = visit.make_key(None).await;
    front.trap("POST", "/room_keys/version", 0, Does::SoftLogout);
    assert_eq!(visit.set_up(&key).await.0, Err(Problem::SignedOut));
    let problem =
        Problem::AnotherAccount { wanted: ada.user_id.clone(), came: bob.user_id.clone(), is_left: true };
    assert_eq!(sign_in(&mut visit, &front, &bob, By::Password).await, failed(problem));
    assert_eq!(bob.devices().await, [""; 0]);
    assert_eq!(visit.set_up(&key).await.0, Err(Problem::SignedOut), "still out");
    let_in(&sign_in(&mut visit, &front, &ada, By::Password).await);
    visit.set_up(&key).await.0.unwrap();
    visit.sign_out().await;
    assert_eq!(ada.devices().await, [""; 0]);
}

#[tokio::test]
async fn a_wrong_password_or_a_deactivated_account_leaves_the_visit_waiting() {
    let account = Account::register().await;
    let server =
        HostileHomeserver::before(&account.homeserver, |asked| match asked.body["password"].as_str() {
            Some("deactivated") => Answer::Instead(403, r#"{"errcode": "M_USER_DEACTIVATED"}"#.into()),
            _ if asked.is("POST", "/room_keys/version") && asked.before == 0 => {
                Answer::Instead(401, r#"{"errcode": "M_UNKNOWN_TOKEN", "soft_logout": true}"#.into())
            }
            _ => Answer::Pass,
        })
        .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
    let key = visit.make_key(None).await;
    assert_eq!(visit.set_up(&key).await.0, Err(Problem::SignedOut));
    let mut sign_in = async |password: &str| {
        let (base_url, user) = (server.url.clone(), account.user_id.clone());
        let events = visit.tell(Command::SignIn { base_url, user, password: Secret::from(password) }).await;
        events.last().unwrap().clone()
    };
    assert_eq!(sign_in("wrong").await, Event::Failed(Problem::WrongPassword));
    assert_eq!(sign_in("deactivated").await, Event::Failed(Problem::Deactivated));
    assert_eq!(sign_in(key.expose()).await, Event::Failed(Problem::KeyAsPassword));
    assert!(matches!(sign_in(&account.password).await, Event::Looked(_)));
    visit.set_up(&key).await.0.unwrap();
    visit.sign_out().await;
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn a_person_who_is_still_signed_in_is_not_signed_in_a_second_time() {
    let account = Account::register().await;
    let front = Front::before(&account).await;
    let mut visit = Visit::default();
    let_in(&sign_in(&mut visit, &front, &account, By::Password).await);
    let_in(&sign_in(&mut visit, &front, &account, By::Password).await);
    let address = authorize(&mut visit, &front, single_sign_on(), None).await;
    let answer = front.sign_in_with_sso(&address);
    let_in(&authorized(&mut visit, &answer).await);
    assert_eq!(front.count("/login"), 1);
    visit.sign_out().await;
}

#[tokio::test]
async fn a_new_identity_goes_on_with_what_the_person_agreed_to() {
    for does in ENDS {
        for (method, end) in [
            ("PUT", "/account_data/matrixbackup.archive."),
            ("PUT", "/account_data/m.cross_signing.self_signing"),
            ("POST", "/room_keys/version"),
            ("PUT", "/account_data/m.secret_storage.default_key"),
        ] {
            let made = MadeAccount::all_right().await;
            let account = &made.account;
            let front = Front::before(account).await;
            let mut visit = Visit::default();
            let_in(&sign_in(&mut visit, &front, account, By::Password).await);
            let key = visit.make_key(None).await;
            front.ask_for(&["m.login.dummy"]);
            front.trap(method, end, 0, does);
            let events = visit.write(Action::Reset, Some(&key)).await;
            assert_eq!(events.last(), Some(&Event::Failed(out(does))), "{end} {does:?}");
            let_in(&sign_in(&mut visit, &front, account, By::Password).await);
            let events = visit.write(Action::Reset, Some(&key)).await;
            outcome(&events).0.unwrap_or_else(|problem| panic!("{end} {does:?}: {problem:?}"));
            visit.sign_out().await;
            verify_all_right(account, Kept::Key(key.expose()));
        }
    }
}

/// Begins a visit that has opened an account's filled backup with the key.
async fn opened() -> (MadeAccount, Front, Visit) {
    let made = MadeAccount::all_right().await;
    let public = made.backup_key.megolm_v1_public_key();
    made.account.put_room_keys("1", &public, &room_keys::make(20, 3)).await;
    let front = Front::before(&made.account).await;
    let mut visit = Visit::default();
    let_in(&sign_in(&mut visit, &front, &made.account, By::Password).await);
    assert!(visit.try_key(&made.key).await.is_all_right());
    (made, front, visit)
}

#[tokio::test]
async fn a_fresh_backup_goes_on_where_it_was_and_no_key_is_entered_again() {
    for does in ENDS {
        for (method, end) in [
            ("PUT", "/account_data/m.megolm_backup.v1"),
            ("POST", "/room_keys/version"),
            ("PUT", "/room_keys/keys"),
        ] {
            let (made, front, mut visit) = opened().await;
            front.trap(method, end, 0, does);
            let events = visit.write(Action::Rotate, None).await;
            assert_eq!(events.last(), Some(&Event::Failed(out(does))), "{end} {does:?}");
            let_in(&sign_in(&mut visit, &front, &made.account, By::Password).await);
            let events = visit.write(Action::Rotate, None).await;
            let Some(Event::Rotated { proved, rotated }) = events.last() else {
                panic!("{end} {does:?}: {events:?}")
            };
            assert_eq!((proved.backup_version.as_str(), rotated.room_keys), ("2", 20), "{end} {does:?}");
            visit.sign_out().await;
            verify_all_right(&made.account, Kept::Key(&made.key));
        }
    }
}

#[tokio::test]
async fn an_import_and_a_look_at_every_room_go_on() {
    for does in ENDS {
        let (made, front, mut visit) = opened().await;
        front.trap("PUT", "/room_keys/keys", 0, does);
        let file = file_of(&room_keys::make(5, 1));
        let events = visit.import(&file).await;
        assert_eq!(events.last(), Some(&Event::Failed(out(does))), "{does:?}");
        let_in(&sign_in(&mut visit, &front, &made.account, By::Password).await);
        let events = visit.import_again().await;
        let Some(Event::Imported(imported)) = events.last() else { panic!("{does:?}: {events:?}") };
        assert_eq!((imported.in_file, imported.new), (5, 5));

        for _ in 0..6 {
            let room = made.account.make_room(serde_json::json!({})).await;
            Sending::new(&room).say(&made.account, 2).await;
        }
        front.trap("GET", "/messages", 3, does);
        let events = visit.tell(Command::Cover { further: false }).await;
        assert_eq!(events.last(), Some(&Event::Failed(out(does))), "{does:?}");
        assert!(front.has_sprung());
        let_in(&sign_in(&mut visit, &front, &made.account, By::Password).await);
        let events = visit.tell(Command::Cover { further: false }).await;
        assert!(matches!(events.last(), Some(Event::Covered { .. })), "{does:?}: {events:?}");
        let rooms = events.iter().filter(|event| matches!(event, Event::RoomCovered(room) if !room.trouble));
        assert_eq!(rooms.count(), 6, "{does:?}");
        visit.sign_out().await;
        assert_eq!(made.account.devices().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_mending_goes_on_though_its_key_was_used_up_by_beginning() {
    for does in ENDS {
        let (account, key) = MadeAccount::unpublished().await;
        let front = Front::before(&account).await;
        let mut visit = Visit::default();
        let_in(&sign_in(&mut visit, &front, &account, By::Password).await);
        visit.try_key(&key).await;
        front.trap("POST", "/keys/device_signing/upload", 0, does);
        let events = visit.write(Action::Repair, None).await;
        assert_eq!(events.last(), Some(&Event::Failed(out(does))), "{does:?}");
        let_in(&sign_in(&mut visit, &front, &account, By::Password).await);
        let events = visit.write(Action::Repair, None).await;
        assert!(matches!(events.last(), Some(Event::Tried(opening)) if opening.is_all_right()), "{events:?}");
        visit.sign_out().await;
    }
}

#[tokio::test]
async fn a_page_that_listens_hears_of_a_sign_out_and_listens_on_afterwards() {
    for does in ENDS {
        let (made, front, mut visit) = opened().await;
        assert_eq!(visit.listen_a_while().await.last(), Some(&Event::Heard { trouble: None }));
        let devices = made.account.verified_devices().await;
        assert_eq!(devices, [DEVICE_NAME], "{does:?}: published and signed");
        front.trap("GET", "/sync", 0, does);
        assert_eq!(visit.listen_a_while().await.last(), Some(&Event::Heard { trouble: Some(out(does)) }));
        let_in(&sign_in(&mut visit, &front, &made.account, By::Password).await);
        assert_eq!(visit.listen_a_while().await.last(), Some(&Event::Heard { trouble: None }));
        assert_eq!(made.account.verified_devices().await, devices, "{does:?}");
        visit.sign_out().await;
    }
}
