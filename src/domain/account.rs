//! The facts about an account: only what the server says, before any conclusion.

use serde::{Deserialize, Serialize};

#[cfg(any(feature = "engine", feature = "readiness", test))]
pub mod published;
#[cfg(any(feature = "engine", feature = "readiness", test))]
pub mod stored;
#[cfg(test)]
mod tests;

/// The name of this page's device, by which people and later visits recognize it.
pub const DEVICE_NAME: &str = "Key backup page (temporary)";

/// Everything the page reads from the server before it concludes anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The full Matrix ID, as the server returned it.
    pub user_id: String,
    /// Device ID of this page.
    pub device_id: String,
    /// The public half of the cross-signing identity, when one is published.
    pub identity: Option<Identity>,
    /// State of the key that `m.secret_storage.default_key` names.
    pub secret_storage: SecretStorage,
    /// Counts the secrets stored under any key, of the four that this page knows: three cross-signing keys, one
    /// backup key.
    pub stored_secrets: u8,
    /// Place of the identity's three private keys.
    pub identity_keys: Place,
    /// Place of the backup version's private key.
    pub backup_key: Place,
    /// The newest backup version.
    pub backup: Option<Backup>,
    /// Set if the server answered the question for the newest version with an error of its own, or with what is no
    /// version. There may be one then.
    pub backup_untold: bool,
    /// Set if the person switched backup off: `m.key_backup {enabled: false}`, or the same under its unstable name.
    pub backup_switched_off: bool,
    /// The user's other devices that have keys, without dehydrated ones. Some may be left over from earlier visits.
    pub devices: Vec<Device>,
    /// Set if a dehydrated device receives keys while the user is away (MSC3814).
    pub dehydrated: bool,
}

impl Account {
    /// An account where nothing is set up, for tests and fixtures to begin with.
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
            backup_untold: false,
            backup_switched_off: false,
            devices: Vec::new(),
            dehydrated: false,
        }
    }
}

/// The key of secret storage that encrypts a secret, as far as can be seen without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// Stored nowhere, or not all parts are stored under one key that has a description.
    Nowhere,
    /// Stored under the default key, where apps look.
    UnderDefault,
    /// Stored under another key only.
    Elsewhere,
}

/// A published cross-signing identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The public master key, unpadded base64.
    pub master_key: String,
}

/// State of the default key of secret storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecretStorage {
    /// There is no default key, or the event that names it is empty.
    Absent,
    /// There is a default key, but its description is missing or not understood.
    Dangling,
    /// There is a default key, and its description.
    Present {
        /// Its key ID.
        key_id: String,
        /// Set if a passphrase opens it, too.
        has_passphrase: bool,
    },
}

/// A backup version on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Version string, given by the server.
    pub version: String,
    /// Number of room keys it holds.
    pub count: u64,
    /// Changes whenever the content does (`etag`).
    pub etag: String,
    /// Set if the published identity has signed it, so that other clients trust it.
    pub signed: bool,
    /// Set if its description has an algorithm and a public key that clients know: without, none can use it.
    pub usable: bool,
}

/// Another device of the same user: a signed-in client, or what an earlier visit of this page left over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its device ID.
    pub device_id: String,
    /// The name its client gave it, cut to the length of one line.
    pub name: Option<String>,
    /// Set if the identity has signed it.
    pub verified: bool,
}

impl Device {
    /// Tells whether it counts as left over by an earlier visit of this page: it has exactly the page's name.
    pub fn is_left_over(&self) -> bool {
        self.name.as_deref() == Some(DEVICE_NAME)
    }
}

impl Account {
    /// The public master key of the published identity, unpadded base64.
    pub fn master_key(&self) -> Option<&str> {
        self.identity.as_ref().map(|identity| identity.master_key.as_str())
    }

    /// Returns the newest backup version, if clients can use it.
    pub fn usable_backup(&self) -> Option<&Backup> {
        self.backup.as_ref().filter(|backup| backup.usable)
    }

    /// Tells whether the newest backup version is one that no client can use, or that the server does not tell of.
    pub fn has_unusable_backup(&self) -> bool {
        self.backup_untold || self.backup.as_ref().is_some_and(|backup| !backup.usable)
    }

    /// The apps that are signed in: the other devices but those that earlier visits of this page left over. Those
    /// hold nothing and answer nothing.
    pub fn apps(&self) -> impl Iterator<Item = &Device> {
        self.devices.iter().filter(|device| !device.is_left_over())
    }

    /// Tells whether the person is signed in to any app.
    pub fn has_apps(&self) -> bool {
        self.apps().next().is_some()
    }

    /// Tells whether some device counts as left over. It may be an app all the same: anybody can name a
    /// device so.
    pub fn has_namesake(&self) -> bool {
        self.devices.iter().any(Device::is_left_over)
    }

    /// Tells whether some app is verified: it can hand over the secrets it has.
    pub fn has_verified_app(&self) -> bool {
        self.apps().any(|device| device.verified)
    }

    /// Tells whether some app is not verified: its room keys do not reach the backup.
    pub fn has_unverified_app(&self) -> bool {
        self.apps().any(|device| !device.verified)
    }

    /// Tells whether everything is unchanged that an order relies on. Room keys and other devices may have changed.
    pub fn is_as_it_was(&self, before: &Self) -> bool {
        let version = |account: &Self| account.backup.as_ref().map(|backup| backup.version.clone());
        self.identity == before.identity
            && self.secret_storage == before.secret_storage
            && self.stored_secrets == before.stored_secrets
            && self.identity_keys == before.identity_keys
            && self.backup_key == before.backup_key
            && self.backup_switched_off == before.backup_switched_off
            && self.backup_untold == before.backup_untold
            && version(self) == version(before)
    }
}
