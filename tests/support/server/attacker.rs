//! Plays a homeserver that wants to be the device that emoji are compared with. It has an `OlmMachine` of its own, and
//! changes what passes between the page and everybody else.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use matrix_sdk::ruma::{
    OwnedDeviceId, OwnedUserId, UserId,
    api::client::{keys::get_keys, to_device::send_event_to_device},
    assign,
    events::key::verification::VerificationMethod,
    serde::Raw,
};
use matrix_sdk_crypto::{
    DecryptionSettings, EncryptionSyncChanges, OlmMachine, Sas, TrustRequirement, VerificationRequest,
    types::requests::{AnyOutgoingRequest, OutgoingVerificationRequest},
};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    hostile_homeserver::{Answer, Asked, HostileHomeserver},
};

/// To-device message that the page has sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub event_type: String,
    pub to: String,
    pub content: Value,
}

type Listing = Box<dyn Fn(&mut Value) + Send>;

/// Changes that the server makes to what passes through it.
#[derive(Default)]
pub struct Wire {
    /// Answers to the page's next `/sync` requests, in place of the real ones.
    next: Mutex<Vec<Value>>,
    /// Types of to-device messages that do not come through to the page.
    held: Mutex<BTreeSet<String>>,
    kept: Mutex<Vec<Value>>,
    /// Types of to-device messages of the page that reach nobody.
    cut: Mutex<BTreeSet<String>>,
    /// Changes the answers to `/keys/query`.
    listing: Mutex<Option<Listing>>,
    /// The answer instead of one-time keys.
    claimed: Mutex<Option<Value>>,
}

impl Wire {
    /// Holds messages to the page back from now on, by what follows `m.key.verification.` in their types.
    pub fn hold(&self, event_types: &[&str]) {
        self.held.lock().unwrap().extend(event_types.iter().map(|step| format!("m.key.verification.{step}")));
    }

    /// Takes the messages that were held back so far.
    pub fn take_kept(&self) -> Vec<Value> {
        std::mem::take(&mut self.kept.lock().unwrap())
    }

    /// Returns true if any message was held back.
    pub fn has_kept(&self) -> bool {
        !self.kept.lock().unwrap().is_empty()
    }

    /// Drops messages of the page from now on, by what follows `m.key.verification.` in their types. The page is told
    /// that they were sent.
    pub fn cut(&self, event_types: &[&str]) {
        self.cut.lock().unwrap().extend(event_types.iter().map(|step| format!("m.key.verification.{step}")));
    }

    /// Gives these to-device events to the page, in the answer to its next `/sync`.
    pub fn say(&self, events: Vec<Value>) {
        self.next.lock().unwrap().push(json!({"to_device": {"events": events}}));
    }

    /// Changes the answers to `/keys/query` from now on.
    pub fn list(&self, change: impl Fn(&mut Value) + Send + 'static) {
        *self.listing.lock().unwrap() = Some(Box::new(change));
    }
    /// Hands out these one-time keys from now on, whoever's are wanted.
    pub fn hand_out(&self, claimed: Value) {
        *self.claimed.lock().unwrap() = Some(claimed);
    }

    /// Tells the page that a user's keys have changed, and gives it these to-device events in the same answer.
    pub fn say_changed(&self, user_id: &str, events: Vec<Value>) {
        let changed = json!({"device_lists": {"changed": [user_id]}, "to_device": {"events": events}});
        self.next.lock().unwrap().push(changed);
    }

    fn answer(wire: &Arc<Self>, asked: &Asked) -> Answer {
        let since = asked.query.split('&').find_map(|pair| pair.strip_prefix("since="));
        if asked.is("GET", "/sync")
            && let Some(since) = since
        {
            let mut next = wire.next.lock().unwrap();
            if !next.is_empty() {
                let mut news = next.remove(0);
                // The page asks again with the same `since`, so that it misses nothing of the real answers.
                news["next_batch"] = json!(since);
                return Answer::json(200, news);
            }
        }
        if asked.is("POST", "/keys/claim")
            && let Some(claimed) = &*wire.claimed.lock().unwrap()
        {
            return Answer::json(200, claimed.clone());
        }
        let wire = wire.clone();
        if asked.is("GET", "/sync") {
            return Answer::changed(move |news| wire.keep_back(news));
        }
        if asked.is("POST", "/keys/query") {
            return Answer::changed(move |keys| {
                if let Some(change) = &*wire.listing.lock().unwrap() {
                    change(keys);
                }
            });
        }
        match asked.path.split("/sendToDevice/").nth(1).and_then(|rest| rest.split('/').next()) {
            Some(event_type) if wire.cut.lock().unwrap().contains(event_type) => Answer::json(200, json!({})),
            _ => Answer::Pass,
        }
    }

    fn keep_back(&self, news: &mut Value) {
        let Some(Value::Array(events)) = news.pointer_mut("/to_device/events") else { return };
        let held = self.held.lock().unwrap();
        let is_held = |event: &Value| event["type"].as_str().is_some_and(|found| held.contains(found));
        let (kept, through) = std::mem::take(events).into_iter().partition(is_held);
        *events = through;
        let kept: Vec<Value> = kept;
        self.kept.lock().unwrap().extend(kept);
    }
}

/// Starts a server before the real one, with a `Wire` that says what it changes.
pub async fn between(homeserver: &str) -> (HostileHomeserver, Arc<Wire>) {
    let wire = Arc::new(Wire::default());
    let shared = wire.clone();
    let server = HostileHomeserver::before(homeserver, move |asked| Wire::answer(&shared, asked)).await;
    (server, wire)
}

/// Returns every to-device message that the page has sent, in order.
pub fn sent(server: &HostileHomeserver) -> Vec<Sent> {
    let mut sent = Vec::new();
    for asked in server.asked() {
        let Some(rest) = asked.path.split("/sendToDevice/").nth(1) else { continue };
        let event_type = rest.split('/').next().unwrap().to_owned();
        for devices in asked.body["messages"].as_object().unwrap().values() {
            for (to, content) in devices.as_object().unwrap() {
                let (event_type, to, content) = (event_type.clone(), to.clone(), content.clone());
                sent.push(Sent { event_type, to, content });
            }
        }
    }
    sent
}

/// Device that the server made up, with an id of its choice.
pub struct Attacker {
    pub machine: OlmMachine,
    user_id: OwnedUserId,
    pub device_id: OwnedDeviceId,
    /// Number of the page's messages that this device has heard.
    heard: usize,
    pub request: Option<VerificationRequest>,
    pub sas: Option<Sas>,
}

impl Attacker {
    pub async fn new(account: &Account, device_id: &str) -> Self {
        let user_id = UserId::parse(&account.user_id).unwrap();
        let device_id: OwnedDeviceId = device_id.into();
        let machine = OlmMachine::new(&user_id, &device_id).await;
        Self { machine, user_id, device_id, heard: 0, request: None, sas: None }
    }

    /// Returns this device's keys, as a client would upload them.
    pub async fn device_keys(&self) -> Value {
        let requests = self.machine.outgoing_requests().await.unwrap();
        let keys = requests.iter().find_map(|request| match request.request() {
            AnyOutgoingRequest::KeysUpload(keys) => keys.device_keys.clone(),
            _ => None,
        });
        serde_json::to_value(keys.unwrap()).unwrap()
    }

    /// One of its one-time keys, as it would be claimed.
    pub async fn one_time_keys(&self) -> Value {
        let requests = self.machine.outgoing_requests().await.unwrap();
        let keys = requests.iter().find_map(|request| match request.request() {
            AnyOutgoingRequest::KeysUpload(keys) => Some(keys.one_time_keys.clone()),
            _ => None,
        });
        let keys = serde_json::to_value(keys.unwrap()).unwrap();
        let (name, key) = keys.as_object().unwrap().iter().next().unwrap();
        json!({name: key})
    }

    /// Learns of the account's real devices. The forged one is left out: its own machine knows it.
    pub async fn learn(&self, account: &Account) {
        let body = json!({"device_keys": {&account.user_id: []}});
        let (_, mut keys) = account.ask("POST", "keys/query", Some(body)).await;
        keys["device_keys"][&account.user_id].as_object_mut().unwrap().remove(self.device_id.as_str());
        let (id, _) = self.machine.query_keys_for_users([self.user_id.as_ref()]);
        let device_keys = serde_json::from_value(keys["device_keys"].clone()).unwrap();
        let response = assign!(get_keys::v3::Response::new(), { device_keys });
        self.machine.mark_request_as_sent(&id, &response).await.unwrap();
    }

    /// Builds a to-device event from the account's user.
    pub fn event(&self, event_type: &str, content: Value) -> Value {
        json!({"type": event_type, "sender": self.user_id, "content": content})
    }

    pub async fn hear(&self, events: Vec<Value>) {
        let to_device_events =
            events.into_iter().map(|event| Raw::from_json_string(event.to_string()).unwrap()).collect();
        let changes = EncryptionSyncChanges {
            to_device_events,
            changed_devices: &Default::default(),
            one_time_keys_counts: &BTreeMap::default(),
            unused_fallback_keys: None,
            next_batch_token: None,
        };
        let settings = DecryptionSettings { sender_device_trust_requirement: TrustRequirement::Untrusted };
        self.machine.receive_sync_changes(changes, &settings).await.unwrap();
    }

    /// Hears what the page has sent since the last time.
    pub async fn overhear(&mut self, server: &HostileHomeserver) {
        let sent = sent(server);
        let new = sent[self.heard..].iter();
        let new = new.filter(|sent| sent.event_type.starts_with("m.key.verification."));
        let events = new.map(|sent| self.event(&sent.event_type, sent.content.clone())).collect();
        self.heard = sent.len();
        self.hear(events).await;
    }

    /// Accepts the page's newest verification request; returns the `ready` event for the page.
    pub async fn ready(&mut self, server: &HostileHomeserver) -> Value {
        let sent = sent(server);
        let asked = sent.iter().rfind(|sent| sent.event_type == "m.key.verification.request").unwrap();
        self.heard = sent.len();
        self.hear(vec![self.event(&asked.event_type, asked.content.clone())]).await;
        let flow_id = asked.content["transaction_id"].as_str().unwrap();
        let request = self.machine.get_verification_request(&self.user_id, flow_id).unwrap();
        let ready = request.accept_with_methods(vec![VerificationMethod::SasV1]).unwrap();
        self.request = Some(request);
        self.message(&ready)
    }

    /// Begins the SAS flow; returns the `start` event for the page.
    pub async fn start(&mut self) -> Value {
        let (sas, start) = self.request.as_ref().unwrap().start_sas().await.unwrap().unwrap();
        self.sas = Some(sas);
        self.message(&start)
    }

    /// Returns the event in a request of the machine.
    pub fn message(&self, request: &OutgoingVerificationRequest) -> Value {
        let OutgoingVerificationRequest::ToDevice(request) = request else { panic!("{request:?}") };
        let content = request.messages.values().next().unwrap().values().next().unwrap();
        self.event(&request.event_type.to_string(), serde_json::to_value(content).unwrap())
    }

    /// Returns the events that the machine wants to send by itself, and marks them as sent.
    pub async fn says(&self) -> Vec<Value> {
        let mut said = Vec::new();
        for request in self.machine.outgoing_requests().await.unwrap() {
            if let AnyOutgoingRequest::ToDeviceRequest(message) = request.request() {
                let content = message.messages.values().next().unwrap().values().next().unwrap();
                let content = serde_json::to_value(content).unwrap();
                said.push(self.event(&message.event_type.to_string(), content));
                let sent = send_event_to_device::v3::Response::new();
                self.machine.mark_request_as_sent(request.request_id(), &sent).await.unwrap();
            }
        }
        said
    }
}
