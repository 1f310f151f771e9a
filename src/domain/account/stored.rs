//! Reads what a user's account data say is stored, without opening anything. The engine has them from a sync, `?readiness` from
//! the server's administration.
//!
//! Source: specification, "Client config", "Secrets" and "Server-side key backups".

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Account, Place, SecretStorage};
use crate::domain::line;

/// Holds the default key's id.
pub const DEFAULT_KEY: &str = "m.secret_storage.default_key";
/// Holds a key's description; the key's id follows.
pub const KEY_PREFIX: &str = "m.secret_storage.key.";
/// Says whether backup is wanted (specification 1.19).
pub const KEY_BACKUP: &str = "m.key_backup";
/// Says whether backup is switched off, as clients write it today.
pub const BACKUP_DISABLED: &str = "m.org.matrix.custom.backup_disabled";
/// The three private cross-signing keys.
pub const IDENTITY_KEYS: [&str; 3] =
    ["m.cross_signing.master", "m.cross_signing.self_signing", "m.cross_signing.user_signing"];
/// The backup's private key.
pub const BACKUP_KEY: &str = "m.megolm_backup.v1";

/// The contents of account data by type.
pub type Events = BTreeMap<String, Value>;

/// The content of an event. An empty object means "deleted" and counts as none.
pub fn content<'a>(events: &'a Events, event_type: &str) -> Option<&'a Value> {
    events.get(event_type).filter(|content| content.as_object().is_none_or(|object| !object.is_empty()))
}

/// The id of the default key.
pub fn default_key(events: &Events) -> Option<&str> {
    content(events, DEFAULT_KEY)?.get("key")?.as_str().filter(|id| !id.is_empty())
}

/// The description of a key, as it stands.
pub fn key_description<'a>(events: &'a Events, key_id: &str) -> Option<&'a Value> {
    content(events, &format!("{KEY_PREFIX}{key_id}"))
}

/// The entry of a secret under one key.
pub fn encrypted<'a>(events: &'a Events, secret: &str, key_id: &str) -> Option<&'a Value> {
    content(events, secret)?.get("encrypted")?.get(key_id)
}

/// Tells whether the person switched backup off, by either event that clients use for it.
pub fn backup_switched_off(events: &Events) -> bool {
    let flag = |event_type, name| content(events, event_type)?.get(name)?.as_bool();
    flag(KEY_BACKUP, "enabled") == Some(false) || flag(BACKUP_DISABLED, "disabled") == Some(true)
}

/// Sets every fact that the account data alone decide.
pub fn see(account: &mut Account, events: &Events) {
    let secrets = IDENTITY_KEYS.into_iter().chain([BACKUP_KEY]);
    account.secret_storage = secret_storage(events);
    account.stored_secrets =
        u8::try_from(secrets.filter(|secret| is_stored(events, secret)).count()).unwrap_or(u8::MAX);
    account.identity_keys = place(events, &IDENTITY_KEYS);
    account.backup_key = place(events, &[BACKUP_KEY]);
    account.backup_switched_off = backup_switched_off(events);
}

/// Tells whether a secret is stored, under any key.
pub fn is_stored(events: &Events, secret: &str) -> bool {
    let entries = content(events, secret).and_then(|content| content.get("encrypted"));
    entries.and_then(Value::as_object).is_some_and(|entries| !entries.is_empty())
}

/// Finds the described key under which all of these secrets lie. A key without a description does not count: nobody can
/// tell before it is tried.
fn place(events: &Events, secrets: &[&str]) -> Place {
    let all_under = |key_id: &str| secrets.iter().all(|name| encrypted(events, name, key_id).is_some());
    let is_described = matches!(secret_storage(events), SecretStorage::Present { .. });
    if is_described && default_key(events).is_some_and(all_under) {
        return Place::UnderDefault;
    }
    let entries = secrets.first().and_then(|name| content(events, name)?.get("encrypted")?.as_object());
    let is_under = |key_id: &String| all_under(key_id) && key_description(events, key_id).is_some();
    if entries.is_some_and(|entries| entries.keys().any(is_under)) {
        Place::Elsewhere
    } else {
        Place::Nowhere
    }
}

/// Reads what the default key leads to.
fn secret_storage(events: &Events) -> SecretStorage {
    if content(events, DEFAULT_KEY).is_none() {
        return SecretStorage::Absent;
    }
    let Some(key_id) = default_key(events) else { return SecretStorage::Dangling };
    match key_description(events, key_id) {
        Some(description) if description.get("algorithm").is_some_and(Value::is_string) => {
            SecretStorage::Present {
                key_id: line::cut(key_id, line::LONGEST),
                has_passphrase: description.get("passphrase").is_some_and(Value::is_object),
            }
        }
        _ => SecretStorage::Dangling,
    }
}
