//! Opens everything once more, and removes the devices that earlier visits left.

use matrixbackup::{
    domain::{
        plan::Action,
        problem::{Part, Problem},
        proof::{Last, Proof},
        proved::{Checked, Proved},
        secret::Secret,
    },
    engine::DEVICE_NAME,
    protocol::messages::{Command, Event},
};
use serde_json::json;

use crate::support::{
    account::Account,
    made::MadeAccount,
    visit::{Visit, password_wanted},
};

async fn check(visit: &mut Visit) -> Result<Checked, Problem> {
    match &visit.tell(Command::Check).await[..] {
        [Event::Checked(checked)] => Ok(checked.clone()),
        [Event::Failed(problem)] => Err(problem.clone()),
        events => panic!("{events:?}"),
    }
}

async fn remove(visit: &mut Visit, password: &str) -> Vec<Event> {
    let proof = (!password.is_empty()).then(|| Proof::Password(Secret::from(password)));
    visit.tell(Command::RemoveLeftOver { proof }).await
}

async fn default_key(account: &Account) -> String {
    let default = account.account_data("m.secret_storage.default_key").await.unwrap();
    default["key"].as_str().unwrap().to_owned()
}

/// Signs a device in, as another client would.
async fn device(account: &Account, name: &str) -> String {
    let login = json!({
        "type": "m.login.password", "identifier": {"type": "m.id.user", "user": account.user_id},
        "password": account.password, "initial_device_display_name": name,
    });
    account.done("POST", "login", login).await["device_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_was_set_up_is_opened_again_with_the_key_and_the_phrase() {
    let account = Account::register().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(check(&mut visit).await, Err(Problem::out_of_order()), "nothing was made yet");
    let key = visit.make_key(Some("glass otter fifty moons")).await;
    assert_eq!(check(&mut visit).await, Err(Problem::out_of_order()), "nothing was written yet");
    let proved = visit.set_up(&key).await.0.unwrap();
    let checked = check(&mut visit).await.unwrap();
    assert_eq!(checked.proved, proved);
    assert!(checked.proved.phrase_opens && checked.at_ms > 1_700_000_000_000);
    assert_eq!(checked.left_over, []);
    visit.sign_out().await;
}

#[tokio::test]
async fn the_key_that_counts_after_a_change_is_the_one_that_is_tried() {
    let MadeAccount { account, key: old, .. } = MadeAccount::all_right().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.try_key(&old).await;
    let expected = |key_id: String, phrase_opens, backup_version: &str| Proved {
        key_id,
        phrase_opens,
        backup_version: backup_version.to_owned(),
        room_keys: 0,
    };
    let before = default_key(&account).await;
    assert_eq!(check(&mut visit).await.unwrap().proved, expected(before.clone(), false, "1"));

    let new = visit.make_key(Some("glass otter fifty moons")).await;
    visit.write(Action::ChangeKey, Some(&new)).await;
    let after = default_key(&account).await;
    assert_ne!(before, after);
    assert_eq!(check(&mut visit).await.unwrap().proved, expected(after.clone(), true, "1"));
    visit.try_key(&old).await;
    assert_eq!(
        check(&mut visit).await.unwrap().proved.key_id,
        after,
        "what opens nothing takes nothing away"
    );

    visit.write(Action::Rotate, None).await;
    assert_eq!(check(&mut visit).await.unwrap().proved, expected(after.clone(), true, "2"));
    visit.sign_out().await;

    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.try_key("glass otter fifty moons").await;
    assert_eq!(check(&mut visit).await.unwrap().proved, expected(after, true, "2"), "entered as a phrase");
    visit.sign_out().await;
}

#[tokio::test]
async fn what_somebody_else_has_changed_meanwhile_is_told() {
    let MadeAccount { account, key, .. } = MadeAccount::all_right().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.try_key(&key).await;

    let good = account.account_data("m.megolm_backup.v1").await.unwrap();
    account.set_account_data("m.megolm_backup.v1", json!({})).await;
    assert_eq!(check(&mut visit).await, Err(Problem::NotAsWritten { part: Part::Secrets }));
    account.set_account_data("m.megolm_backup.v1", good).await;
    check(&mut visit).await.unwrap();

    let default = json!({"key": default_key(&account).await});
    account.set_account_data("m.secret_storage.default_key", json!({"key": "theirs"})).await;
    assert_eq!(check(&mut visit).await, Err(Problem::SomeoneElseIsWriting));
    account.set_account_data("m.secret_storage.default_key", default).await;
    check(&mut visit).await.unwrap();

    // Another version has the very same key: the room keys that this visit saw arrive are not in it.
    let version = account.backup().await.unwrap();
    let create = json!({"algorithm": version["algorithm"], "auth_data": version["auth_data"]});
    account.done("POST", "room_keys/version", create).await;
    assert_eq!(check(&mut visit).await, Err(Problem::BackupReplaced));
    for version in ["1", "2"] {
        assert_eq!(account.ask("DELETE", &format!("room_keys/version/{version}"), None).await.0, 200);
    }
    assert_eq!(check(&mut visit).await, Err(Problem::BackupReplaced));
    visit.sign_out().await;
}

#[tokio::test]
async fn devices_of_earlier_visits_go_with_the_password_and_no_other_does() {
    let MadeAccount { account, key, .. } = MadeAccount::all_right().await;
    let others = ["Element Desktop", "Key backup page (temporary) ", "key backup page (temporary)", "Phone"];
    for name in others {
        device(&account, name).await;
    }
    let mut left = [device(&account, DEVICE_NAME).await, device(&account, DEVICE_NAME).await];
    left.sort();
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.try_key(&key).await;
    let names = || async {
        let mut names = account.devices().await;
        names.sort();
        names
    };
    let all = names().await;
    assert!(matches!(remove(&mut visit, &account.password).await[..], [Event::Checked(_)]));
    assert_eq!(names().await, all, "nobody was told of any yet");

    let mut told: Vec<_> = check(&mut visit).await.unwrap().left_over;
    told.sort_by(|a, b| a.device_id.cmp(&b.device_id));
    assert_eq!(told.iter().map(|device| device.device_id.clone()).collect::<Vec<_>>(), left);
    assert!(told.iter().all(|device| device.name.as_deref() == Some(DEVICE_NAME) && !device.verified));

    // This device signed in since, perhaps for another visit under way.
    let since = device(&account, DEVICE_NAME).await;
    assert_eq!(remove(&mut visit, "").await, [password_wanted(Last::None)]);
    assert_eq!(remove(&mut visit, "wrong").await, [password_wanted(Last::Refused)]);
    assert_eq!(names().await.len(), all.len() + 1, "nothing is gone");
    let events = remove(&mut visit, &account.password).await;
    let [Event::Checked(checked)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(checked.left_over.iter().map(|device| &device.device_id).collect::<Vec<_>>(), [&since]);
    let mut expected = others.map(ToOwned::to_owned).to_vec();
    expected.extend([DEVICE_NAME, DEVICE_NAME].map(ToOwned::to_owned));
    expected.sort();
    assert_eq!(names().await, expected, "this visit's, the newer one's, and those of other names");

    assert!(matches!(remove(&mut visit, &account.password).await[..], [Event::Checked(_)]));
    assert_eq!(check(&mut visit).await.unwrap().left_over, []);
    visit.sign_out().await;
    expected.retain(|name| name != DEVICE_NAME);
    assert_eq!(names().await, expected);
}
