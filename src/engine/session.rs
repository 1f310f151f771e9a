//! A signed-in visit: who we are, where, and the SDK's machine that holds our device.

use matrix_sdk::ruma::{
    OwnedDeviceId, OwnedUserId,
    api::client::{
        session::{login, logout},
        uiaa::{MatrixUserIdentifier, UserIdentifier},
    },
    assign,
};
use matrix_sdk_crypto::{OlmMachine, store::types::BackupDecryptionKey};
use rand::RngExt as _;
use zeroize::Zeroizing;

use super::{
    backup::{self, CurrentBackup},
    coverage::Survey,
    error::of_sign_in,
    http::{Failure, Homeserver, Repeat},
    import::Import,
    inspect::Inspection,
    kept::Kept,
    listening::Hearing,
    opening::Opened,
    repair::Repair,
    rotate::Rotation,
    set_up::SetUp,
};
use crate::domain::{problem::Problem, secret::Secret};

/// The name of this page's device, by which people and later visits recognise it.
pub const DEVICE_NAME: &str = "Key backup page (temporary)";

/// A visit to one account. Dropping it forgets every secret in it.
pub(super) struct Session {
    /// The homeserver, with our access token.
    pub(super) server: Homeserver,
    /// The full Matrix ID.
    pub(super) user_id: OwnedUserId,
    /// This page's device.
    pub(super) device_id: OwnedDeviceId,
    /// The SDK's machine: device keys, and later the identity.
    pub(super) machine: OlmMachine,
    /// Kept to refuse it as a phrase; it is sent nowhere again.
    pub(super) password: Secret,
    /// The account as last looked at.
    pub(super) inspection: Option<Inspection>,
    /// The secret storage that an entry opened last.
    pub(super) opened: Option<Opened>,
    /// A backup key that was entered by itself, in unpadded base64.
    pub(super) spare: Option<Zeroizing<String>>,
    /// The backup that this visit made or opened: the one to be counted.
    pub(super) ours: Option<(String, BackupDecryptionKey)>,
    /// What the person kept, that opens what apps ask for.
    pub(super) kept: Option<Kept>,
    /// Devices of earlier visits that the person was told of.
    pub(super) left_over: Vec<OwnedDeviceId>,
    /// The rooms whose messages were looked for in it, and how far.
    pub(super) survey: Option<Survey>,
    /// The writing under a new key that is prepared or under way.
    pub(super) set_up: Option<SetUp>,
    /// The mending that did not come to its end yet.
    pub(super) repair: Option<Repair>,
    /// The fresh backup that is under way, or done.
    pub(super) rotation: Option<Rotation>,
    /// What is known from listening to other devices.
    pub(super) hearing: Hearing,
    /// The key file that was sent, and how far its import has come.
    pub(super) import: Import,
}

impl Session {
    /// Signs in once, as a device whose id was chosen before, so that a repeated request (a lost
    /// response) does not leave a second device.
    ///
    /// # Errors
    /// What the server refused.
    pub(super) async fn sign_in(
        base_url: String,
        user: &str,
        password: Secret,
        device_id: OwnedDeviceId,
    ) -> Result<Self, Problem> {
        let mut server = Homeserver::new(base_url);
        let identifier = UserIdentifier::Matrix(MatrixUserIdentifier::new(user.trim().to_owned()));
        let password_info = login::v3::Password::new(identifier, password.expose().to_owned());
        let request = assign!(login::v3::Request::new(login::v3::LoginInfo::Password(password_info)), {
            device_id: Some(device_id),
            initial_device_display_name: Some(DEVICE_NAME.to_owned()),
        });
        let response = server.send_as(request, Repeat::SafeButShowWaits).await.map_err(of_sign_in)?;
        server.sign_in_with(Secret::new(response.access_token));
        let machine = OlmMachine::new(&response.user_id, &response.device_id).await;
        let (user_id, device_id) = (response.user_id, response.device_id);
        Ok(Self {
            server,
            user_id,
            device_id,
            machine,
            password,
            inspection: None,
            opened: None,
            spare: None,
            ours: None,
            kept: None,
            left_over: Vec::new(),
            survey: None,
            set_up: None,
            repair: None,
            rotation: None,
            hearing: Hearing::default(),
            import: Import::default(),
        })
    }

    /// The backup that this visit made or opened, as it is now, with its key.
    ///
    /// # Errors
    /// [`Problem::OutOfOrder`] if there is none; [`Problem::BackupReplaced`] if it is not the current one any
    /// more, or not under that key; the request's problem.
    pub(super) async fn current_ours(&self) -> Result<(CurrentBackup, BackupDecryptionKey), Problem> {
        let (version, key) = self.ours.as_ref().ok_or(Problem::OutOfOrder)?;
        match backup::current(&self.server).await? {
            Some(backup) if backup.facts.version == *version && key.backup_key_matches(&backup.info) => {
                Ok((backup, key.clone()))
            }
            Some(_) | None => Err(Problem::BackupReplaced),
        }
    }

    /// Removes this page's device. A device that is gone already is success.
    ///
    /// # Errors
    /// The request's [`Failure`]; the device is then still there.
    pub(super) async fn sign_out(&self) -> Result<(), Failure> {
        match self.server.send(logout::v3::Request::new()).await {
            // Softly logged out, the device would still be there.
            Err(Failure::Refused(refusal))
                if refusal.errcode == "M_UNKNOWN_TOKEN" && !refusal.soft_logout =>
            {
                Ok(())
            }
            result => result.map(|_| ()),
        }
    }
}

/// A device id of the usual form.
pub(super) fn new_device_id() -> OwnedDeviceId {
    let mut random = rand::rng();
    let id: String = (0..10).map(|_| char::from(random.random_range(b'A'..=b'Z'))).collect();
    id.into()
}
