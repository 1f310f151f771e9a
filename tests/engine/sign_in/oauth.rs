//! OAuth 2.0: a code comes back from the authorization server's page, and tokens for it.

use std::time::Duration;

use matrixbackup::{
    domain::{
        farewell::Farewell,
        plan::Action,
        problem::Problem,
        proof::{Last, PageKind, Proof, ProofWay, Wanted},
    },
    engine::DEVICE_NAME,
    protocol::messages::{Command, Event},
};
use serde_json::json;

use super::{authorize, authorized, enter, failed, let_in};
use crate::support::{
    account::Account,
    front::{Does, Front},
    hostile_homeserver::{Answer, HostileHomeserver},
    verifier::{Kept, verify_all_right},
    visit::{Visit, outcome},
};

const AN_HOUR: Duration = Duration::from_secs(3_600);

/// The farewells that were told after the sign-in: one for each new pair of tokens.
fn farewells(visit: &Visit) -> Vec<&Farewell> {
    let mut told = Vec::new();
    for event in visit.told.iter().skip_while(|event| !matches!(event, Event::SignedIn { .. })) {
        if let Event::Farewell(farewell) = event {
            told.push(farewell);
        }
    }
    told
}

#[tokio::test]
async fn a_code_from_the_authorization_server_lets_in_and_signing_out_revokes_everything() {
    let account = Account::register().await;
    let front = Front::delegating(&account, AN_HOUR).await;
    let mut visit = Visit::default();
    let events = enter(&mut visit, &front, front.door()).await;
    assert_eq!(let_in(&events).user_id, account.user_id);
    // OAuth 2.0 cannot name the device at sign-in; the page does it afterwards.
    assert_eq!(account.devices().await, [DEVICE_NAME]);
    // The page has the farewell before the first request with the token: it may be closed at any moment.
    let [
        Event::Farewell(early),
        Event::SignedIn { farewell: farewell @ Farewell::Revocation { url, form }, .. },
        Event::Looked(_),
    ] = &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!(early, farewell);
    assert_eq!(*url, format!("{}/issuer/revoke", front.url));
    assert!(form.expose().contains("&token_type_hint=refresh_token&client_id="), "{}", form.expose());
    let key = visit.make_key(None).await;
    visit.set_up(&key).await.0.unwrap();
    visit.sign_out().await;
    assert!(!front.has_sessions());
    assert_eq!(account.devices().await, [""; 0]);
    assert_eq!((front.count("/issuer/register"), front.count("/logout")), (1, 0));
    verify_all_right(&account, Kept::Key(key.expose()));
    assert_eq!(farewells(&visit), [] as [&Farewell; 0]);
}

#[tokio::test]
async fn nothing_that_is_printed_shows_a_token() {
    let account = Account::register().await;
    let front = Front::delegating(&account, Duration::from_secs(2)).await;
    let mut visit = Visit::default();
    let_in(&enter(&mut visit, &front, front.door()).await);
    tokio::time::sleep(Duration::from_secs(1)).await;
    visit.tell(Command::Look).await;
    assert_eq!(farewells(&visit).len(), 1);
    let printed = format!("{:?}", visit.told);
    let tokens = front.tokens();
    assert_eq!(tokens.len(), 4);
    for token in tokens {
        assert!(!printed.contains(&token));
    }
    visit.sign_out().await;
}

#[tokio::test]
async fn the_page_is_told_whose_account_is_wanted_and_the_page_registers_once() {
    let account = Account::register().await;
    let front = Front::delegating(&account, AN_HOUR).await;
    let mut visit = Visit::default();
    let address = authorize(&mut visit, &front, front.door(), Some(&account.user_id)).await;
    let hint = account.user_id.replace('@', "%40").replace(':', "%3A");
    assert!(address.ends_with(&format!("&login_hint=mxid%3A{hint}")), "{address}");
    let_in(&enter(&mut visit, &front, front.door()).await);
    assert_eq!(front.count("/issuer/register"), 1);
    visit.sign_out().await;
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_every_new_pair_is_told() {
    let account = Account::register().await;
    let front = Front::delegating(&account, Duration::from_secs(2)).await;
    let mut visit = Visit::default();
    let_in(&enter(&mut visit, &front, front.door()).await);
    let key = visit.make_key(None).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    visit.set_up(&key).await.0.unwrap();
    let told = farewells(&visit).len();
    assert!(told >= 1);
    // Registered once, signed in once, and renewed for each pair that was told: requests at the same time share one
    // renewal.
    assert_eq!(front.count("/issuer/token"), 1 + told);
    let last = farewells(&visit).last().copied().cloned();
    let Some(Farewell::Revocation { form, .. }) = last else { panic!() };
    visit.sign_out().await;
    let spent = front.tokens();
    assert!(spent.iter().any(|token| form.expose().contains(token.as_str())));
    assert!(!front.has_sessions());
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn a_token_that_is_not_known_any_more_is_renewed_in_the_middle_of_anything() {
    let account = Account::register().await;
    let front = Front::delegating(&account, AN_HOUR).await;
    let mut visit = Visit::default();
    let_in(&enter(&mut visit, &front, front.door()).await);
    let key = visit.make_key(None).await;
    for (method, end) in [
        ("PUT", "/account_data/m.cross_signing.master"),
        ("POST", "/keys/device_signing/upload"),
        ("POST", "/room_keys/version"),
        ("PUT", "/account_data/m.secret_storage.default_key"),
    ] {
        front.trap(method, end, 0, Does::Expire);
    }
    visit.set_up(&key).await.0.unwrap();
    assert!(front.has_sprung());
    assert_eq!(farewells(&visit).len(), 4);
    visit.sign_out().await;
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn a_renewal_whose_answer_is_lost_ends_with_signing_in_again_and_nothing_is_lost() {
    let account = Account::register().await;
    let front = Front::delegating(&account, AN_HOUR).await;
    let mut visit = Visit::default();
    let_in(&enter(&mut visit, &front, front.door()).await);
    let key = visit.make_key(None).await;
    front.trap("POST", "/room_keys/version", 0, Does::Expire);
    front.lose_refreshes(1);
    assert_eq!(visit.set_up(&key).await.0, Err(Problem::SignedOut));
    assert!(front.has_sprung());
    let_in(&enter(&mut visit, &front, front.door()).await);
    visit.set_up(&key).await.0.unwrap();
    visit.sign_out().await;
    assert_eq!(account.devices().await, [""; 0]);
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn a_code_is_good_for_one_time_and_only_from_its_own_server() {
    let account = Account::register().await;
    let front = Front::delegating(&account, AN_HOUR).await;
    let mut visit = Visit::default();
    let address = authorize(&mut visit, &front, front.door(), None).await;
    let answer = front.sign_in_with_oauth(&address);
    let issuer = answer.split("&iss=").nth(1).unwrap().to_owned();
    let foreign = answer.replace(&issuer, "https%3A%2F%2Fevil.example%2F");
    assert_eq!(authorized(&mut visit, &foreign).await, failed(Problem::StrayAnswer));
    assert_eq!(front.count("/issuer/token"), 0);
    // That answer was to another attempt, and does not end this one.
    let_in(&authorized(&mut visit, &answer).await);
    assert_eq!(authorized(&mut visit, &answer).await, failed(Problem::StrayAnswer), "once");
    visit.sign_out().await;

    // A code that somebody else has used already.
    let mut visit = Visit::default();
    let address = authorize(&mut visit, &front, front.door(), None).await;
    let answer = front.sign_in_with_oauth(&address);
    let code = answer.split("&code=").nth(1).unwrap().split('&').next().unwrap();
    front.use_code(code);
    assert_eq!(authorized(&mut visit, &answer).await, failed(Problem::AnswerTooLate));
    assert_eq!(account.devices().await, [""; 0]);
}

#[tokio::test]
async fn a_server_that_refuses_the_page_is_quoted() {
    let account = Account::register().await;
    let front = Front::delegating(&account, AN_HOUR).await;
    for (status, body, expected) in [
        (
            400,
            json!({"error": "invalid_client_metadata"}),
            Problem::PageRefused { reason: "invalid_client_metadata".into() },
        ),
        (403, json!({"error": "\u{202e}no\nway"}), Problem::PageRefused { reason: "noway".into() }),
        (404, json!("?"), Problem::PageRefused { reason: String::new() }),
        (200, json!({"client_id": 7}), Problem::Garbled),
        (200, json!({"client_id": ""}), Problem::Garbled),
        (429, json!({"retry_after_ms": 60_000}), Problem::RateLimited { wait_ms: 60_000 }),
    ] {
        let server = HostileHomeserver::before(&front.url, move |asked| {
            if asked.is("POST", "/register") { Answer::json(status, body.clone()) } else { Answer::Pass }
        })
        .await;
        let door = serde_json::to_string(&front.door()).unwrap().replace(&front.url, &server.url);
        let door = serde_json::from_str(&door).unwrap();
        let (base_url, callback) = (server.url.clone(), super::CALLBACK.to_owned());
        let command = Command::Authorize { base_url, door, user_id: None, callback };
        assert_eq!(Visit::default().tell(command).await, failed(expected));
    }
}

#[tokio::test]
async fn devices_of_earlier_visits_are_removed_one_after_the_other_on_the_account_page() {
    let account = Account::register().await;
    let front = Front::delegating(&account, AN_HOUR).await;
    // The devices of two closed tabs.
    for _ in 0..2 {
        let_in(&enter(&mut Visit::default(), &front, front.door()).await);
    }
    let mut visit = Visit::default();
    let_in(&enter(&mut visit, &front, front.door()).await);
    let key = visit.make_key(None).await;
    visit.set_up(&key).await.0.unwrap();
    let events = visit.tell(Command::Check).await;
    let [Event::Checked(checked)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(checked.left_over.len(), 2);
    let mut events = visit.tell(Command::RemoveLeftOver { proof: None }).await;
    for _ in 0..2 {
        let [Event::ProofNeeded(Wanted { ways, last: Last::None })] = &events[..] else {
            panic!("{events:?}")
        };
        let [ProofWay::Page { address, kind: PageKind::Account }] = &ways[..] else { panic!("{ways:?}") };
        let (page, device_id) = address.as_str().split_once("&device_id=").unwrap();
        assert_eq!(page, format!("{}/issuer/account?action=org.matrix.device_delete", front.url));
        assert!(checked.left_over.iter().any(|device| device.device_id == device_id));
        // The device is not removed yet, and the next command need not wait for that.
        let bell = visit.engine.bell();
        bell.ring();
        let not_yet = visit.tell(Command::RemoveLeftOver { proof: Some(Proof::Page) }).await;
        bell.reset();
        assert_eq!(not_yet, [Event::ProofNeeded(Wanted { ways: ways.clone(), last: Last::NotYet })]);
        account.remove_device(device_id).await;
        events = visit.tell(Command::RemoveLeftOver { proof: Some(Proof::Page) }).await;
    }
    assert!(matches!(&events[..], [Event::Checked(checked)] if checked.left_over.is_empty()), "{events:?}");
    assert_eq!(front.count("/delete_devices"), 0);
    visit.sign_out().await;
    assert_eq!(account.devices().await, [""; 0]);
}

#[tokio::test]
async fn a_new_identity_is_approved_on_the_account_page_while_the_page_waits() {
    let account = Account::register().await;
    let front = Front::delegating(&account, AN_HOUR).await;
    front.ask_for(&["m.oauth", "org.matrix.cross_signing_reset"]);
    let mut visit = Visit::default();
    let_in(&enter(&mut visit, &front, front.door()).await);
    let key = visit.make_key(None).await;
    let events = visit.write(Action::SetUp, Some(&key)).await;
    let Some(Event::ProofNeeded(Wanted { ways, last: Last::None })) = events.last() else {
        panic!("{events:?}")
    };
    let [ProofWay::Page { address, kind: PageKind::Account }] = &ways[..] else { panic!("{ways:?}") };
    let approve = async {
        while front.challenges() < 3 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        front.visit_page(address.as_str());
    };
    let (events, ()) = tokio::join!(visit.tell(Command::GiveProof(Proof::Page)), approve);
    outcome(&events).0.unwrap();
    visit.sign_out().await;
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn a_renewal_that_nobody_waits_for_any_more_serves_the_next_request() {
    let account = Account::register().await;
    let front = Front::delegating(&account, Duration::from_secs(4)).await;
    let mut visit = Visit::default();
    let_in(&enter(&mut visit, &front, front.door()).await);
    visit.listen_a_while().await;
    let before = front.count("/issuer/token");
    tokio::time::sleep(Duration::from_secs(2)).await;
    // Listening gives up after a second.
    front.delay_refresh(Duration::from_secs(2));
    assert_eq!(visit.listen_a_while().await, [Event::Heard { trouble: None }]);
    let events = visit.tell(Command::Look).await;
    assert!(matches!(events[..], [Event::Farewell(_), Event::Looked(_)]), "{events:?}");
    assert_eq!(front.count("/issuer/token"), before + 1);
    visit.sign_out().await;
}

#[tokio::test]
async fn signing_out_while_a_token_is_renewed_takes_the_device_along() {
    let account = Account::register().await;
    let front = Front::delegating(&account, Duration::from_secs(4)).await;
    let mut visit = Visit::default();
    let_in(&enter(&mut visit, &front, front.door()).await);
    visit.listen_a_while().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    front.delay_refresh(Duration::from_secs(2));
    assert_eq!(visit.listen_a_while().await, [Event::Heard { trouble: None }]);
    // The server ignores the token that it has replaced.
    let events = visit.tell(Command::SignOut).await;
    assert_eq!(events.last(), Some(&Event::SignedOut));
    assert!(!front.has_sessions());
    assert_eq!(account.devices().await, [""; 0]);
}

#[tokio::test]
async fn a_code_whose_answer_is_lost_is_not_sent_again_and_the_next_attempt_is_the_same_device() {
    let account = Account::register().await;
    let front = Front::delegating(&account, AN_HOUR).await;
    let server = HostileHomeserver::before(&front.url, |asked| {
        if asked.is("POST", "/token") && asked.before == 0 { Answer::Lost } else { Answer::Pass }
    })
    .await;
    let mut visit = Visit::default();
    for attempt in 0..2 {
        let door = serde_json::to_string(&front.door()).unwrap();
        let door =
            door.replace(&format!("{}/issuer/token", front.url), &format!("{}/issuer/token", server.url));
        let door = serde_json::from_str(&door).unwrap();
        let address = authorize(&mut visit, &front, door, None).await;
        let answer = front.sign_in_with_oauth(&address);
        let events = authorized(&mut visit, &answer).await;
        if attempt == 0 {
            assert_eq!(events, failed(Problem::Passing { status: None }));
            assert_eq!(front.count("/issuer/token"), 1, "a code that comes twice ends what it gave");
        } else {
            let_in(&events);
        }
    }
    assert_eq!(account.devices().await, [DEVICE_NAME]);
    visit.sign_out().await;
    assert_eq!(account.devices().await, [""; 0]);
}

#[tokio::test]
async fn what_was_granted_and_is_good_for_nothing_is_given_back() {
    for (answer, expected) in [
        (Answer::Instead(403, "{}".into()), Problem::Refused { status: 403, errcode: String::new() }),
        (
            Answer::Instead(200, r#"{"user_id": "@a:example.org"}"#.into()),
            Problem::PageRefused { reason: "invalid_scope".into() },
        ),
    ] {
        let account = Account::register().await;
        let front = Front::delegating(&account, AN_HOUR).await;
        let answer = std::sync::Mutex::new(Some(answer));
        let server = HostileHomeserver::before(&front.url, move |asked| {
            let is_it = asked.is("GET", "/account/whoami");
            is_it.then(|| answer.lock().unwrap().take()).flatten().unwrap_or(Answer::Pass)
        })
        .await;
        let mut visit = Visit::default();
        let (base_url, callback) = (server.url.clone(), super::CALLBACK.to_owned());
        let command = Command::Authorize { base_url, door: front.door(), user_id: None, callback };
        let events = visit.tell(command).await;
        let [Event::Authorize { address }] = &events[..] else { panic!("{events:?}") };
        let back = front.sign_in_with_oauth(address.as_str());
        let events = authorized(&mut visit, &back).await;
        assert!(matches!(events[0], Event::Farewell(Farewell::Revocation { .. })), "{events:?}");
        assert_eq!(events[1..], failed(expected));
        assert!(!front.has_sessions());
        assert_eq!(account.devices().await, [""; 0]);
    }
}
