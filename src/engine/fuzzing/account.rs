//! Reads an account as a server may describe it.

use std::collections::BTreeMap;

use matrix_sdk::ruma::{
    api::{IncomingResponseExt as _, client::keys::get_keys},
    device_id, user_id,
};
use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use serde_json::{Value, json};

use crate::{
    domain::{
        account::{Account, Place, SecretStorage},
        line,
    },
    engine::account::{
        account_data::AccountData,
        event_types::SECRETS,
        inspect::{MOST_DEVICES, devices},
        public_key,
        published_identity::{self, identity},
    },
};

/// Reads account data and published keys. All that is shown of them fits a line. Nothing is called stored that is not,
/// and no other entry is lost when one is added or removed.
pub async fn account(data: &[u8]) {
    let ada = user_id!("@ada:example.org");
    let mut account = Account::fresh(ada.as_str(), "PAGE");
    if let Ok(keys) = get_keys::v3::Response::try_from_http_response(http::Response::new(data)) {
        let has_master = keys.master_keys.contains_key(ada);
        let has_any = !keys.master_keys.is_empty();
        let keys = public_key::readable(keys);
        // An identity that cannot be read must not be taken for none and replaced.
        assert!(keys.is_ok() || has_any);
        if let Ok(keys) = keys {
            let identity = identity(&keys, ada);
            assert_eq!(matches!(identity, Ok(None)), !has_master);
            account.identity = identity.unwrap_or_default();
            (account.devices, account.dehydrated) = devices(&keys, ada, device_id!("PAGE"));
            // The SDK reads the keys that are left; nobody has signed this backup.
            let backup = BackupDecryptionKey::from_bytes(&[1; 32]).to_backup_info();
            assert!(!published_identity::is_signed_by_published(ada, &keys, &backup).await);
        }
    }
    assert!(account.devices.len() <= MOST_DEVICES);
    assert!(account.devices.is_sorted_by_key(|device| !device.verified));
    let shown = account.devices.iter().flat_map(|device| [Some(&device.device_id), device.name.as_ref()]);
    let shown = shown.flatten().chain(account.identity.as_ref().map(|identity| &identity.master_key));
    shown.for_each(|text| assert_eq!(*text, line::cut(text, 100)));

    let events = serde_json::from_slice::<BTreeMap<String, Value>>(data).ok();
    let Some(events) = events.and_then(|events| serde_json::to_value(events).ok()) else { return };
    let Some(data) = AccountData::of(events) else { return };
    data.see(&mut account);
    assert!(account.is_as_it_was(&account.clone()));
    let stored = SECRETS.map(|(name, _)| entries(data.get(name)).is_some());
    assert_eq!(usize::from(account.stored_secrets), stored.iter().filter(|stored| **stored).count());
    let is_described = matches!(&account.secret_storage, SecretStorage::Present { .. });
    for (place, is_whole) in
        [(account.identity_keys, stored[..3] == [true; 3]), (account.backup_key, stored[3])]
    {
        assert!(place == Place::Nowhere || is_whole);
        assert!(place != Place::UnderDefault || is_described);
    }
    for (name, _) in SECRETS {
        let added = data.with_encrypted(name, "new", json!({ "iv": "b" }));
        assert_eq!(added["encrypted"]["new"], json!({ "iv": "b" }));
        let Some(before) = data.get(name) else { continue };
        require_kept(before, &added, "new");
        let first = entries(Some(before)).and_then(|entries| entries.keys().next());
        let Some(key_id) = first else { continue };
        let taken = data.without_encrypted(name, key_id).unwrap_or_default();
        assert_eq!(taken["encrypted"].get(key_id), None);
        require_kept(before, &taken, key_id);
    }
}

/// Returns a secret's entries, if it has any.
fn entries(content: Option<&Value>) -> Option<&serde_json::Map<String, Value>> {
    content?.get("encrypted")?.as_object().filter(|entries| !entries.is_empty())
}

/// Checks that everything is still there except for one entry.
fn require_kept(before: &Value, after: &Value, but: &str) {
    for (field, value) in before.as_object().into_iter().flatten().filter(|(field, _)| *field != "encrypted")
    {
        assert_eq!(after.get(field), Some(value));
    }
    for (key_id, entry) in entries(Some(before)).into_iter().flatten().filter(|(key_id, _)| *key_id != but) {
        assert_eq!(after["encrypted"].get(key_id), Some(entry));
    }
}
