//! Servers that ask to wait, and a sign-in that must happen once.

use matrixbackup::{domain::problem::Problem, engine::DEVICE_NAME, protocol::messages::Event};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    hostile_homeserver::{Answer, Asked, HostileHomeserver},
    visit::{Visit, sign_in},
};

fn logins(server: &HostileHomeserver) -> Vec<Asked> {
    server.asked().into_iter().filter(|asked| asked.is("POST", "/login")).collect()
}

#[tokio::test]
async fn any_wait_is_told_and_a_later_sign_in_makes_one_device() {
    let account = Account::register().await;
    for (asked, told) in [
        (json!(50), 50),
        (json!(2500.7), 2_500),
        (json!(600_000), 600_000),
        (json!(-1), 5_000),
        (json!("soon"), 5_000),
        (Value::Null, 5_000),
        (json!([1]), 5_000),
        (json!(1e300), 86_400_000),
        (json!(u64::MAX), 86_400_000),
    ] {
        let body = json!({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": asked});
        let server = HostileHomeserver::before(&account.homeserver, move |asked| {
            let first = asked.is("POST", "/login") && asked.before == 0;
            if first { Answer::json(429, body.clone()) } else { Answer::Pass }
        })
        .await;
        let mut visit = Visit::default();
        let events = visit.tell(sign_in(&server.url, &account)).await;
        assert_eq!(events, [Event::Failed(Problem::RateLimited { wait_ms: told })], "{asked}");
        assert_eq!(logins(&server).len(), 1, "it is not insisted");
        visit.tell(sign_in(&server.url, &account)).await;
        assert_eq!(account.devices().await, [DEVICE_NAME], "{asked}");
        visit.sign_out().await;
        assert_eq!(account.devices().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_sign_in_whose_answer_is_lost_leaves_no_second_device() {
    let account = Account::register().await;
    for lost in [1, 3, 4] {
        let server = HostileHomeserver::before(&account.homeserver, move |asked| {
            let is_lost = asked.is("POST", "/login") && asked.before < lost;
            if is_lost { Answer::Lost } else { Answer::Pass }
        })
        .await;
        let mut visit = Visit::default();
        let mut events = visit.tell(sign_in(&server.url, &account)).await;
        if lost == 4 {
            assert_eq!(events, [Event::Failed(Problem::Passing { status: None })]);
            events = visit.tell(sign_in(&server.url, &account)).await;
        }
        assert!(matches!(events[..], [Event::SignedIn { .. }, Event::Looked(_)]), "{events:?}");
        let logins = logins(&server);
        assert_eq!(logins.len(), lost + 1);
        assert!(logins.iter().all(|asked| asked.body["device_id"] == logins[0].body["device_id"]));
        assert_eq!(account.devices().await, [DEVICE_NAME], "however often it was asked for");
        // The same command again goes on with the same visit.
        visit.tell(sign_in(&server.url, &account)).await;
        assert_eq!(account.devices().await, [DEVICE_NAME]);
        visit.sign_out().await;
        assert_eq!(account.devices().await, [""; 0]);
    }
}
