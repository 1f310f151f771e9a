//! Shows the recovery key once more, to be printed.

use crate::support::{account::Account, made::MadeAccount, visit::Visit};
use matrixbackup::{
    domain::{plan::Action, problem::Problem},
    protocol::messages::{Command, Event},
};
use serde_json::json;

/// Returns the key and its id from the kit.
async fn shown(visit: &mut Visit) -> Result<(String, String), Problem> {
    match &visit.tell(Command::ShowKit).await[..] {
        [Event::Kit(kit)] => {
            assert!(kit.qr_modules > 0 && kit.qr.expose().starts_with('M'));
            Ok((kit.recovery_key.expose().to_owned(), kit.key_id.clone()))
        }
        [Event::Failed(problem)] => Err(problem.clone()),
        events => panic!("{events:?}"),
    }
}

async fn default_key(account: &Account) -> String {
    account.account_data("m.secret_storage.default_key").await.unwrap()["key"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_key_that_was_made_is_shown_once_it_counts() {
    let account = Account::register().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(shown(&mut visit).await, Err(Problem::out_of_order()));
    let key = visit.make_key(None).await;
    assert_eq!(shown(&mut visit).await, Err(Problem::out_of_order()), "no app asks for it yet");
    visit.set_up(&key).await.0.unwrap();
    let expected = (key.expose().to_owned(), default_key(&account).await);
    assert_eq!(shown(&mut visit).await, Ok(expected));
}

#[tokio::test]
async fn the_key_that_was_entered_is_shown_until_another_one_counts() {
    let MadeAccount { account, key, .. } = MadeAccount::all_right().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.try_key(&key.replace(' ', "")).await;
    let expected = (key.clone(), default_key(&account).await);
    assert_eq!(shown(&mut visit).await, Ok(expected.clone()));

    let new = visit.make_key(None).await;
    assert_eq!(shown(&mut visit).await, Ok(expected));
    let events = visit.write(Action::ChangeKey, Some(&new)).await;
    assert!(matches!(events.last(), Some(Event::Tried(_))), "{events:?}");
    let expected = (new.expose().to_owned(), default_key(&account).await);
    assert_eq!(shown(&mut visit).await, Ok(expected.clone()));

    // A fresh backup keeps the recovery key.
    let events = visit.write(Action::Rotate, None).await;
    assert!(matches!(events.last(), Some(Event::Rotated { .. })), "{events:?}");
    assert_eq!(shown(&mut visit).await, Ok(expected));

    account.set_account_data("m.secret_storage.default_key", json!({"key": "another"})).await;
    assert_eq!(shown(&mut visit).await, Err(Problem::out_of_order()));
}
