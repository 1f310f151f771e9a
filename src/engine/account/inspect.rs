//! Reads an account: every fact in three requests that go out together, whatever the account's size.

use futures_util::try_join;
use matrix_sdk::ruma::{DeviceId, UserId, api::client::keys::get_keys};
use serde_json::Value;

use crate::{
    domain::{
        account::{
            Account, Device, Place, SecretStorage,
            published::{self, Published},
        },
        problem::Problem,
    },
    engine::{
        account::{
            account_data::AccountData,
            backup::{self, BackupVersion, Newest},
            event_types::{DEFAULT_KEY, KEY_PREFIX, SECRETS},
            published_identity::{self, identity, published_keys},
        },
        connection::Connection,
        net::failure::Failure,
    },
};

/// Devices that the page is told of; people have a handful.
pub(in crate::engine) const MOST_DEVICES: usize = 500;

/// The account as read: the facts for the person, and the answers they were concluded from.
pub(in crate::engine) struct Inspection {
    /// The facts.
    pub(in crate::engine) account: Account,
    /// The account data, into which new entries are merged.
    pub(in crate::engine) account_data: AccountData,
    /// The newest backup version.
    pub(in crate::engine) backup: Option<BackupVersion>,
    /// The published keys of the user.
    pub(in crate::engine) keys: get_keys::v3::Response,
}

impl Inspection {
    /// Reads everything anew.
    ///
    /// # Errors
    /// The first request's [`Failure`].
    pub(in crate::engine) async fn read(connection: &Connection) -> Result<Self, Failure> {
        let Connection { server, user_id, device_id, .. } = connection;
        let (account_data, backup, keys) =
            try_join!(AccountData::read(server), backup::newest(server), published_keys(server, user_id))?;
        Self::of(account_data, backup, keys, user_id, device_id).await
    }

    /// Reads as [`Self::read`] does before secrets are merged into or relied on. The named secrets, the default key,
    /// and the description of the key that was the default are read singly as well.
    ///
    /// # Errors
    /// [`Problem::Contradicted`], or a request's problem.
    pub(in crate::engine) async fn read_surely(
        connection: &Connection,
        default_key: Option<&str>,
    ) -> Result<Self, Problem> {
        let Connection { server, user_id, device_id, .. } = connection;
        let backup = async { Ok::<_, Problem>(backup::newest(server).await?) };
        let keys = async { Ok::<_, Problem>(published_keys(server, user_id).await?) };
        let data = AccountData::read_surely(server, user_id, to_be_sure_of(default_key), |_| Ok(()));
        let (account_data, backup, keys) = try_join!(data, backup, keys)?;
        Ok(Self::of(account_data, backup, keys, user_id, device_id).await?)
    }

    async fn of(
        account_data: AccountData,
        Newest { backup, is_untold }: Newest,
        keys: get_keys::v3::Response,
        user_id: &UserId,
        device_id: &DeviceId,
    ) -> Result<Self, Failure> {
        let (devices, dehydrated) = devices(&keys, user_id, device_id);
        let mut facts = backup.as_ref().map(|backup| backup.facts.clone());
        if let (Some(facts), Some(backup)) = (&mut facts, &backup) {
            facts.signed = published_identity::is_signed_by_published(user_id, &keys, &backup.info).await;
        }
        let mut account = Account {
            user_id: user_id.to_string(),
            device_id: device_id.to_string(),
            identity: identity(&keys, user_id)?,
            secret_storage: SecretStorage::Absent,
            stored_secrets: 0,
            identity_keys: Place::Nowhere,
            backup_key: Place::Nowhere,
            backup: facts,
            backup_untold: is_untold,
            backup_switched_off: false,
            devices,
            dehydrated,
        };
        account_data.see(&mut account);
        Ok(Self { account, account_data, backup, keys })
    }
}

/// The types that decide what is written: the secrets, the default key, and the description of one key.
pub(in crate::engine) fn to_be_sure_of(key_id: Option<&str>) -> impl Iterator<Item = String> {
    let named = SECRETS.iter().map(|(name, _)| *name).chain([DEFAULT_KEY]).map(ToOwned::to_owned);
    named.chain(key_id.map(|key_id| format!("{KEY_PREFIX}{key_id}")))
}

/// Reads again what must not have changed since the person was told about it.
///
/// # Errors
/// [`Problem::SomeoneElseIsWriting`], [`Problem::Contradicted`], or the request's problem.
pub(in crate::engine) async fn check_unchanged(
    connection: &Connection,
    before: &Inspection,
) -> Result<Inspection, Problem> {
    let now = Inspection::read_surely(connection, before.account_data.default_key()).await?;
    if now.account.is_as_it_was(&before.account) { Ok(now) } else { Err(Problem::SomeoneElseIsWriting) }
}

/// The user's other devices that have keys, and whether there is a dehydrated one, which is no signed-in app (MSC3814).
/// `verified` means that a signature is there; it is not checked here.
pub(in crate::engine) fn devices(
    keys: &get_keys::v3::Response,
    user_id: &UserId,
    own: &DeviceId,
) -> (Vec<Device>, bool) {
    let mut has_dehydrated = false;
    let self_signing = keys.self_signing_keys.get(user_id).and_then(|key| key.deserialize().ok());
    let signer = self_signing.and_then(|key| key.keys.keys().next().map(ToString::to_string));
    let devices = keys.device_keys.get(user_id).into_iter().flatten();
    let mut devices = devices
        .filter(|(device_id, _)| *device_id != own)
        .filter_map(|(device_id, raw)| {
            let device: Value = raw.deserialize_as_unchecked().ok()?;
            match published::device(user_id.as_str(), device_id.as_str(), &device, signer.as_deref()) {
                Published::Device(device) => Some(device),
                Published::Dehydrated => {
                    has_dehydrated = true;
                    None
                }
            }
        })
        .collect::<Vec<_>>();
    // A server may list any number of devices; only verified ones can help.
    devices.sort_by_key(|device: &Device| !device.verified);
    devices.truncate(MOST_DEVICES);
    (devices, has_dehydrated)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_lies_under_a_key_that_nothing_describes_is_not_placed() {
        let entry = json!({ "encrypted": { "new": { "iv": "a" } } });
        let mut events: serde_json::Map<_, _> =
            SECRETS.map(|(name, _)| (name.to_owned(), entry.clone())).into_iter().collect();
        for (description, expected) in [
            (None, Place::Nowhere),
            (Some(json!({})), Place::Nowhere),
            (Some(json!({ "algorithm": "m.secret_storage.v1.aes-hmac-sha2" })), Place::Elsewhere),
        ] {
            events.extend(description.map(|content| (format!("{KEY_PREFIX}new"), content)));
            let mut account = Account::fresh("@ada:example.org", "PAGE");
            AccountData::of(events.clone().into()).unwrap().see(&mut account);
            assert_eq!((account.identity_keys, account.backup_key), (expected, expected));
            assert_eq!(account.stored_secrets, 4);
        }
    }
}
