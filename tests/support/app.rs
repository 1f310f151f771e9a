//! The client a person already uses, on matrix-sdk's own `Client`: it syncs, writes, compares emoji and uploads its
//! keys as it sees fit. Tests only say what the person does on it.

use std::{sync::Arc, time::Duration};

use matrix_sdk::{
    Client,
    config::SyncSettings,
    encryption::{
        BackupDownloadStrategy, EncryptionSettings,
        verification::{
            SasState, SasVerification, Verification, VerificationRequest, VerificationRequestState,
        },
    },
    ruma::{
        api::client::room::create_room,
        assign,
        events::{
            InitialStateEvent,
            key::verification::{VerificationMethod, request::ToDeviceKeyVerificationRequestEvent},
            room::{encryption::RoomEncryptionEventContent, message::RoomMessageEventContent},
        },
        uint,
    },
};
use tokio::{
    sync::Notify,
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::support::account::Account;

/// How long a person waits for anything.
const PATIENCE: Duration = Duration::from_secs(40);

/// With how much the app was set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Has {
    /// Nothing but its own keys.
    Nothing,
    /// An identity.
    Identity,
    /// An identity and a backup whose key is stored nowhere: Element's default.
    Backup,
}

/// A signed-in app that syncs.
pub struct App {
    pub client: Client,
    syncing: Option<JoinHandle<()>>,
    heard: Arc<Notify>,
    requests: Arc<std::sync::Mutex<Vec<String>>>,
}

impl App {
    /// Signs in, sets up what it is told, and begins to sync.
    pub async fn sign_in(account: &Account, name: &str, has: Has) -> Self {
        let settings = EncryptionSettings {
            auto_enable_cross_signing: false,
            auto_enable_backups: false,
            backup_download_strategy: BackupDownloadStrategy::Manual,
        };
        let builder = Client::builder().homeserver_url(&account.homeserver);
        let client = builder.with_encryption_settings(settings).build().await.unwrap();
        let login = client.matrix_auth().login_username(&account.user_id, &account.password);
        login.initial_device_display_name(name).await.unwrap();
        client.encryption().wait_for_e2ee_initialization_tasks().await;
        if has != Has::Nothing {
            client.encryption().bootstrap_cross_signing(None).await.unwrap();
        }
        let requests: Arc<std::sync::Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::new(Notify::new());
        let (flows, bell) = (requests.clone(), heard.clone());
        client.add_event_handler(move |event: ToDeviceKeyVerificationRequestEvent| {
            flows.lock().unwrap().push(event.content.transaction_id.to_string());
            bell.notify_one();
            std::future::ready(())
        });
        client.sync_once(SyncSettings::default()).await.unwrap();
        if has == Has::Backup {
            client.encryption().backups().create().await.unwrap();
        }
        let mut app = Self { client, syncing: None, heard, requests };
        app.wake();
        app
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

    /// Stops syncing, as an app in the background or on a phone without a signal.
    pub fn sleep(&mut self) {
        if let Some(syncing) = self.syncing.take() {
            syncing.abort();
        }
    }

    /// Its device.
    pub fn device_id(&self) -> String {
        self.client.device_id().unwrap().to_string()
    }

    /// Writes messages into a new encrypted room, with a new key every few of them.
    pub async fn write(&self, texts: &[&str]) {
        let content = assign!(RoomEncryptionEventContent::with_recommended_defaults(), {
            rotation_period_msgs: Some(uint!(1)),
        });
        let encrypted = InitialStateEvent::with_empty_state_key(content);
        let request =
            assign!(create_room::v3::Request::new(), { initial_state: vec![encrypted.to_raw_any()] });
        let room = self.client.create_room(request).await.unwrap();
        while self.client.get_room(room.room_id()).is_none()
            || !room.latest_encryption_state().await.unwrap().is_encrypted()
        {
            sleep(Duration::from_millis(20)).await;
        }
        for text in texts {
            room.send(RoomMessageEventContent::text_plain(*text)).await.unwrap();
        }
    }

    /// Waits until somebody asks to compare emoji.
    pub async fn asked(&self) -> VerificationRequest {
        let found = async {
            loop {
                let flow = self.requests.lock().unwrap().pop();
                if let Some(flow) = flow {
                    let user = self.client.user_id().unwrap();
                    return self.client.encryption().get_verification_request(user, flow).await.unwrap();
                }
                self.heard.notified().await;
            }
        };
        timeout(PATIENCE, found).await.expect("nobody asks")
    }

    /// Asks another device of the person.
    pub async fn ask(&self, device_id: &str) -> VerificationRequest {
        let user = self.client.user_id().unwrap();
        let encryption = self.client.encryption();
        encryption.request_user_identity(user).await.unwrap();
        let device = encryption.get_device(user, device_id.into()).await.unwrap().expect("unknown device");
        device.request_verification_with_methods(vec![VerificationMethod::SasV1]).await.unwrap()
    }

    /// Says yes to a request, and to the other side beginning.
    pub async fn accept(&self) -> SasVerification {
        let request = self.asked().await;
        request.accept_with_methods(vec![VerificationMethod::SasV1]).await.unwrap();
        begun(&request).await
    }
}

/// Waits until the other side begins to compare, and says yes.
pub async fn begun(request: &VerificationRequest) -> SasVerification {
    let begun = async {
        loop {
            if let VerificationRequestState::Transitioned { verification: Verification::SasV1(sas), .. } =
                request.state()
            {
                sas.accept().await.unwrap();
                return sas;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, begun).await.expect("nobody begins")
}

/// The names of the emoji on the app's screen.
pub async fn emoji(sas: &SasVerification) -> Vec<String> {
    let shown = async {
        while !sas.can_be_presented() {
            sleep(Duration::from_millis(20)).await;
        }
        sas.emoji().unwrap().iter().map(|emoji| emoji.description.to_owned()).collect()
    };
    timeout(PATIENCE, shown).await.expect("no emoji")
}

/// Waits until the app says that it is done, or cancelled (`false`).
pub async fn ended(sas: &SasVerification) -> bool {
    let ended = async {
        loop {
            match sas.state() {
                SasState::Done { .. } => return true,
                SasState::Cancelled(_) => return false,
                _ => sleep(Duration::from_millis(20)).await,
            }
        }
    };
    timeout(PATIENCE, ended).await.expect("it does not end")
}

impl Drop for App {
    fn drop(&mut self) {
        self.sleep();
    }
}
