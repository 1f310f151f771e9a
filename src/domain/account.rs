//! The facts about an account: what the server says, nothing concluded yet.

use serde::{Deserialize, Serialize};

/// Everything the page reads before it says what is the matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The full Matrix ID, as the server returned it.
    pub user_id: String,
    /// This page's own device.
    pub device_id: String,
    /// The public half of the cross-signing identity, when one is published.
    pub identity: Option<Identity>,
    /// Where `m.secret_storage.default_key` leads.
    pub secret_storage: SecretStorage,
    /// Secrets that are stored under any key: how many of the four this page knows
    /// (three cross-signing keys and the backup's).
    pub stored_secrets: u8,
    /// Where the identity's three private keys are stored.
    pub identity_keys: Place,
    /// Where the backup's private key is stored.
    pub backup_key: Place,
    /// The newest backup version.
    pub backup: Option<Backup>,
    /// `m.key_backup {enabled: false}` or its older name: the person switched backup off.
    pub backup_switched_off: bool,
    /// The user's other devices that have keys; this page's and dehydrated ones left out.
    pub devices: Vec<Device>,
    /// Whether a dehydrated device receives keys while the user is away (MSC3814).
    pub dehydrated: bool,
}

impl Account {
    /// One where nothing is set up, for tests and fixtures to begin with.
    #[cfg(any(test, feature = "fuzzing", feature = "gallery"))]
    pub fn fresh(user_id: &str, device_id: &str) -> Self {
        Self {
            user_id: user_id.to_owned(),
            device_id: device_id.to_owned(),
            identity: None,
            secret_storage: SecretStorage::Absent,
            stored_secrets: 0,
            identity_keys: Place::Nowhere,
            backup_key: Place::Nowhere,
            backup: None,
            backup_switched_off: false,
            devices: Vec::new(),
            dehydrated: false,
        }
    }
}

/// Under which key of secret storage something lies, as far as can be seen without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// Nowhere, or not all of it under one key that is described.
    Nowhere,
    /// Under the default key, where apps look.
    UnderDefault,
    /// Only under another key.
    Elsewhere,
}

/// A published cross-signing identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The public master key, unpadded base64.
    pub master_key: String,
}

/// Where the default key of secret storage leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecretStorage {
    /// No default key, or an empty one.
    Absent,
    /// A default key whose description is missing or not understood.
    Dangling,
    /// A default key with its description.
    Present {
        /// The id of the default key.
        key_id: String,
        /// Whether it can be opened with a phrase, too.
        has_passphrase: bool,
    },
}

/// A backup version on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// The server's name for it.
    pub version: String,
    /// How many room keys it holds.
    pub count: u64,
    /// Changes whenever the content does.
    pub etag: String,
    /// Whether the published identity has signed it, so that other clients trust it.
    pub signed: bool,
}

/// Another logged-in client of the same user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The device id.
    pub device_id: String,
    /// The name its client gave it; cut to a length that fits a line.
    pub name: Option<String>,
    /// Whether the identity has signed it.
    pub verified: bool,
}

impl Account {
    /// The public master key of the published identity, unpadded base64.
    pub fn master_key(&self) -> Option<&str> {
        self.identity.as_ref().map(|identity| identity.master_key.as_str())
    }

    /// Whether some other device is verified: it can hand over what it knows.
    pub fn has_verified_device(&self) -> bool {
        self.devices.iter().any(|device| device.verified)
    }

    /// Whether some other device is not verified: its keys do not reach the backup.
    pub fn has_unverified_device(&self) -> bool {
        self.devices.iter().any(|device| !device.verified)
    }

    /// What must not change between looking and writing (state 25): identity, default key, backup.
    pub fn is_as_it_was(&self, before: &Self) -> bool {
        let version = |account: &Self| account.backup.as_ref().map(|backup| backup.version.clone());
        self.identity == before.identity
            && self.secret_storage == before.secret_storage
            && self.stored_secrets == before.stored_secrets
            && self.identity_keys == before.identity_keys
            && self.backup_key == before.backup_key
            && self.backup_switched_off == before.backup_switched_off
            && version(self) == version(before)
    }
}
