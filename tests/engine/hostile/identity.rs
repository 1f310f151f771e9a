//! A published identity that cannot be read.

use matrixbackup::{
    domain::{plan::Action, problem::Problem},
    protocol::messages::Event,
};
use serde_json::json;

use crate::support::{
    account::Account,
    hostile_homeserver::{Answer, HostileHomeserver},
    made::MadeAccount,
    visit::{Visit, sign_in},
};

/// 33 bytes, written with as many letters as a key: the SDK would panic.
const LONGER: &str = "MT4VbsBYLI4Csewth0ViOt1T2gh5A8iaOWlEjcI6ErQA";

/// Starts a server that shows this master key from its answer number `from` on.
async fn showing(account: &Account, master: serde_json::Value, from: usize) -> HostileHomeserver {
    let user_id = account.user_id.clone();
    HostileHomeserver::before(&account.homeserver, move |asked| {
        if !asked.is("POST", "/keys/query") || asked.before < from {
            return Answer::Pass;
        }
        let (master, user_id) = (master.clone(), user_id.clone());
        Answer::changed(move |answer| answer["master_keys"] = json!({ user_id: master }))
    })
    .await
}

/// An identity taken for none would be replaced, and everybody who had verified the person would see a new one.
#[tokio::test]
async fn an_identity_that_cannot_be_read_is_neither_none_nor_replaced() {
    let account = Account::register().await;
    for master in [
        json!({ "user_id": account.user_id, "usage": ["master"], "keys": { "ed25519:x": LONGER } }),
        json!({ "user_id": account.user_id, "usage": ["master"] }),
        json!(7),
    ] {
        let server = showing(&account, master, 0).await;
        let mut visit = Visit::default();
        let events = visit.tell(sign_in(&server.url, &account)).await;
        assert_eq!(events.last(), Some(&Event::Failed(Problem::Garbled)), "{events:?}");
        let key = visit.make_key(None).await;
        let events = visit.write(Action::SetUp, Some(&key)).await;
        assert!(matches!(events[..], [Event::Failed(_)]), "{events:?}");
        assert!(server.writes().is_empty(), "{:#?}", server.writes());
        visit.sign_out().await;
    }
}

#[tokio::test]
async fn an_identity_that_cannot_be_read_later_ends_what_was_agreed_to() {
    let MadeAccount { account, key, .. } = MadeAccount::all_right().await;
    // The first two reads are at sign-in and when the key is tried.
    let server = showing(&account, json!({ "keys": { "ed25519:x": LONGER } }), 2).await;
    let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
    assert!(visit.try_key(&key).await.is_all_right());
    let new_key = visit.make_key(None).await;
    for action in [Action::ChangeKey, Action::Reset] {
        let events = visit.write(action, Some(&new_key)).await;
        assert!(matches!(events[..], [Event::Failed(_)]), "{action:?}: {events:?}");
    }
    assert!(server.writes().is_empty(), "{:#?}", server.writes());
}
