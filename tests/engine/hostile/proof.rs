//! Servers that ask for proofs: of kinds that nobody knows, without end, or to get more than a password.

use matrixbackup::{
    domain::{
        plan::{Action, Task},
        problem::Problem,
        proof::{Last, Proof},
        secret::Secret,
    },
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    hostile_homeserver::{Answer, HostileHomeserver},
    visit::{Visit, password_wanted},
};

const UPLOAD: &str = "/keys/device_signing/upload";
const PHRASE: &str = "glass otter fifty moons";

/// Starts a server that answers every upload of an identity with this.
async fn asking(account: &Account, status: u16, body: Value) -> HostileHomeserver {
    HostileHomeserver::before(&account.homeserver, move |asked| {
        if asked.is("POST", UPLOAD) { Answer::json(status, body.clone()) } else { Answer::Pass }
    })
    .await
}

/// Orders the first set-up; returns the visit, its key, and the last event.
async fn set_up(
    server: &HostileHomeserver,
    account: &Account,
    phrase: Option<&str>,
) -> (Visit, Secret, Event) {
    let (mut visit, _) = Visit::sign_in(&server.url, account).await;
    let key = visit.make_key(phrase).await;
    let events = visit.write(Action::SetUp, Some(&key)).await;
    let last = events.last().unwrap().clone();
    (visit, key, last)
}

/// Lists the proofs that were sent.
fn proofs(server: &HostileHomeserver) -> Vec<Value> {
    let uploads = server.asked().into_iter().filter(|asked| asked.is("POST", UPLOAD));
    uploads.map(|asked| asked.body["auth"].clone()).filter(|auth| !auth.is_null()).collect()
}

/// Checks that apps see nothing of what is not complete.
async fn assert_nothing_counts(account: &Account) {
    assert_eq!(account.master_key().await, None);
    assert_eq!(account.backup().await, None);
    assert_eq!(account.account_data("m.secret_storage.default_key").await, None);
}

#[tokio::test]
async fn a_proof_that_nobody_can_give_is_named_and_no_password_is_sent_for_it() {
    let flows = |flows: Value| json!({"flows": flows, "session": "s"});
    let no_session = |flows: Value| json!({"flows": flows, "session": 7});
    let bad_page = |url: &str| {
        let stage = "x".repeat(100);
        json!({"flows": [{"stages": [stage]}], "params": {stage: {"url": url}}})
    };
    let many: Vec<Value> = (0..100).map(|number| json!({"stages": [format!("stage {number}")]})).collect();
    let long = "x".repeat(100);
    for (body, named) in [
        // Without a session there is no page to go to.
        (no_session(json!([{"stages": ["m.login.sso"]}])), vec!["m.login.sso"]),
        (no_session(json!([{"stages": ["m.oauth"]}, {"stages": ["m.oauth"]}])), vec!["m.oauth"]),
        (no_session(json!([{"stages": ["\u{202e}moc.live"]}])), vec!["moc.live"]),
        (no_session(Value::Array(many)), vec!["stage 0", "stage 1", "stage 10", "stage 11"]),
        (bad_page("http://evil.example/sign-in"), vec![&long]),
        (bad_page("javascript:alert(1)"), vec![&long]),
        (flows(json!([])), vec![]),
        (flows(json!([{"stages": []}])), vec![]),
        (flows(json!([{}, 7, null, {"stages": "m.login.password"}, {"stages": [null]}])), vec![]),
    ] {
        let account = Account::register().await;
        let server = asking(&account, 401, body.clone()).await;
        let (mut visit, _, last) = set_up(&server, &account, None).await;
        let Event::Failed(problem @ Problem::ProofUnsupported { stages }) = &last else { panic!("{last:?}") };
        assert_eq!(*stages, named, "{body}");
        let words = format!("{:?}", problem.words());
        assert!(!words.contains("http") && !words.contains(": ."), "{words}");
        // It does not send a password, even one that the person gives unasked.
        let given = visit.give_password(&account.password).await;
        // For that, what was taken back is written again, and taken back again.
        let taken_back = Event::TakenBack(vec![Task::CheckUnchanged]);
        assert!(
            matches!(&given[..], [.., taken, Event::Failed(Problem::ProofUnsupported { .. })] if *taken == taken_back),
            "{given:?}"
        );
        assert_eq!(proofs(&server), [Value::Null; 0]);
        assert_nothing_counts(&account).await;
    }
}

#[tokio::test]
async fn a_password_is_not_sent_where_only_a_page_counts() {
    let account = Account::register().await;
    let body = json!({"flows": [{"stages": ["m.login.sso"]}], "session": "s"});
    let server = asking(&account, 401, body).await;
    let (mut visit, _, asked) = set_up(&server, &account, None).await;
    assert!(matches!(asked, Event::ProofNeeded(_)), "{asked:?}");
    assert_eq!(visit.give_password(&account.password).await, [asked]);
    assert_eq!(proofs(&server), [Value::Null; 0]);
}

#[tokio::test]
async fn a_server_that_refuses_every_password_is_asked_three_times_and_no_more() {
    let account = Account::register().await;
    let body = json!({"errcode": "M_FORBIDDEN", "flows": [{"stages": ["m.login.password"]}], "session": "s"});
    let server = asking(&account, 401, body).await;
    let (mut visit, _, last) = set_up(&server, &account, None).await;
    assert_eq!(last, password_wanted(Last::None));
    for _ in 0..2 {
        let events = visit.give_password(&account.password).await;
        assert_eq!(events, [password_wanted(Last::Refused)]);
    }
    let taken_back = Event::TakenBack(vec![Task::CheckUnchanged]);
    let events = visit.give_password(&account.password).await;
    assert_eq!(events, [taken_back, Event::Failed(Problem::ProofRefused)]);
    assert_eq!(proofs(&server).len(), 3);
    assert_nothing_counts(&account).await;
}

#[tokio::test]
async fn a_server_that_is_content_with_nothing_gets_no_password() {
    let account = Account::register().await;
    let flows = json!([{"stages": ["m.login.password"]}]);
    let body = json!({"flows": flows, "completed": ["m.login.password"], "session": "s"});
    let server = asking(&account, 401, body).await;
    let (_, _, last) = set_up(&server, &account, None).await;
    assert_eq!(last, Event::Failed(Problem::ProofUnsupported { stages: vec![] }));
    assert_eq!(proofs(&server), [Value::Null; 0]);
    assert_nothing_counts(&account).await;
}

#[tokio::test]
async fn a_server_that_always_wants_one_stage_more_is_given_up() {
    let account = Account::register().await;
    let server = HostileHomeserver::before(&account.homeserver, |asked| {
        if !asked.is("POST", UPLOAD) {
            return Answer::Pass;
        }
        let stages: Vec<_> = (0..100).map(|_| "m.login.dummy").collect();
        let flows = json!([{"stages": ["m.login.password"]}, {"stages": stages}]);
        Answer::json(401, json!({"flows": flows, "session": format!("s{}", asked.before)}))
    })
    .await;
    let (mut visit, _, last) = set_up(&server, &account, None).await;
    assert!(matches!(last, Event::Failed(Problem::ProofUnsupported { .. })), "{last:?}");
    let before = proofs(&server).len();
    assert_eq!(before, 8);
    let events = visit.give_password(&account.password).await;
    let taken_back = Event::TakenBack(vec![Task::CheckUnchanged]);
    assert!(
        matches!(&events[..], [.., taken, Event::Failed(Problem::ProofUnsupported { .. })] if *taken == taken_back),
        "{events:?}"
    );
    let proofs = proofs(&server);
    assert_eq!(proofs.len(), 2 * before);
    assert!(proofs.iter().all(|auth| auth["type"] == "m.login.dummy"));
    assert_nothing_counts(&account).await;
}

#[tokio::test]
async fn a_session_goes_back_as_it_came_or_not_at_all() {
    for (session, sent) in [
        (json!("s1"), json!("s1")),
        (json!("\u{202e}\n\""), json!("\u{202e}\n\"")),
        (json!(7), Value::Null),
        (json!(["s"]), Value::Null),
        (json!("s".repeat(10_000)), Value::Null),
    ] {
        let account = Account::register().await;
        let body = json!({"errcode": "M_FORBIDDEN", "flows": [{"stages": ["m.login.password"]}], "session": session});
        let server = asking(&account, 401, body).await;
        let (mut visit, _, _) = set_up(&server, &account, None).await;
        visit.give_password(&account.password).await;
        let proofs = proofs(&server);
        assert_eq!(proofs.len(), 1);
        assert_eq!(proofs[0]["session"], sent);
        assert_eq!(proofs[0]["password"], account.password.as_str());
    }
}

#[tokio::test]
async fn neither_key_nor_phrase_ever_goes_into_a_proof() {
    let account = Account::register().await;
    let body = json!({"errcode": "M_FORBIDDEN", "flows": [{"stages": ["m.login.password"]}], "session": "s"});
    let server = asking(&account, 401, body).await;
    let (mut visit, key, _) = set_up(&server, &account, Some(PHRASE)).await;
    let spaced =
        key.expose().as_bytes().chunks(4).map(|four| str::from_utf8(four).unwrap()).collect::<Vec<_>>();
    let asked = server.asked().len();
    let (lower, upper) = (key.expose().to_lowercase(), PHRASE.to_uppercase());
    let around = format!(" {PHRASE}\n");
    let inside = PHRASE.replace(' ', "\u{a0} \u{200b}");
    for entry in [key.expose(), &spaced.join(" "), &lower, PHRASE, &upper, &around, &inside] {
        assert_eq!(visit.give_password(entry).await, [Event::Failed(Problem::KeyAsPassword)]);
        let remove = Command::RemoveLeftOver { proof: Some(Proof::Password(Secret::from(entry))) };
        assert_eq!(visit.tell(remove).await, [Event::Failed(Problem::KeyAsPassword)]);
    }
    assert_eq!(server.asked().len(), asked, "nothing was sent at all");
    // The account password is still accepted as the proof.
    assert_eq!(visit.give_password(&account.password).await, [password_wanted(Last::Refused)]);
}

#[tokio::test]
async fn a_recovery_key_is_no_password_to_sign_in_with() {
    let account = Account::register().await;
    let server = HostileHomeserver::before(&account.homeserver, |_| Answer::Pass).await;
    let mut visit = Visit::default();
    let events = visit
        .tell(Command::SignIn {
            base_url: server.url.clone(),
            user: account.user_id.clone(),
            password: Secret::from("EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d"),
        })
        .await;
    assert_eq!(events, [Event::Failed(Problem::KeyAsPassword)]);
    assert!(server.asked().is_empty());
}
