//! Plays the apps that a person already uses, and what the person does on them. One is on matrix-sdk's `Client`, one on
//! matrix-js-sdk (Element Web's engine, in Node). Each syncs, writes and uploads its keys by itself.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use matrix_sdk::{
    Client,
    config::SyncSettings,
    encryption::verification::{
        CancelInfo, SasState, SasVerification, Verification, VerificationRequest,
        VerificationRequestState as Request,
    },
    ruma::events::{
        key::verification::{VerificationMethod, request::ToDeviceKeyVerificationRequestEvent},
        room::message::RoomMessageEventContent,
    },
};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::support::{account::Account, native_client};

/// Longest wait of a person for anything.
const PATIENCE: Duration = Duration::from_secs(90);
const SHORTLY: Duration = Duration::from_millis(20);

/// Degrees to which an app has set up the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Has {
    /// Nothing but its own keys.
    Nothing,
    /// An identity.
    Identity,
    /// An identity and a backup whose key is stored nowhere: Element's default.
    Backup,
}

/// Ends of a verification, as the app shows them.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// Both said that the emoji match.
    Done,
    /// It was cancelled, with this code of the specification.
    Cancelled(String),
}

/// App in the person's hand.
pub trait App: Sized {
    /// Signs in, sets up as much as it is told, and syncs from then on.
    async fn sign_in(account: &Account, name: &str, has: Has) -> Self;
    fn device_id(&self) -> String;
    /// Writes messages into a new encrypted room, with a new room key for each.
    async fn write(&mut self, texts: &[&str]);
    /// Accepts the newest verification request; returns the emoji's names once they are there.
    async fn accept(&mut self) -> Vec<String>;
    /// Waits until a request was taken back by whoever sent it.
    async fn forget_requests(&mut self);
    /// Declines a verification request.
    async fn decline(&mut self);
    /// Sends a verification request to a device; returns the emoji's names once they are there.
    async fn ask(&mut self, device_id: &str) -> Vec<String>;
    /// Sends a verification request to a device, and waits until that has declined.
    async fn ask_in_vain(&mut self, device_id: &str);
    async fn say_they_match(&mut self);
    async fn say_they_differ(&mut self);
    async fn cancel(&mut self);
    /// Waits until the app shows that the verification has ended.
    async fn ended(&mut self) -> End;
    /// Returns the backup version into which it writes. matrix-sdk does not tell the name, only that there is one.
    async fn backup(&mut self) -> Option<String>;
}

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("waited in vain: {what}"))
}

/// App on matrix-sdk's `Client`, as Element X is.
pub struct Native {
    pub client: Client,
    syncing: Option<JoinHandle<()>>,
    requests: Arc<Mutex<Vec<VerificationRequest>>>,
    request: Option<VerificationRequest>,
    sas: Option<SasVerification>,
}

impl Native {
    /// Waits for a verification request; returns the newest, which may have been taken back since.
    async fn asked(&self) -> VerificationRequest {
        within("nobody asks", async {
            loop {
                let newest = self.requests.lock().unwrap().pop();
                match newest {
                    Some(request) => return request,
                    None => sleep(SHORTLY).await,
                }
            }
        })
        .await
    }

    /// Stops syncing, as an app does in the background or without a network.
    pub fn sleep(&mut self) {
        if let Some(syncing) = self.syncing.take() {
            syncing.abort();
        }
    }

    /// Goes on syncing.
    pub fn wake(&mut self) {
        let client = self.client.clone();
        let syncing = async move {
            let settings = SyncSettings::default().timeout(Duration::from_secs(5));
            drop(client.sync(settings).await);
        };
        self.syncing = Some(tokio::spawn(syncing));
    }

    /// Forgets the requests that came while it slept, of which it may have heard or not.
    pub fn forget_what_was_asked(&mut self) {
        self.requests.lock().unwrap().clear();
    }

    /// Signs in as [`App::sign_in`] does, with this device id if there is one.
    pub async fn sign_in_as(account: &Account, name: &str, device_id: Option<&str>, has: Has) -> Self {
        let client = native_client::sign_in(account.as_device(Some(name), device_id)).await.unwrap();
        // Before the first sync: answers to it may undo a new identity (matrix-rust-sdk#4728).
        if has != Has::Nothing {
            client.encryption().bootstrap_cross_signing(None).await.unwrap();
        }
        let requests: Arc<Mutex<Vec<VerificationRequest>>> = Arc::default();
        let heard = requests.clone();
        // Kept as soon as it comes: the client forgets one that was taken back with its next sync.
        client.add_event_handler(
            move |event: ToDeviceKeyVerificationRequestEvent, client: Client| async move {
                let flow = event.content.transaction_id;
                let request = client.encryption().get_verification_request(&event.sender, flow).await;
                heard.lock().unwrap().extend(request);
            },
        );
        client.sync_once(SyncSettings::default()).await.unwrap();
        if has == Has::Backup {
            client.encryption().backups().create().await.unwrap();
        }
        let mut app = Self { client, syncing: None, requests, request: None, sas: None };
        app.wake();
        app
    }

    async fn request_of(&self, device_id: &str) -> VerificationRequest {
        let user = self.client.user_id().unwrap();
        let encryption = self.client.encryption();
        encryption.request_user_identity(user).await.unwrap();
        let device = encryption.get_device(user, device_id.into()).await.unwrap().expect("unknown device");
        device.request_verification_with_methods(vec![VerificationMethod::SasV1]).await.unwrap()
    }

    /// Signs another device without a comparison, as soon as it knows that device.
    pub async fn sign(&self, device_id: &str) {
        let user = self.client.user_id().unwrap();
        let signed = async {
            loop {
                self.client.encryption().request_user_identity(user).await.unwrap();
                let device = self.client.encryption().get_device(user, device_id.into()).await.unwrap();
                match device {
                    Some(device) => return device.verify().await.unwrap(),
                    None => sleep(SHORTLY).await,
                }
            }
        };
        within("it does not know the device", signed).await;
    }

    /// Signs the account's identity as it is, without a comparison.
    pub async fn trust_identity(&self) {
        let user = self.client.user_id().unwrap();
        let identity = self.client.encryption().request_user_identity(user).await.unwrap();
        identity.expect("there is none").verify().await.unwrap();
    }

    /// Returns true if a verification request waits.
    pub fn is_asked(&self) -> bool {
        !self.requests.lock().unwrap().is_empty()
    }

    /// Lets the other side begin and waits for the emoji; `None` if the request was taken back, or another one came.
    async fn emoji(&mut self, request: VerificationRequest) -> Option<Vec<String>> {
        let begun = async {
            loop {
                if request.is_cancelled() || self.is_asked() {
                    return None;
                }
                if let Request::Transitioned { verification: Verification::SasV1(sas), .. } = request.state()
                {
                    sas.accept().await.unwrap();
                    return Some(sas);
                }
                sleep(SHORTLY).await;
            }
        };
        let sas = within("nobody begins", begun).await?;
        within("no emoji", async {
            while !sas.can_be_presented() {
                sleep(SHORTLY).await;
            }
        })
        .await;
        let names = sas.emoji().unwrap().iter().map(|emoji| emoji.description.to_owned()).collect();
        (self.request, self.sas) = (Some(request), Some(sas));
        Some(names)
    }
}

async fn cancelled(request: VerificationRequest) -> bool {
    while !request.is_cancelled() {
        sleep(SHORTLY).await;
    }
    true
}

impl App for Native {
    async fn sign_in(account: &Account, name: &str, has: Has) -> Self {
        Self::sign_in_as(account, name, None, has).await
    }

    fn device_id(&self) -> String {
        self.client.device_id().unwrap().to_string()
    }

    async fn write(&mut self, texts: &[&str]) {
        let room = native_client::make_room(&self.client, Some(1)).await.unwrap();
        while !room.latest_encryption_state().await.unwrap().is_encrypted() {
            sleep(SHORTLY).await;
        }
        for text in texts {
            room.send(RoomMessageEventContent::text_plain(*text)).await.unwrap();
        }
    }

    async fn accept(&mut self) -> Vec<String> {
        loop {
            let request = self.asked().await;
            request.accept_with_methods(vec![VerificationMethod::SasV1]).await.unwrap();
            if let Some(emoji) = self.emoji(request).await {
                return emoji;
            }
        }
    }

    async fn forget_requests(&mut self) {
        assert!(within("it is not told", cancelled(self.asked().await)).await);
    }

    async fn decline(&mut self) {
        let mut request = self.asked().await;
        while request.is_cancelled() {
            request = self.asked().await;
        }
        request.cancel().await.unwrap();
    }

    async fn ask(&mut self, device_id: &str) -> Vec<String> {
        let request = self.request_of(device_id).await;
        self.request = Some(request.clone());
        self.emoji(request).await.expect("it was taken back")
    }

    async fn ask_in_vain(&mut self, device_id: &str) {
        let request = self.request_of(device_id).await;
        assert!(within("nobody declines", cancelled(request)).await);
    }

    async fn say_they_match(&mut self) {
        self.sas.as_ref().unwrap().confirm().await.unwrap();
    }

    async fn say_they_differ(&mut self) {
        self.sas.as_ref().unwrap().mismatch().await.unwrap();
    }

    async fn cancel(&mut self) {
        self.request.as_ref().unwrap().cancel().await.unwrap();
    }

    async fn ended(&mut self) -> End {
        let cancelled = |info: CancelInfo| End::Cancelled(info.cancel_code().to_string());
        within("no end", async {
            loop {
                match (self.sas.as_ref().map(SasVerification::state), self.request.as_ref().unwrap().state())
                {
                    (Some(SasState::Done { .. }), _) => return End::Done,
                    (Some(SasState::Cancelled(info)), _) | (None, Request::Cancelled(info)) => {
                        return cancelled(info);
                    }
                    _ => sleep(SHORTLY).await,
                }
            }
        })
        .await
    }

    async fn backup(&mut self) -> Option<String> {
        self.client.encryption().backups().are_enabled().await.then(|| "enabled".to_owned())
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        if let Some(syncing) = self.syncing.take() {
            syncing.abort();
        }
    }
}

/// App on matrix-js-sdk, as Element Web is.
pub struct Js {
    node: Child,
    tell: ChildStdin,
    said: UnboundedReceiver<Value>,
    device_id: String,
}

impl Js {
    async fn act(&mut self, what: Value) -> Value {
        writeln!(self.tell, "{what}").unwrap();
        let said = within("the phone says nothing", self.said.recv()).await.expect("the phone is gone");
        assert_eq!(said["error"], Value::Null, "{what}");
        said
    }

    fn emoji(said: &Value) -> Vec<String> {
        said["emoji"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }
}

impl App for Js {
    async fn sign_in(account: &Account, name: &str, has: Has) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/clients/phone-driver.mjs");
        let mut node =
            Command::new("node").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (lines, said) = unbounded_channel();
        let output = BufReader::new(node.stdout.take().unwrap());
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).for_each(|line| {
                drop(lines.send(serde_json::from_str(&line).unwrap_or_else(|_| json!({"error": line}))));
            });
        });
        let tell = node.stdin.take().unwrap();
        let mut phone = Self { node, tell, said, device_id: String::new() };
        let has = match has {
            Has::Nothing => "nothing",
            Has::Identity => "identity",
            Has::Backup => "backup",
        };
        let said = phone.act(json!({
            "do": "start", "homeserver": account.homeserver, "user": account.user_id,
            "password": account.password, "device_name": name, "has": has,
        }));
        phone.device_id = said.await["device_id"].as_str().unwrap().to_owned();
        phone
    }

    fn device_id(&self) -> String {
        self.device_id.clone()
    }

    async fn write(&mut self, texts: &[&str]) {
        self.act(json!({"do": "write", "texts": texts})).await;
    }

    async fn accept(&mut self) -> Vec<String> {
        Self::emoji(&self.act(json!({"do": "accept"})).await)
    }

    async fn forget_requests(&mut self) {
        self.act(json!({"do": "forget_requests"})).await;
    }

    async fn decline(&mut self) {
        self.act(json!({"do": "decline"})).await;
    }

    async fn ask(&mut self, device_id: &str) -> Vec<String> {
        Self::emoji(&self.act(json!({"do": "ask", "device_id": device_id})).await)
    }

    async fn ask_in_vain(&mut self, device_id: &str) {
        self.act(json!({"do": "ask_in_vain", "device_id": device_id})).await;
    }

    async fn say_they_match(&mut self) {
        self.act(json!({"do": "match"})).await;
    }

    async fn say_they_differ(&mut self) {
        self.act(json!({"do": "differ"})).await;
    }

    async fn cancel(&mut self) {
        self.act(json!({"do": "cancel"})).await;
    }

    async fn ended(&mut self) -> End {
        let said = self.act(json!({"do": "ended"})).await;
        if said["done"] == true {
            End::Done
        } else {
            End::Cancelled(said["code"].as_str().unwrap_or("?").to_owned())
        }
    }

    async fn backup(&mut self) -> Option<String> {
        self.act(json!({"do": "backup"})).await["active"].as_str().map(ToOwned::to_owned)
    }
}

impl Drop for Js {
    fn drop(&mut self) {
        drop(self.node.kill());
        drop(self.node.wait());
    }
}
