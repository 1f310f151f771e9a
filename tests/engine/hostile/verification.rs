//! Homeservers that change what a person compared before it is trusted. They relay every message, list every key, and
//! know when the person has confirmed on the phone. In each test a third `OlmMachine` is the server's own device,
//! between the page and a real phone. Each test ends with nothing signed and nothing handed over that was not compared.
//!
//! | it can | test |
//! |---|---|
//! | begin a second SAS in the same transaction: once emoji are shown, after the person's word here, there, or in one answer with what shows them | `a_second_comparison_*` |
//! | say that the first one was cancelled, then begin the second | `a_second_comparison_after_a_cancellation_is_not_taken_up` |
//! | begin one without a request | `a_comparison_that_nobody_asked_for_is_not_seen` |
//! | have the page confirm other emoji than it shows | `what_was_not_on_screen_confirms_nothing` |
//! | answer in the place of those who were asked, or after them, under the same name | `only_a_device_that_was_asked_can_answer_and_only_the_first` |
//! | list forged keys for the phone from the beginning | `keys_that_were_forged_from_the_beginning_are_found_out` |
//! | list other keys for it between showing and confirming, or after that | `a_device_*` |
//! | list a made-up identity, from the beginning or in the middle | `an_identity_*` |
//! | ask a second time in the phone's name | `a_second_request_ends_the_first` |
//! | say "done" or send MACs before their time | `done_and_macs_before_their_time_prove_nothing` |
//! | have the devices agree on numbers only | `devices_that_agree_on_numbers_only_compare_these` |
//! | choose the page's device ID, or its account | `another_device_*` and `another_account_*` in `sign_in/asked_for.rs` |
//! | send what makes a parser fall over | `messages_that_no_device_made_are_dropped_and_counted` |

use std::sync::Arc;

use matrix_sdk_crypto::{AcceptSettings, SasState};
use matrixbackup::{
    domain::{
        plan::Action,
        secret::Secret,
        verification::{CancelReason, Emoji, Move, Shown, Verification},
    },
    engine::DEVICE_NAME,
    protocol::messages::Event,
};
use serde_json::{Value, json};
use tokio::join;

use crate::{
    app::{App, End, Has, Native},
    support::{
        account::Account,
        attacker::{Attacker, Wire, between, sent},
        hostile_homeserver::HostileHomeserver,
        visit::Visit,
    },
};

/// Sorts before every id that the page makes, so that the SDK's machine prefers a comparison that it begins.
const PHONE: &str = "AAAAAAAAAA";

fn swapped() -> Verification {
    Verification::Cancelled { by_us: true, reason: CancelReason::Swapped }
}

fn keys_differ() -> Verification {
    Verification::Cancelled { by_us: true, reason: CancelReason::KeysDiffer }
}

/// A page with a backup and an identity of its own making, its person's phone, and a server between them.
struct Scene {
    account: Account,
    phone: Native,
    server: HostileHomeserver,
    wire: Arc<Wire>,
    attacker: Attacker,
    visit: Visit,
}

impl Scene {
    /// Sets the scene. If `forges`, the server lists its own keys for the phone from the beginning.
    async fn new(forges: bool) -> Self {
        let account = Account::register().await;
        let phone = Native::sign_in_as(&account, "Phone", Some(PHONE), Has::Nothing).await;
        let (server, wire) = between(&account.homeserver).await;
        let attacker = Attacker::new(&account, PHONE).await;
        if forges {
            let (user_id, keys) = (account.user_id.clone(), attacker.device_keys().await);
            wire.list(move |listed| listed["device_keys"][&user_id][PHONE] = keys.clone());
        }
        let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
        let key = visit.make_key(None).await;
        visit.set_up(&key).await.0.unwrap();
        Self { account, phone, server, wire, attacker, visit }
    }

    /// Compares until both screens show the same emoji.
    async fn show(&mut self) {
        assert_eq!(self.visit.verify(Move::Ask).await, Verification::Asked);
        let (ours, theirs) = join!(self.visit.emoji(), self.phone.accept());
        assert_eq!((ours.len(), &ours), (7, &theirs));
    }

    /// Makes the message that begins the server's own comparison.
    async fn begin_second(&mut self) -> Value {
        self.attacker.learn(&self.account).await;
        self.attacker.ready(&self.server).await;
        self.attacker.start().await
    }

    /// Lets the server's device go on for as long as the page answers it. The page must never show that comparison.
    async fn go_on(&mut self) {
        let before = self.visit.shown();
        for _ in 0..4 {
            self.attacker.overhear(&self.server).await;
            let said = self.attacker.says().await;
            if !said.is_empty() {
                self.wire.say(said);
            }
            self.visit.listen_a_while().await;
            let now = self.visit.shown();
            assert!(now.is_none() || now == before, "the page asks to compare with the server: {now:?}");
        }
    }

    /// Lets the server's device ask for every secret, and checks that nobody got any. No secret went out but to the
    /// phone's own key, and only the page itself is signed.
    async fn nothing_was_given(&mut self, signed: &[&str]) {
        let names = ["m.megolm_backup.v1", "m.cross_signing.master", "m.cross_signing.self_signing"];
        let asks = |name: &&str| {
            let content = json!({
                "action": "request", "name": name, "request_id": name,
                "requesting_device_id": self.attacker.device_id,
            });
            self.attacker.event("m.secret.request", content)
        };
        self.wire.say(names.iter().map(asks).collect());
        for _ in 0..3 {
            self.visit.listen_a_while().await;
        }
        let phone = self.phone.client.encryption().get_own_device().await.unwrap().unwrap();
        let theirs = phone.curve25519_key().unwrap().to_base64();
        for sent in sent(&self.server).iter().filter(|sent| sent.event_type == "m.room.encrypted") {
            let keys: Vec<_> = sent.content["ciphertext"].as_object().unwrap().keys().collect();
            assert!(!signed.is_empty() && keys == [&theirs], "a secret left for {}: {keys:?}", sent.to);
        }
        let mut expected = vec![DEVICE_NAME];
        expected.extend(signed);
        expected.sort_unstable();
        assert_eq!(self.account.verified_devices().await, expected);
    }

    /// Checks that the page has told the phone that it is over, and why.
    async fn phone_is_told(&mut self) {
        let told = sent(&self.server).into_iter().find(|sent| {
            sent.event_type == "m.key.verification.cancel" && sent.content["code"] == "m.unexpected_message"
        });
        assert_eq!(told.expect("it is not told").to, PHONE);
    }
}

/// The attack that was found: the person has confirmed on the phone, and the page is made to show the server's emoji.
#[tokio::test]
async fn a_second_comparison_after_the_word_on_the_phone_ends_it() {
    let mut scene = Scene::new(true).await;
    scene.show().await;
    let shown = scene.visit.shown().unwrap();
    scene.wire.hold(&["mac", "done"]);
    scene.phone.say_they_match().await;
    scene.wire.cut(&["accept", "key", "mac", "done"]);
    let start = scene.begin_second().await;
    scene.wire.say(vec![start]);
    assert_eq!(scene.visit.ended().await, swapped());
    assert_eq!(scene.phone.ended().await, End::Cancelled("m.unexpected_message".to_owned()));
    scene.phone_is_told().await;
    scene.go_on().await;
    assert_eq!(scene.visit.verify(Move::Match(shown)).await, swapped(), "it is over");
    scene.nothing_was_given(&[]).await;
}

#[tokio::test]
async fn a_second_comparison_after_the_word_on_the_page_ends_it() {
    let mut scene = Scene::new(true).await;
    scene.show().await;
    scene.wire.hold(&["mac", "done"]);
    assert!(matches!(scene.visit.say_they_match().await, Verification::Confirmed(_)));
    scene.wire.cut(&["accept", "key", "mac", "done"]);
    let start = scene.begin_second().await;
    scene.wire.say(vec![start]);
    assert_eq!(scene.visit.ended().await, swapped());
    scene.go_on().await;
    scene.nothing_was_given(&[]).await;
}

/// The page has shown nothing yet, but could: both messages come in one answer.
#[tokio::test]
async fn a_second_comparison_in_one_answer_with_what_shows_the_first_ends_it() {
    let mut scene = Scene::new(true).await;
    scene.wire.hold(&["key"]);
    assert_eq!(scene.visit.verify(Move::Ask).await, Verification::Asked);
    let wire = scene.wire.clone();
    let listen = async {
        while !wire.has_kept() {
            scene.visit.listen_a_while().await;
        }
    };
    join!(listen, scene.phone.accept());
    scene.wire.cut(&["accept", "key", "mac", "done"]);
    let mut events = scene.wire.take_kept();
    events.push(scene.begin_second().await);
    scene.wire.say(events);
    assert_eq!(scene.visit.ended().await, swapped());
    scene.go_on().await;
    scene.nothing_was_given(&[]).await;
}

#[tokio::test]
async fn a_second_comparison_after_a_cancellation_is_not_taken_up() {
    let mut scene = Scene::new(true).await;
    scene.show().await;
    let start = scene.begin_second().await;
    let flow_id = start["content"]["transaction_id"].clone();
    let content = json!({"transaction_id": flow_id, "code": "m.user", "reason": ""});
    let cancel = scene.attacker.event("m.key.verification.cancel", content);
    scene.wire.say(vec![cancel, start.clone(), start]);
    let end = scene.visit.ended().await;
    assert_eq!(end, Verification::Cancelled { by_us: false, reason: CancelReason::Declined });
    scene.go_on().await;
    scene.nothing_was_given(&[]).await;
}

#[tokio::test]
async fn a_comparison_that_nobody_asked_for_is_not_seen() {
    let mut scene = Scene::new(false).await;
    scene.show().await;
    let mut start = scene.begin_second().await;
    start["content"]["transaction_id"] = json!("another");
    scene.wire.say(vec![start.clone()]);
    scene.visit.listen_a_while().await;
    assert!(scene.visit.shown().is_some(), "what is under way goes on");
    scene.visit.say_they_match().await;
    scene.phone.say_they_match().await;
    assert!(matches!(scene.visit.ended().await, Verification::Done(_)));
    // No comparison begins once one is done.
    scene.wire.say(vec![start, scene.attacker.start().await]);
    let events = scene.visit.listen_a_while().await;
    assert!(!events.iter().any(|event| matches!(event, Event::Verification(_))), "{events:?}");
    scene.nothing_was_given(&["Phone"]).await;
}

#[tokio::test]
async fn what_was_not_on_screen_confirms_nothing() {
    let mut scene = Scene::new(false).await;
    scene.show().await;
    let shown = scene.visit.shown().unwrap();
    let others = vec![Emoji { symbol: "🐶".to_owned(), name: "Dog".to_owned() }; 7];
    let other = Shown::new(others, shown.decimals()).unwrap();
    assert_eq!(scene.visit.verify(Move::Match(other)).await, swapped());
    assert_eq!(scene.phone.ended().await, End::Cancelled("m.unexpected_message".to_owned()));
    scene.nothing_was_given(&[]).await;
}

/// A second device has the same name, and a third appeared after the request.
#[tokio::test]
async fn only_a_device_that_was_asked_can_answer_and_only_the_first() {
    let mut scene = Scene::new(false).await;
    let twin = Attacker::new(&scene.account, "TWIN").await;
    let late = Attacker::new(&scene.account, "LATE").await;
    let user_id = scene.account.user_id.clone();
    let listed = |keys: &Value| {
        let mut keys = keys.clone();
        keys["unsigned"] = json!({"device_display_name": "Phone"});
        keys
    };
    let (twins, lates) = (listed(&twin.device_keys().await), listed(&late.device_keys().await));
    let (user, first) = (user_id.clone(), twins.clone());
    scene.wire.list(move |keys| keys["device_keys"][&user]["TWIN"] = first.clone());
    // What is on the wire is answered from the second round on: a device that was not asked can speak only then.
    scene.visit.listen_a_while().await;
    assert_eq!(scene.visit.verify(Move::Ask).await, Verification::Asked);
    let flow_id = sent(&scene.server).last().unwrap().content["transaction_id"].clone();
    let ready = |from: &str| {
        let content = json!({"from_device": from, "methods": ["m.sas.v1"], "transaction_id": flow_id});
        json!({"type": "m.key.verification.ready", "sender": user_id, "content": content})
    };
    let user = user_id.clone();
    scene.wire.list(move |keys| {
        keys["device_keys"][&user]["TWIN"] = twins.clone();
        keys["device_keys"][&user]["LATE"] = lates.clone();
    });
    scene.wire.say_changed(&user_id, vec![ready("LATE")]);
    scene.visit.listen_a_while().await;
    let begun = |visit: &Visit| {
        let agreed = |event: &Event| matches!(event, Event::Verification(Verification::Agreed(_)));
        visit.told.iter().any(agreed)
    };
    assert!(!begun(&scene.visit), "it was not asked");
    let wire = scene.wire.clone();
    let listen = async {
        while !begun(&scene.visit) {
            scene.visit.listen_a_while().await;
        }
        wire.say(vec![ready("TWIN")]);
        scene.visit.emoji().await
    };
    let (ours, theirs) = join!(listen, scene.phone.accept());
    assert_eq!(ours, theirs);
    scene.visit.say_they_match().await;
    scene.phone.say_they_match().await;
    let end = scene.visit.ended().await;
    assert!(matches!(&end, Verification::Done(partner) if partner.device_id == PHONE), "{end:?}");
    scene.attacker.device_id = "TWIN".into();
    scene.nothing_was_given(&["Phone"]).await;
}

#[tokio::test]
async fn keys_that_were_forged_from_the_beginning_are_found_out() {
    let mut scene = Scene::new(true).await;
    scene.show().await;
    scene.visit.say_they_match().await;
    scene.phone.say_they_match().await;
    let end = scene.visit.ended().await;
    let reason = |reason| Verification::Cancelled { by_us: true, reason };
    assert!([keys_differ(), reason(CancelReason::Differed)].contains(&end), "{end:?}");
    scene.nothing_was_given(&[]).await;
}

/// Removes the real device from the list, and lists another one under its id.
async fn relist(scene: &mut Scene) {
    relist_at(&scene.account.user_id, &scene.wire, &scene.attacker, &mut scene.visit).await;
}

async fn relist_at(user_id: &str, wire: &Wire, attacker: &Attacker, visit: &mut Visit) {
    let keys = attacker.device_keys().await;
    let user = user_id.to_owned();
    wire.list(move |listed| {
        listed["device_keys"][&user].as_object_mut().unwrap().remove(PHONE);
    });
    wire.say_changed(user_id, Vec::new());
    visit.listen_a_while().await;
    let user = user_id.to_owned();
    wire.list(move |listed| listed["device_keys"][&user][PHONE] = keys.clone());
    wire.say_changed(user_id, Vec::new());
    visit.listen_a_while().await;
}

/// Where the server hands out one-time keys of its own device, too, the page could encrypt for it.
#[tokio::test]
async fn a_device_that_gets_other_keys_once_it_is_trusted_gets_nothing_though_it_could_read_it() {
    for hands_out in [false, true] {
        let mut scene = Scene::new(false).await;
        scene.show().await;
        scene.visit.say_they_match().await;
        scene.wire.hold(&["request"]);
        scene.phone.say_they_match().await;
        assert!(matches!(scene.visit.ended().await, Verification::Done(_)));
        if hands_out {
            let one_time_keys = scene.attacker.one_time_keys().await;
            scene.wire.hand_out(json!({
                "failures": {}, "one_time_keys": {&scene.account.user_id: {PHONE: one_time_keys}},
            }));
        }
        relist(&mut scene).await;
        scene.nothing_was_given(&["Phone"]).await;
    }
}

#[tokio::test]
async fn a_device_that_gets_other_keys_between_showing_and_confirming_is_not_trusted() {
    for confirmed in [false, true] {
        let mut scene = Scene::new(false).await;
        scene.show().await;
        if confirmed {
            scene.visit.say_they_match().await;
        }
        relist(&mut scene).await;
        if !confirmed {
            scene.visit.say_they_match().await;
        }
        scene.phone.say_they_match().await;
        assert_eq!(scene.visit.ended().await, keys_differ(), "{confirmed}");
        scene.nothing_was_given(&[]).await;
    }
}

/// Forges an identity that has signed the phone; the phone itself is real.
async fn made_up_identity(scene_user: &str, attacker: &mut Attacker, phone: &Value) -> Value {
    let uploads = attacker.machine.bootstrap_cross_signing(true).await.unwrap();
    let keys = &uploads.upload_signing_keys_req;
    let mut listed = json!({
        "master_keys": {scene_user: keys.master_key},
        "self_signing_keys": {scene_user: keys.self_signing_key},
        "user_signing_keys": {scene_user: keys.user_signing_key},
    });
    let id: &str = phone["device_id"].as_str().unwrap();
    let device = attacker.machine.get_device(attacker.machine.user_id(), id.into(), None).await.unwrap();
    let signed = device.unwrap().verify().await.unwrap();
    let signed = serde_json::to_value(&signed.signed_keys).unwrap();
    let mut phone = phone.clone();
    let theirs = &signed[scene_user][id]["signatures"][scene_user];
    for (name, signature) in theirs.as_object().unwrap() {
        phone["signatures"][scene_user][name] = signature.clone();
    }
    listed["phone"] = phone;
    listed
}

/// Has a phone hand its secrets to a page while the server forges an identity, at once or once the emoji are shown.
async fn with_a_made_up_identity(from_the_beginning: bool) {
    let account = Account::register().await;
    let mut phone = Native::sign_in_as(&account, "Phone", Some(PHONE), Has::Backup).await;
    let real = account.master_key().await;
    let (server, wire) = between(&account.homeserver).await;
    let mut attacker = Attacker::new(&account, "SERVER").await;
    attacker.learn(&account).await;
    let body = json!({"device_keys": {&account.user_id: []}});
    let (_, keys) = account.ask("POST", "keys/query", Some(body)).await;
    let phone_keys = keys["device_keys"][&account.user_id][PHONE].clone();
    let forged = made_up_identity(&account.user_id, &mut attacker, &phone_keys).await;
    let user_id = account.user_id.clone();
    let forge = move |listed: &mut Value| {
        for kind in ["master_keys", "self_signing_keys", "user_signing_keys"] {
            listed[kind][&user_id] = forged[kind][&user_id].clone();
        }
        listed["device_keys"][&user_id][PHONE] = forged["phone"].clone();
    };
    if from_the_beginning {
        wire.list(forge.clone());
    }
    let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
    visit.verify(Move::Ask).await;
    let (ours, theirs) = join!(visit.emoji(), phone.accept());
    assert_eq!(ours, theirs);
    if !from_the_beginning {
        wire.list(forge);
        wire.say_changed(&account.user_id, Vec::new());
        visit.listen_a_while().await;
    }
    visit.say_they_match().await;
    phone.say_they_match().await;
    assert_eq!(visit.ended().await, keys_differ(), "{from_the_beginning}");
    // Nothing of what the server's device would hand over can be stored.
    let key: Secret = visit.make_key(None).await;
    let events = visit.write(Action::AddKey, Some(&key)).await;
    assert!(matches!(events[..], [Event::Failed(_)]), "{events:?}");
    assert_eq!(account.account_data("m.cross_signing.master").await, None);
    assert_eq!(account.master_key().await, real);
}

#[tokio::test]
async fn an_identity_that_was_made_up_from_the_beginning_is_found_out() {
    with_a_made_up_identity(true).await;
}

#[tokio::test]
async fn an_identity_that_is_made_up_in_the_middle_is_found_out() {
    with_a_made_up_identity(false).await;
}

#[tokio::test]
async fn a_second_request_ends_the_first() {
    let mut scene = Scene::new(true).await;
    scene.show().await;
    let content = json!({
        "from_device": PHONE, "methods": ["m.sas.v1"], "transaction_id": "second",
        "timestamp": std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() as u64,
    });
    scene.wire.say(vec![scene.attacker.event("m.key.verification.request", content)]);
    assert!(matches!(scene.visit.ended().await, Verification::Cancelled { .. }));
    assert_eq!(scene.visit.shown(), None);
    scene.nothing_was_given(&[]).await;
}

#[tokio::test]
async fn done_and_macs_before_their_time_prove_nothing() {
    let mut scene = Scene::new(false).await;
    scene.show().await;
    let flow_id = sent(&scene.server).last().unwrap().content["transaction_id"].clone();
    let done = scene.attacker.event("m.key.verification.done", json!({"transaction_id": flow_id}));
    scene.wire.say(vec![done.clone(), done.clone()]);
    scene.visit.listen_a_while().await;
    assert!(scene.visit.shown().is_some(), "nobody has said anything yet");
    assert!(matches!(scene.visit.say_they_match().await, Verification::Confirmed(_)));
    scene.wire.say(vec![done]);
    let events = scene.visit.listen_a_while().await;
    assert!(!events.iter().any(|event| matches!(event, Event::Verification(_))), "{events:?}");
    scene.nothing_was_given(&[]).await;
    let content = json!({
        "transaction_id": flow_id, "keys": "AAAA", "mac": {format!("ed25519:{PHONE}"): "AAAA"},
    });
    scene.wire.say(vec![scene.attacker.event("m.key.verification.mac", content)]);
    assert!(matches!(scene.visit.ended().await, Verification::Cancelled { .. }));
    scene.nothing_was_given(&[]).await;
}

/// Here the third machine is an honest app that shows no emoji.
#[tokio::test]
async fn devices_that_agree_on_numbers_only_compare_these() {
    let mut scene = Scene::new(true).await;
    scene.phone.sleep();
    scene.wire.cut(&["request", "ready", "start", "accept", "key", "mac", "done"]);
    assert_eq!(scene.visit.verify(Move::Ask).await, Verification::Asked);
    scene.attacker.learn(&scene.account).await;
    let ready = scene.attacker.ready(&scene.server).await;
    scene.wire.say(vec![ready]);
    let app = &mut scene.attacker;
    for _ in 0..6 {
        scene.visit.listen_a_while().await;
        app.overhear(&scene.server).await;
        let flow_id = app.request.as_ref().unwrap().flow_id().as_str().to_owned();
        if let Some(matrix_sdk_crypto::Verification::SasV1(sas)) =
            app.machine.get_verification(app.machine.user_id(), &flow_id)
        {
            let settings = AcceptSettings::with_allowed_methods(vec!["decimal".into()]);
            if let Some(accept) = sas.accept_with_settings(settings) {
                scene.wire.say(vec![app.message(&accept)]);
            }
            app.sas = Some(*sas);
        }
        let said = app.says().await;
        if !said.is_empty() {
            scene.wire.say(said);
        }
    }
    let shown = scene.visit.shown().expect("nothing to compare");
    assert_eq!(shown.emoji(), [], "what the app does not show is not asked");
    let SasState::KeysExchanged { emojis: None, decimals } = app.sas.as_ref().unwrap().state() else {
        panic!("the app has no numbers");
    };
    assert_eq!(shown.decimals(), decimals);
}

/// The number of messages that the engine told as dropped.
fn dropped(visit: &Visit) -> u32 {
    let told = visit.told.iter().rev().find_map(|event| match event {
        Event::Dropped { malformed } => Some(*malformed),
        _ => None,
    });
    told.unwrap_or_default()
}

/// Encrypts a message to the page with this inside, from a device that is listed but not verified.
async fn sealed(scene: &Scene, inside: &str) -> (Value, Value) {
    use matrix_sdk_crypto::vodozemac::{
        Curve25519PublicKey,
        olm::{Account as Olm, SessionConfig},
    };
    let page = scene.account.device_named(DEVICE_NAME).await;
    let user_id = &scene.account.user_id;
    let body = json!({"one_time_keys": {user_id: {&page: "signed_curve25519"}}});
    let (_, claimed) = scene.account.ask("POST", "keys/claim", Some(body)).await;
    let one_time_key = claimed["one_time_keys"][user_id][&page].as_object().unwrap().values().next().unwrap();
    let body = json!({"device_keys": {user_id: [&page]}});
    let (_, keys) = scene.account.ask("POST", "keys/query", Some(body)).await;
    let curve = |value: &Value| Curve25519PublicKey::from_base64(value.as_str().unwrap()).unwrap();
    let recipient = keys["device_keys"][user_id][&page]["keys"][format!("curve25519:{page}")].clone();
    let olm = Olm::new();
    let (recipient_key, one_time_key) = (curve(&recipient), curve(&one_time_key["key"]));
    let session = olm.create_outbound_session(SessionConfig::version_1(), recipient_key, one_time_key);
    let ed25519 = keys["device_keys"][user_id][&page]["keys"][format!("ed25519:{page}")].clone();
    let plaintext = json!({
        "type": "m.dummy", "content": {}, "sender": user_id, "recipient": user_id,
        "recipient_keys": {"ed25519": ed25519}, "keys": {"ed25519": inside},
    });
    let message = session.unwrap().encrypt(plaintext.to_string()).unwrap();
    let (message_type, body) = message.to_parts();
    let body = matrix_sdk_crypto::vodozemac::base64_encode(body);
    let sender_key = olm.curve25519_key().to_base64();
    let content = json!({
        "algorithm": "m.olm.v1.curve25519-aes-sha2", "sender_key": sender_key,
        "ciphertext": {recipient.as_str().unwrap(): {"type": message_type, "body": body}},
    });
    (content, recipient)
}

/// vodozemac (0.11.1) panics on an Ed25519 key of 44 letters that are 33 bytes, also inside of what it decrypts.
#[tokio::test]
async fn messages_that_no_device_made_are_dropped_and_counted() {
    let long = "MT4VbsBYLI4Csewth0ViOt1T2gh5A8iaOWlEjcI6ErQA";
    let mut scene = Scene::new(false).await;
    scene.visit.listen_a_while().await;
    scene.visit.listen_a_while().await;
    let (good, recipient) = sealed(&scene, long).await;
    let recipient = recipient.as_str().unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut content = good.clone();
        change(&mut content);
        scene.attacker.event("m.room.encrypted", content)
    };
    let bodies = ["", "A", "AwAA", "AwoA", "BAo=", &"A".repeat(60_000), "AwohCiEKIQohCiEKIQohCiEKIQohCiEK"];
    let mut events = vec![
        changed(&|content| content["sender_key"] = json!(long)),
        changed(&|content| content["sender_key"] = json!("?")),
        changed(&|content| content["sender_key"] = json!([])),
        changed(&|content| content["algorithm"] = json!("m.megolm.v1.aes-sha2")),
        changed(&|content| content["ciphertext"] = json!({})),
        changed(&|content| content["ciphertext"] = json!({long: content["ciphertext"][recipient]})),
        changed(&|content| content["ciphertext"][long] = content["ciphertext"][recipient].clone()),
        changed(&|content| content["ciphertext"][recipient]["type"] = json!(2)),
    ];
    for body in bodies {
        for message_type in [0, 1] {
            events.push(changed(&|content| {
                content["ciphertext"][recipient] = json!({"type": message_type, "body": body});
            }));
        }
    }
    let malformed = events.len() as u32;
    // Well-formed messages of a sender that the page does not believe.
    events.push(changed(&|_| {}));
    events.push(changed(&|content| *content = json!(7)));
    // Other messages that the machine would read, and that this page needs from nobody.
    events.push(
        scene
            .attacker
            .event("m.room_key_request", json!({"action": "request", "body": {"sender_key": long}})),
    );
    events.push(scene.attacker.event("m.key.verification.key", json!({"transaction_id": "x", "key": long})));
    scene.wire.say(events);
    scene.visit.listen_a_while().await;
    assert_eq!(dropped(&scene.visit), malformed);
    // Listening goes on.
    scene.show().await;
    scene.visit.say_they_match().await;
    scene.phone.say_they_match().await;
    assert!(matches!(scene.visit.ended().await, Verification::Done(_)));
    assert_eq!(dropped(&scene.visit), malformed);
}
