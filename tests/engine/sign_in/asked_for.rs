//! A sign-in as another device or account than was asked for is undone. Of two devices that begin to compare emoji at
//! once, the order of their ids decides whose proposal counts. So a server must not choose the page's.

use std::time::Duration;

use matrixbackup::{
    domain::{problem::Problem, secret::Secret, sign_in::Door},
    engine::DEVICE_NAME,
    protocol::messages::{Command, Event},
};
use serde_json::json;

use super::{CALLBACK, authorized, failed, let_in, single_sign_on};
use crate::support::{
    account::Account,
    front::{Does, Front},
    hostile_homeserver::{Answer, Asked, HostileHomeserver},
    visit::Visit,
};

const ANOTHER: [Event; 1] = [Event::Failed(Problem::AnotherDevice { is_left: true })];

fn with_password(server: &HostileHomeserver, account: &Account, user: &str) -> Command {
    let password = Secret::from(account.password.as_str());
    Command::SignIn { base_url: server.url.clone(), user: user.to_owned(), password }
}

/// Starts a server that lies in one field about who has signed in.
async fn saying(
    target: &str,
    field: &'static str,
    value: &str,
    lies: impl Fn(&Asked) -> bool + Send + Sync + 'static,
) -> HostileHomeserver {
    let value = value.to_owned();
    HostileHomeserver::before(target, move |asked| {
        let is_it = (asked.is("POST", "/login") || asked.is("GET", "/account/whoami")) && lies(asked);
        let value = value.clone();
        if is_it { Answer::changed(move |answer| answer[field] = json!(value)) } else { Answer::Pass }
    })
    .await
}

#[tokio::test]
async fn another_device_than_the_one_that_was_asked_for_is_signed_out_at_once_with_a_password() {
    let account = Account::register().await;
    let server = saying(&account.homeserver, "device_id", "ZZZZZZZZZZ", |asked| asked.before == 0).await;
    let mut visit = Visit::default();
    assert_eq!(visit.tell(with_password(&server, &account, &account.user_id)).await, ANOTHER);
    assert_eq!(account.devices().await, [""; 0]);
    // Nothing of it is kept: after an honest answer the person is signed in.
    let_in(&visit.tell(with_password(&server, &account, &account.user_id)).await);
    assert_eq!(account.devices().await, [DEVICE_NAME]);
    visit.sign_out().await;
}

#[tokio::test]
async fn another_device_than_the_one_that_was_asked_for_is_signed_out_at_once_on_the_servers_page() {
    for delegates in [false, true] {
        let account = Account::register().await;
        let front = if delegates {
            Front::delegating(&account, Duration::from_secs(3_600)).await
        } else {
            Front::before(&account).await
        };
        let door: Door = if delegates { front.door() } else { single_sign_on() };
        let server = saying(&front.url, "device_id", "ZZZZZZZZZZ", |_| true).await;
        let mut visit = Visit::default();
        let (base_url, callback) = (server.url.clone(), CALLBACK.to_owned());
        let events = visit.tell(Command::Authorize { base_url, door, user_id: None, callback }).await;
        let [Event::Authorize { address }] = &events[..] else { panic!("{events:?}") };
        let answer = if delegates {
            front.sign_in_with_oauth(address.as_str())
        } else {
            let on_the_front = address.as_str().replace(&server.url, &front.url);
            front.sign_in_with_sso(&on_the_front)
        };
        let events = authorized(&mut visit, &answer).await;
        assert_eq!(events.last(), ANOTHER.last(), "{delegates}: {events:?}");
        assert_eq!(account.devices().await, [""; 0], "{delegates}");
        assert!(
            !server.asked().iter().any(|asked| asked.path.ends_with("/devices/ZZZZZZZZZZ")),
            "not even named"
        );
    }
}

#[tokio::test]
async fn another_device_after_the_visit_was_interrupted_is_signed_out_at_once() {
    let account = Account::register().await;
    let front = Front::before(&account).await;
    let server = saying(&front.url, "device_id", "ZZZZZZZZZZ", |asked| asked.before == 1).await;
    let mut visit = Visit::default();
    let_in(&visit.tell(with_password(&server, &account, &account.user_id)).await);
    let key = visit.make_key(None).await;
    front.trap("POST", "/room_keys/version", 0, Does::SoftLogout);
    assert_eq!(visit.set_up(&key).await.0, Err(Problem::SignedOut));
    assert_eq!(visit.tell(with_password(&server, &account, &account.user_id)).await, ANOTHER);
    assert_eq!(visit.set_up(&key).await.0, Err(Problem::SignedOut), "still out");
    let_in(&visit.tell(with_password(&server, &account, &account.user_id)).await);
    visit.set_up(&key).await.0.unwrap();
    visit.sign_out().await;
}

#[tokio::test]
async fn another_account_than_the_one_that_was_entered_is_signed_out_at_once_with_a_password() {
    let account = Account::register().await;
    let came = "@somebody-else:example.org";
    let server = saying(&account.homeserver, "user_id", came, |_| true).await;
    let localpart = account.user_id[1..].split(':').next().unwrap();
    for wanted in [account.user_id.as_str(), localpart] {
        let mut visit = Visit::default();
        let events = visit.tell(with_password(&server, &account, wanted)).await;
        let (wanted, came) = (wanted.to_owned(), came.to_owned());
        assert_eq!(events, failed(Problem::AnotherAccount { wanted, came, is_left: true }));
        assert_eq!(account.devices().await, [""; 0]);
    }
}

/// Servers answer with the ID as it is, in whatever case it was entered.
#[tokio::test]
async fn nobody_is_locked_out_for_how_they_write_their_name() {
    let account = Account::register().await;
    let server = HostileHomeserver::before(&account.homeserver, |_| Answer::Pass).await;
    let localpart = account.user_id[1..].split(':').next().unwrap();
    for user in [localpart.to_owned(), localpart.to_uppercase(), format!(" {} ", account.user_id)] {
        let mut visit = Visit::default();
        let_in(&visit.tell(with_password(&server, &account, &user)).await);
        visit.sign_out().await;
    }
}
