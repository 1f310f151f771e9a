//! Single sign-on: a token comes back from the server's page.

use matrixbackup::{
    domain::{farewell::Farewell, problem::Problem, sign_in::Door},
    engine::DEVICE_NAME,
    protocol::messages::Event,
};

use super::{CALLBACK, authorize, authorized, enter, failed, let_in, single_sign_on};
use crate::support::{
    account::Account,
    front::Front,
    verifier::{Kept, verify_all_right},
    visit::Visit,
};

#[tokio::test]
async fn a_token_from_the_servers_page_lets_in_and_everything_goes_on_from_there() {
    let account = Account::register().await;
    let front = Front::before(&account).await;
    let mut visit = Visit::default();
    let events = enter(&mut visit, &front, single_sign_on()).await;
    assert_eq!(let_in(&events).user_id, account.user_id);
    let Event::SignedIn { farewell: Farewell::Logout { url, token }, .. } = &events[0] else {
        panic!("{events:?}")
    };
    assert_eq!(*url, format!("{}/_matrix/client/v3/logout", front.url));
    assert!(!token.is_blank());
    assert_eq!(account.devices().await, [DEVICE_NAME]);
    let key = visit.make_key(None).await;
    visit.set_up(&key).await.0.unwrap();
    visit.sign_out().await;
    assert_eq!(account.devices().await, [""; 0]);
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn the_address_names_the_provider_and_whatever_it_is_called_stays_one_name() {
    let account = Account::register().await;
    let front = Front::before(&account).await;
    for (provider, path) in [
        (None, ""),
        (Some("oidc-google"), "/oidc-google"),
        (Some("a b/../c?d#é+%"), "/a%20b%2F..%2Fc%3Fd%23%C3%A9%2B%25"),
    ] {
        let mut visit = Visit::default();
        let door = Door::SingleSignOn { provider: provider.map(ToOwned::to_owned) };
        let address = authorize(&mut visit, &front, door, None).await;
        let start = format!("{}/_matrix/client/v3/login/sso/redirect{path}?redirectUrl=", front.url);
        let back = address.strip_prefix(&start).unwrap_or_else(|| panic!("{address}"));
        let encoded = CALLBACK.replace(':', "%3A").replace('/', "%2F");
        let state = back.strip_prefix(&format!("{encoded}%3Fstate%3D")).unwrap_or_else(|| panic!("{back}"));
        // 32 bytes.
        assert_eq!(state.len(), 43, "{state}");
    }
}

#[tokio::test]
async fn an_answer_to_another_attempt_is_not_used_and_spoils_nothing() {
    let account = Account::register().await;
    let front = Front::before(&account).await;
    let mut visit = Visit::default();
    assert_eq!(authorized(&mut visit, "?state=x&loginToken=y").await, failed(Problem::StrayAnswer));
    let address = authorize(&mut visit, &front, single_sign_on(), None).await;
    let right = front.sign_in_with_sso(&address);
    let state = right.strip_prefix("?state=").unwrap().split('&').next().unwrap();
    let other = authorize(&mut Visit::default(), &front, single_sign_on(), None).await;
    for stray in [
        front.sign_in_with_sso(&other),
        "?loginToken=y".to_owned(),
        String::new(),
        format!("?state={state}&state={state}&loginToken=y"),
        format!("?state={}&loginToken=y", &state[1..]),
        "?state=&loginToken=y".to_owned(),
    ] {
        assert_eq!(authorized(&mut visit, &stray).await, failed(Problem::StrayAnswer), "{stray}");
    }
    assert_eq!(front.count("/login"), 0);
    let_in(&authorized(&mut visit, &right).await);
    assert_eq!(authorized(&mut visit, &right).await, failed(Problem::StrayAnswer), "once");
    visit.sign_out().await;
}

#[tokio::test]
async fn a_new_attempt_ends_the_one_before_it() {
    let account = Account::register().await;
    let front = Front::before(&account).await;
    let mut visit = Visit::default();
    let first = authorize(&mut visit, &front, single_sign_on(), None).await;
    let second = authorize(&mut visit, &front, single_sign_on(), None).await;
    let answer = front.sign_in_with_sso(&first);
    assert_eq!(authorized(&mut visit, &answer).await, failed(Problem::StrayAnswer));
    let answer = front.sign_in_with_sso(&second);
    let_in(&authorized(&mut visit, &answer).await);
    visit.sign_out().await;
}

#[tokio::test]
async fn an_answer_that_lets_nobody_in_says_why_on_one_line() {
    let account = Account::register().await;
    let front = Front::before(&account).await;
    for (answer, reason) in [
        ("&error=access_denied", "access_denied".to_owned()),
        ("", String::new()),
        ("&loginToken=", String::new()),
        ("&error=%E2%80%AEa%0Ab", "ab".to_owned()),
        (&format!("&error={}", "x".repeat(5_000)), "x".repeat(100)),
    ] {
        let mut visit = Visit::default();
        let address = authorize(&mut visit, &front, single_sign_on(), None).await;
        let right = front.sign_in_with_sso(&address);
        let state = right.split('&').next().unwrap();
        let events = authorized(&mut visit, &format!("{state}{answer}")).await;
        assert_eq!(events, failed(Problem::NotLetIn { reason }), "{answer}");
    }
    assert_eq!(front.count("/login"), 0);
}

#[tokio::test]
async fn a_token_that_is_not_valid_any_more_is_said_and_leaves_no_device() {
    let account = Account::register().await;
    let front = Front::before(&account).await;
    let mut visit = Visit::default();
    let address = authorize(&mut visit, &front, single_sign_on(), None).await;
    let answer = front.sign_in_with_sso(&address);
    front.let_login_tokens_expire();
    assert_eq!(authorized(&mut visit, &answer).await, failed(Problem::AnswerTooLate));
    assert_eq!(account.devices().await, [""; 0]);
    let_in(&enter(&mut visit, &front, single_sign_on()).await);
    visit.sign_out().await;
}

#[tokio::test]
async fn another_account_than_the_one_that_was_entered_is_signed_out_at_once() {
    let account = Account::register().await;
    let front = Front::before(&account).await;
    let mut visit = Visit::default();
    let wanted = "@somebody-else:example.org";
    let address = authorize(&mut visit, &front, single_sign_on(), Some(wanted)).await;
    let answer = front.sign_in_with_sso(&address);
    let problem =
        Problem::AnotherAccount { wanted: wanted.into(), came: account.user_id.clone(), is_left: true };
    assert_eq!(authorized(&mut visit, &answer).await, failed(problem));
    assert_eq!(account.devices().await, [""; 0]);
    // Holds in whatever case the name is written.
    let wanted = account.user_id.to_uppercase();
    let address = authorize(&mut visit, &front, single_sign_on(), Some(&wanted)).await;
    let answer = front.sign_in_with_sso(&address);
    let_in(&authorized(&mut visit, &answer).await);
    visit.sign_out().await;
}
