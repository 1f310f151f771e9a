//! Gives the proofs that servers ask for, in any mix, and takes back what was written while one is asked for.

use std::time::Duration;

use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use matrixbackup::{
    domain::{
        plan::{Action, Task},
        problem::Problem,
        proof::{Last, PageKind, Proof, Wanted},
        secret::Secret,
    },
    protocol::messages::{Command, Event},
};
use serde_json::Value;

use crate::support::{
    account::Account,
    front::{self, Front},
    hostile_homeserver::{Answer, HostileHomeserver},
    made::MadeAccount,
    verifier::{Kept, verify_all_right},
    visit::{Visit, outcome, password_wanted, sign_in},
};

const UPLOAD: &str = "/keys/device_signing/upload";

/// Orders the first set-up at a server that asks for these stages.
async fn ordered(account: &Account, flows: &[&str]) -> (Front, Visit, Secret, Vec<Event>) {
    let front = Front::before(account).await;
    front.ask_for(flows);
    let (mut visit, _) = Visit::sign_in(&front.url, account).await;
    let key = visit.make_key(None).await;
    let events = visit.write(Action::SetUp, Some(&key)).await;
    (front, visit, key, events)
}

fn wanted(events: &[Event]) -> &Wanted {
    match events.last() {
        Some(Event::ProofNeeded(wanted)) => wanted,
        _ => panic!("{events:?}"),
    }
}

/// The page that is asked for as a proof, and its kind.
fn page(events: &[Event]) -> (&str, &PageKind) {
    let (address, kind) = wanted(events).page().unwrap_or_else(|| panic!("{events:?}"));
    (address.as_str(), kind)
}

/// Tells the engine that the page was visited, and does not wait.
async fn visited(visit: &mut Visit) -> Vec<Event> {
    let bell = visit.engine.bell();
    bell.ring();
    let events = visit.tell(Command::GiveProof(Proof::Page)).await;
    bell.reset();
    events
}

/// The person's way to complete a stage.
#[derive(Clone, Copy)]
enum Does {
    Password,
    Page(&'static str),
}

#[tokio::test]
async fn any_mix_of_stages_is_gone_through_to_its_end() {
    use Does::{Page, Password};
    for (flows, deeds) in [
        (&["m.login.password"][..], &[Password][..]),
        (&["m.login.dummy"], &[]),
        (&["m.login.password m.login.dummy"], &[Password]),
        (&["m.login.dummy m.login.password"], &[Password]),
        (&["m.login.sso"], &[Page("m.login.sso")]),
        (&["m.login.sso m.login.password"], &[Page("m.login.sso"), Password]),
        (&["m.login.password m.login.sso m.login.dummy"], &[Password, Page("m.login.sso")]),
        (&["m.login.password", "m.login.sso"], &[Page("m.login.sso")]),
        (&["m.login.password", "m.login.sso"], &[Password]),
        (&["m.login.terms m.login.recaptcha"], &[Page("m.login.terms"), Page("m.login.recaptcha")]),
        (&["org.example.a%20b/..?c#d"], &[Page("org.example.a%20b/..?c#d")]),
        (&["m.oauth", "org.matrix.cross_signing_reset"], &[Page("m.oauth")]),
        (&["m.oauth m.login.password"], &[Page("m.oauth"), Password]),
    ] {
        let account = Account::register().await;
        let (front, mut visit, key, mut events) = ordered(&account, flows).await;
        for deed in deeds {
            assert_eq!(wanted(&events).last, Last::None, "{flows:?}");
            assert_eq!(account.master_key().await, None);
            events = match deed {
                Password => visit.give_password(&account.password).await,
                Page(stage) => {
                    let (address, kind) = page(&events);
                    let expected = match *stage {
                        "m.login.sso" => PageKind::SingleSignOn,
                        "m.oauth" => PageKind::Account,
                        stage => PageKind::Other(stage.to_owned()),
                    };
                    assert_eq!(*kind, expected);
                    front.visit_page(address);
                    visited(&mut visit).await
                }
            };
        }
        outcome(&events).0.unwrap_or_else(|problem| panic!("{flows:?}: {problem:?}"));
        visit.sign_out().await;
        verify_all_right(&account, Kept::Key(key.expose()));
    }
}

#[tokio::test]
async fn what_is_not_complete_yet_is_said_and_the_same_page_counts_later() {
    let account = Account::register().await;
    let (front, mut visit, _, events) = ordered(&account, &["m.login.sso"]).await;
    let address = page(&events).0.to_owned();
    let again = visited(&mut visit).await;
    assert_eq!((page(&again).0, wanted(&again).last), (address.as_str(), Last::NotYet));
    front.visit_page(&address);
    outcome(&visited(&mut visit).await).0.unwrap();
    visit.sign_out().await;
}

#[tokio::test]
async fn the_server_is_asked_again_until_it_knows_and_nothing_else_is_read_meanwhile() {
    let account = Account::register().await;
    let (front, mut visit, _, events) = ordered(&account, &["m.login.sso"]).await;
    let address = page(&events).0.to_owned();
    let done = async {
        while front.challenges() < 3 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let before = front.asked().len();
        while front.challenges() < 4 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // It only looks whether another identity was published meanwhile.
        let since = front.asked().split_off(before);
        let ends: Vec<_> = since.iter().map(|(_, path)| path.rsplit("/v3/").next().unwrap()).collect();
        assert_eq!(ends, ["keys/query", "keys/device_signing/upload"]);
        front.visit_page(&address);
    };
    let (events, ()) = tokio::join!(visit.tell(Command::GiveProof(Proof::Page)), done);
    outcome(&events).0.unwrap();
    // The writes before the proof were sent only once.
    let asked = front.asked().into_iter();
    let secrets = asked.filter(|(method, path)| method == "PUT" && path.ends_with("/m.cross_signing.master"));
    assert_eq!((secrets.count(), front.count(UPLOAD)), (1, 5));
    visit.sign_out().await;
}

#[tokio::test]
async fn a_stop_or_the_next_command_ends_waiting() {
    let account = Account::register().await;
    let (_front, mut visit, _, _) = ordered(&account, &["m.login.sso"]).await;
    for by_stop in [true, false] {
        let (stop, bell) = (visit.engine.stop(), visit.engine.bell());
        let end = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            if by_stop { stop.set(true) } else { bell.ring() }
        };
        let waits = tokio::time::timeout(Duration::from_secs(10), async {
            tokio::join!(visit.tell(Command::GiveProof(Proof::Page)), end)
        });
        let (events, ()) = waits.await.unwrap();
        bell.reset();
        assert_eq!(wanted(&events).last, Last::NotYet);
    }
    visit.sign_out().await;
}

#[tokio::test]
async fn a_session_that_the_server_has_forgotten_is_begun_anew() {
    let account = Account::register().await;
    let (front, mut visit, _, events) = ordered(&account, &["m.login.sso m.login.password"]).await;
    let first = page(&events).0.to_owned();
    front.visit_page(&first);
    front.forget_challenges();
    let events = visited(&mut visit).await;
    let second = page(&events).0.to_owned();
    assert_eq!((second != first, wanted(&events).last), (true, Last::NotYet));
    front.visit_page(&second);
    let events = visited(&mut visit).await;
    assert_eq!(events, [password_wanted(Last::None)]);
    // The engine keeps a password that was not checked for the new session, but there the page comes first again.
    front.forget_challenges();
    let events = visit.give_password(&account.password).await;
    front.visit_page(page(&events).0);
    assert_eq!(visited(&mut visit).await, [password_wanted(Last::None)]);
    outcome(&visit.give_password(&account.password).await).0.unwrap();
    visit.sign_out().await;
}

#[tokio::test]
async fn a_password_that_was_not_looked_at_is_not_asked_for_twice() {
    let account = Account::register().await;
    let (front, mut visit, _, events) = ordered(&account, &["m.login.password"]).await;
    assert_eq!(events.last(), Some(&password_wanted(Last::None)));
    front.forget_challenges();
    outcome(&visit.give_password(&account.password).await).0.unwrap();
    visit.sign_out().await;
}

#[tokio::test]
async fn wrong_passwords_between_other_stages_are_counted_and_the_stages_stay_done() {
    let account = Account::register().await;
    let (front, mut visit, _, events) = ordered(&account, &["m.login.sso m.login.password"]).await;
    front.visit_page(page(&events).0);
    assert_eq!(visited(&mut visit).await, [password_wanted(Last::None)]);
    assert_eq!(visit.give_password("wrong").await, [password_wanted(Last::Refused)]);
    assert_eq!(visit.give_password("wrong").await, [password_wanted(Last::Refused)]);
    // No identity is published yet, and nothing is left of the order.
    let stands = Event::TakenBack(vec![Task::CheckUnchanged]);
    assert_eq!(visit.give_password("wrong").await, [stands, Event::Failed(Problem::ProofRefused)]);
    outcome(&visit.give_password(&account.password).await).0.unwrap();
    visit.sign_out().await;
}

/// Makes an identity that is stored and not published, and a backup whose key is not stored. Returns the recovery key
/// and the backup key.
async fn without_backup_key() -> (Account, String) {
    let (account, key) = MadeAccount::unpublished().await;
    let opened = MadeAccount::open(&account, &key).await;
    let backup_key = account.secret(&opened, "m.megolm_backup.v1").await.unwrap();
    let backup_key = BackupDecryptionKey::from_base64(&backup_key).unwrap().to_base58();
    let theirs = serde_json::json!({"encrypted": {"another": {"iv": "x"}}});
    account.set_account_data("m.megolm_backup.v1", theirs).await;
    (account, format!("{key}\n{backup_key}"))
}

/// Enters both keys.
async fn enter(visit: &mut Visit, keys: &str) {
    let (key, backup_key) = keys.split_once('\n').unwrap();
    visit.try_key(backup_key).await;
    visit.try_key(key).await;
}

/// Reads all account data; an empty event counts as deleted.
async fn account_data(account: &Account) -> Value {
    let mut everything = account.everything().await;
    let events = everything["account_data"].as_array_mut().unwrap();
    events.retain(|event| event["content"].as_object().is_none_or(|content| !content.is_empty()));
    everything
}

/// Enters the old key for a repair; makes a new one for anything else.
async fn key_for(action: Action, visit: &mut Visit, old_key: &str) -> Option<Secret> {
    if action != Action::Repair {
        return Some(visit.make_key(None).await);
    }
    enter(visit, old_key).await;
    None
}

#[tokio::test]
async fn what_was_written_before_the_proof_is_taken_back() {
    for action in [Action::SetUp, Action::Reset, Action::Repair] {
        let (account, old_key) = match action {
            Action::Reset => {
                let made = MadeAccount::all_right().await;
                (made.account, made.key)
            }
            Action::Repair => without_backup_key().await,
            _ => (Account::register().await, String::new()),
        };
        // An event of another client's, which has nothing to do with the order.
        account.set_account_data("org.example.other", serde_json::json!({"a": 1})).await;
        let before = account_data(&account).await;
        let backup = account.backup().await;
        let front = Front::before(&account).await;
        front.ask_for(&["m.login.password"]);
        let (mut visit, facts) = Visit::sign_in(&front.url, &account).await;
        let made = key_for(action, &mut visit, &old_key).await;
        let events = visit.write(action, made.as_ref()).await;
        assert_eq!(events.last(), Some(&password_wanted(Last::None)));
        assert_ne!(account_data(&account).await, before, "{action:?}: something was written");
        assert_eq!(account.backup().await, backup, "{action:?}: apps find the backup that they use");
        assert_eq!(visit.give_password("wrong").await, [password_wanted(Last::Refused)]);
        assert_eq!(account.backup().await, backup, "{action:?}: and still do");
        let events = visit.tell(Command::Withdraw).await;
        let [Event::Looked(now), Event::Withdrawn] = &events[..] else { panic!("{action:?}: {events:?}") };
        assert!(now.is_as_it_was(&facts), "{action:?}");
        assert_eq!(account_data(&account).await, before, "{action:?}");
        // The order is over, and its key is given up.
        assert_eq!(visit.tell(Command::Withdraw).await, [Event::Failed(Problem::out_of_order())]);
        let after = visit.give_password(&account.password).await;
        assert_eq!(after, [Event::Failed(Problem::KeyNotProved)]);
        if let Some(key) = &made {
            assert_eq!(visit.write(action, Some(key)).await, [Event::Failed(Problem::KeyNotProved)]);
        }
        assert_eq!(account_data(&account).await, before, "{action:?}");

        // The same order can be given again.
        let made = key_for(action, &mut visit, &old_key).await;
        visit.write(action, made.as_ref()).await;
        let events = visit.give_password(&account.password).await;
        assert!(
            matches!(events.last(), Some(Event::SetUpDone(_) | Event::Tried(_))),
            "{action:?}: {events:?}"
        );
        visit.sign_out().await;
        let old_key = old_key.lines().next().unwrap_or_default();
        verify_all_right(&account, Kept::Key(made.as_ref().map_or(old_key, |key| key.expose())));
    }
}

#[tokio::test]
async fn what_another_client_has_changed_since_stays() {
    let account = Account::register().await;
    let (_front, mut visit, _, _) = ordered(&account, &["m.login.password"]).await;
    let theirs = serde_json::json!({"encrypted": {"theirs": {"iv": "x"}}});
    account.set_account_data("m.cross_signing.self_signing", theirs.clone()).await;
    assert_eq!(visit.tell(Command::Withdraw).await, [Event::Failed(Problem::SomeoneElseIsWriting)]);
    assert_eq!(account.account_data("m.cross_signing.self_signing").await, Some(theirs));
    for own in ["m.cross_signing.master", "m.cross_signing.user_signing", "m.megolm_backup.v1"] {
        assert_eq!(account.account_data(own).await, Some(serde_json::json!({})), "{own}");
    }
    visit.sign_out().await;
}

#[tokio::test]
async fn nothing_is_taken_back_once_another_identity_is_published() {
    let account = Account::register().await;
    let (_front, mut visit, _, _) = ordered(&account, &["m.login.password"]).await;
    let (mut other, _) = Visit::sign_in(&account.homeserver, &account).await;
    let key = other.make_key(None).await;
    other.set_up(&key).await.0.unwrap();
    let before = account_data(&account).await;
    assert_eq!(visit.tell(Command::Withdraw).await, [Event::Failed(Problem::SomeoneElseIsWriting)]);
    assert_eq!(account_data(&account).await, before);
    other.sign_out().await;
    visit.sign_out().await;
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn only_what_waits_for_a_proof_can_be_taken_back() {
    let account = Account::register().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    let refused = [Event::Failed(Problem::out_of_order())];
    assert_eq!(visit.tell(Command::Withdraw).await, refused);
    let key = visit.make_key(None).await;
    assert_eq!(visit.tell(Command::Withdraw).await, refused);
    visit.set_up(&key).await.0.unwrap();
    let before = account_data(&account).await;
    assert_eq!(visit.tell(Command::Withdraw).await, refused);
    assert_eq!(account_data(&account).await, before);
    visit.sign_out().await;
}

#[tokio::test]
async fn a_withdrawal_that_was_cut_short_goes_on() {
    let account = Account::register().await;
    let before = account_data(&account).await;
    let front = Front::before(&account).await;
    front.ask_for(&["m.login.password"]);
    let server = HostileHomeserver::before(&front.url, |asked| {
        let takes_back = asked.body.as_object().is_some_and(|body| body.is_empty());
        if takes_back && asked.is("PUT", "/m.cross_signing.user_signing") && asked.before == 1 {
            return Answer::Instead(403, r#"{"errcode": "M_FORBIDDEN"}"#.into());
        }
        Answer::Pass
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
    let key = visit.make_key(None).await;
    visit.write(Action::SetUp, Some(&key)).await;
    let refused = Problem::Refused { status: 403, errcode: "M_FORBIDDEN".into() };
    assert_eq!(visit.tell(Command::Withdraw).await, [Event::Failed(refused)]);
    assert_ne!(account_data(&account).await, before);
    // What the order relies on may be gone by now, so it must not go on.
    for order in [
        Command::Write { action: Action::SetUp, kept_key: key.clone() },
        Command::GiveProof(Proof::Password(Secret::from(account.password.as_str()))),
        Command::GiveProof(Proof::Page),
    ] {
        assert_eq!(visit.tell(order).await, [Event::Failed(Problem::out_of_order())]);
    }
    let events = visit.tell(Command::Withdraw).await;
    assert!(matches!(events[..], [Event::Looked(_), Event::Withdrawn]), "{events:?}");
    assert_eq!(account_data(&account).await, before);
    visit.sign_out().await;
}

#[tokio::test]
async fn an_order_can_still_be_taken_back_after_a_sign_out() {
    for does in [front::Does::SoftLogout, front::Does::HardLogout] {
        let account = Account::register().await;
        let before = account_data(&account).await;
        let (front, mut visit, _, _) = ordered(&account, &["m.login.password"]).await;
        front.trap("PUT", "/account_data/m.cross_signing.user_signing", 0, does);
        assert_eq!(visit.tell(Command::Withdraw).await, [Event::Failed(Problem::SignedOut)]);
        visit.tell(sign_in(&front.url, &account)).await;
        let events = visit.tell(Command::Withdraw).await;
        assert!(matches!(events[..], [Event::Looked(_), Event::Withdrawn]), "{events:?}");
        assert_eq!(account_data(&account).await, before);
        visit.sign_out().await;
    }
}

#[tokio::test]
async fn an_identity_that_another_app_publishes_while_the_page_waits_is_not_replaced() {
    let account = Account::register().await;
    let (front, mut visit, _, events) = ordered(&account, &["m.oauth"]).await;
    let address = page(&events).0.to_owned();
    let meanwhile = async {
        while front.challenges() < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let (mut other, _) = Visit::sign_in(&account.homeserver, &account).await;
        let key = other.make_key(None).await;
        other.set_up(&key).await.0.unwrap();
        other.sign_out().await;
        front.visit_page(&address);
        (key, account.master_key().await)
    };
    let (events, (key, theirs)) = tokio::join!(visit.tell(Command::GiveProof(Proof::Page)), meanwhile);
    let made = Event::TaskDone(Task::CreateBackup);
    assert_eq!(events, [made, Event::Failed(Problem::SomeoneElseIsWriting)]);
    assert_eq!(account.master_key().await, theirs);
    visit.sign_out().await;
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn a_page_that_was_visited_counts_though_the_answer_to_it_was_lost() {
    let account = Account::register().await;
    let front = Front::before(&account).await;
    front.ask_for(&["m.login.sso m.login.password"]);
    let server = HostileHomeserver::before(&front.url, |asked| {
        let is_lost = asked.is("POST", UPLOAD) && (1..5).contains(&asked.before);
        if is_lost { Answer::Instead(502, String::new()) } else { Answer::Pass }
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
    let key = visit.make_key(None).await;
    let events = visit.write(Action::SetUp, Some(&key)).await;
    let address = page(&events).0.replace(&server.url, &front.url);
    front.visit_page(&address);
    let made = Event::TaskDone(Task::CreateBackup);
    assert_eq!(visited(&mut visit).await, [made, Event::Failed(Problem::Passing { status: Some(502) })]);
    let events = visit.write(Action::SetUp, Some(&key)).await;
    assert_eq!(events.last(), Some(&password_wanted(Last::None)), "{events:?}");
    visit.sign_out().await;
}
