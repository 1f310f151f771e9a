//! Reads what the server's administration returned for one user.
//!
//! Source: Synapse's user admin API, "Account data" and "List all devices"; specification, `POST /keys/query`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::{
    account::{
        Account, Backup, Device, Identity, Place, SecretStorage,
        published::{self, Published},
        stored::{self, BACKUP_KEY, Events},
    },
    line,
};

/// The most devices that count for one user; people have a handful.
const MOST_DEVICES: usize = 500;

/// The server's answers about one user, each a JSON text.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    /// The user.
    pub user_id: &'a str,
    /// `GET /_synapse/admin/v1/users/{user_id}/accountdata`.
    pub account_data: &'a str,
    /// `POST /_matrix/client/v3/keys/query`.
    pub keys: &'a str,
    /// `GET /_synapse/admin/v2/users/{user_id}/devices`.
    pub devices: &'a str,
}

/// An answer is not what its source says. It tells nothing of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

#[derive(Deserialize)]
struct AccountData {
    account_data: Scopes,
}

#[derive(Deserialize)]
struct Scopes {
    global: Events,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Keys {
    device_keys: BTreeMap<String, BTreeMap<String, Value>>,
    master_keys: BTreeMap<String, Value>,
    self_signing_keys: BTreeMap<String, Value>,
}

/// The part of a published key that is read.
#[derive(Deserialize)]
struct Key {
    keys: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Devices {
    devices: Vec<Used>,
}

#[derive(Deserialize)]
struct Used {
    #[serde(default)]
    last_seen_ts: Option<u64>,
}

/// Reads one user's answers as the engine reads the user's own account; also returns the last use of any device, in
/// milliseconds since 1970. The backup version is not among them: it is taken to exist if its key is stored.
///
/// # Errors
/// [`Unreadable`], also for an identity that cannot be read: it must not be taken for none.
pub fn read(answers: &Answers<'_>) -> Result<(Account, Option<u64>), Unreadable> {
    let AccountData { account_data: Scopes { global: events } } = parse(answers.account_data)?;
    let keys: Keys = parse(answers.keys)?;
    let Devices { devices: used } = parse(answers.devices)?;
    let (devices, dehydrated) = devices(&keys, answers.user_id);
    let mut account = Account {
        user_id: line::cut(answers.user_id, line::LONGEST),
        device_id: String::new(),
        identity: identity(&keys, answers.user_id)?,
        secret_storage: SecretStorage::Absent,
        stored_secrets: 0,
        identity_keys: Place::Nowhere,
        backup_key: Place::Nowhere,
        backup: stored::is_stored(&events, BACKUP_KEY).then(presumed),
        backup_untold: false,
        backup_switched_off: false,
        devices,
        dehydrated,
    };
    stored::see(&mut account, &events);
    Ok((account, used.iter().filter_map(|device| device.last_seen_ts).max()))
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Unreadable> {
    serde_json::from_str(text).map_err(|_| Unreadable)
}

fn identity(keys: &Keys, user_id: &str) -> Result<Option<Identity>, Unreadable> {
    let Some(master) = keys.master_keys.get(user_id) else { return Ok(None) };
    let master = Key::deserialize(master).map_err(|_| Unreadable)?;
    let public = master.keys.into_values().next().ok_or(Unreadable)?;
    Ok(Some(Identity { master_key: line::cut(&public, line::LONGEST) }))
}

/// Returns the devices that have keys, and whether there is a dehydrated one.
fn devices(keys: &Keys, user_id: &str) -> (Vec<Device>, bool) {
    let read = |key: &Value| Key::deserialize(key).ok();
    let signer = keys.self_signing_keys.get(user_id).and_then(read);
    let signer = signer.and_then(|key| key.keys.into_keys().next());
    let listed = keys.device_keys.get(user_id).into_iter().flatten();
    // The engine leaves out what has no keys, too.
    let listed = listed.filter(|(_, device)| read(device).is_some());
    let (mut devices, mut dehydrated): (Vec<Device>, _) = (Vec::new(), false);
    for (device_id, device) in listed {
        match published::device(user_id, device_id, device, signer.as_deref()) {
            Published::Device(device) => devices.push(device),
            Published::Dehydrated => dehydrated = true,
        }
    }
    // As the engine does: only verified ones can help.
    devices.sort_by_key(|device| !device.verified);
    devices.truncate(MOST_DEVICES);
    (devices, dehydrated)
}

/// The version that a stored key is taken to open.
fn presumed() -> Backup {
    Backup { version: String::new(), count: 0, etag: String::new(), signed: true, usable: true }
}
