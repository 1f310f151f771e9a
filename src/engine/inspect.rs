//! Looking at an account: every fact in three requests that go out together, whatever its size.

use futures_util::try_join;
use matrix_sdk::ruma::{DeviceId, UserId, api::client::keys::get_keys, assign};
use serde_json::Value;

use super::{
    account_data::{AccountData, DEFAULT_KEY},
    backup::{self, CurrentBackup},
    http::{Failure, Homeserver, cut},
    secret_storage::SECRETS,
};
use crate::domain::account::{Account, Device, Identity, SecretStorage};

/// The account as read: the facts for people, and what they were concluded from.
pub(super) struct Inspection {
    /// The facts.
    pub(super) account: Account,
    /// The account data, into which new entries are merged.
    pub(super) account_data: AccountData,
    /// The newest backup version.
    pub(super) backup: Option<CurrentBackup>,
    /// The published keys of the user.
    pub(super) keys: get_keys::v3::Response,
}

impl Inspection {
    /// Reads everything anew.
    ///
    /// # Errors
    /// The first request's [`Failure`].
    pub(super) async fn read(
        server: &Homeserver,
        user_id: &UserId,
        device_id: &DeviceId,
    ) -> Result<Self, Failure> {
        let keys =
            assign!(get_keys::v3::Request::new(), { device_keys: [(user_id.to_owned(), Vec::new())].into() });
        let (account_data, backup, keys) =
            try_join!(AccountData::read(server), backup::current(server), server.send(keys))?;
        let account = Account {
            user_id: user_id.to_string(),
            device_id: device_id.to_string(),
            identity: identity(&keys, user_id)?,
            secret_storage: secret_storage(&account_data),
            stored_secrets: stored_secrets(&account_data),
            backup: backup.as_ref().map(|backup| backup.facts.clone()),
            backup_switched_off: account_data.backup_switched_off(),
            devices: devices(&keys, user_id, device_id),
        };
        Ok(Self { account, account_data, backup, keys })
    }
}

/// What the account data alone say about secret storage; used again before each commit.
pub(super) fn secret_storage(account_data: &AccountData) -> SecretStorage {
    if account_data.get(DEFAULT_KEY).is_none() {
        return SecretStorage::Absent;
    }
    let Some(key_id) = account_data.default_key() else { return SecretStorage::Dangling };
    match account_data.key_description(key_id) {
        Some(description) if description.get("algorithm").is_some_and(Value::is_string) => {
            SecretStorage::Present {
                key_id: cut(key_id),
                has_passphrase: description.get("passphrase").is_some_and(Value::is_object),
            }
        }
        _ => SecretStorage::Dangling,
    }
}

/// How many of the four secrets are stored, under whatever key.
pub(super) fn stored_secrets(account_data: &AccountData) -> u8 {
    let is_stored = |secret: &&str| {
        let entries = account_data.get(secret).and_then(|content| content.get("encrypted"));
        entries.and_then(Value::as_object).is_some_and(|entries| !entries.is_empty())
    };
    u8::try_from(SECRETS.iter().filter(|(name, _)| is_stored(name)).count()).unwrap_or(u8::MAX)
}

/// The public identity in an answer to `/keys/query`.
///
/// # Errors
/// [`Failure::Garbled`] for one that cannot be read: it must not be taken for none, and replaced.
pub(super) fn identity(keys: &get_keys::v3::Response, user_id: &UserId) -> Result<Option<Identity>, Failure> {
    let Some(master) = keys.master_keys.get(user_id) else { return Ok(None) };
    let master = master.deserialize().map_err(|_| Failure::Garbled)?;
    let public = master.keys.values().next().ok_or(Failure::Garbled)?;
    Ok(Some(Identity { master_key: cut(public) }))
}

/// The user's other devices that have keys. One that dehydrates is no logged-in client (MSC3814).
fn devices(keys: &get_keys::v3::Response, user_id: &UserId, own: &DeviceId) -> Vec<Device> {
    let self_signing = keys.self_signing_keys.get(user_id).and_then(|key| key.deserialize().ok());
    let signer = self_signing.and_then(|key| key.keys.keys().next().map(ToString::to_string));
    let devices = keys.device_keys.get(user_id).into_iter().flatten();
    devices
        .filter(|(device_id, _)| *device_id != own)
        .filter_map(|(device_id, raw)| {
            let device: Value = raw.deserialize_as_unchecked().ok()?;
            if device.get("dehydrated").and_then(Value::as_bool) == Some(true) {
                return None;
            }
            let signatures = device.get("signatures").and_then(|by_user| by_user.get(user_id.as_str()));
            let name = device.get("unsigned").and_then(|unsigned| unsigned.get("device_display_name"));
            Some(Device {
                device_id: cut(device_id.as_str()),
                name: name.and_then(Value::as_str).map(cut),
                verified: signer
                    .as_ref()
                    .is_some_and(|key| signatures.is_some_and(|by| by.get(key).is_some())),
            })
        })
        .collect()
}
