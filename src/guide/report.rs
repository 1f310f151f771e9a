//! Writes the findings as text that the person passes on: “Copy for support”.
//!
//! It is in English whatever the page speaks, as is the report of a defect: whoever administers the server, or mends the
//! page, need not read the person's language, and the person reads the same facts in their own above the button.

use super::Visit;
use crate::domain::{
    account::{Account, Device, Place, SecretStorage},
    coverage::Coverage,
    diagnosis::{Diagnosis, KeyKnown},
    opening::Opening,
    problem::entitled,
};

/// A fact, and its value.
type Fact = (&'static str, String);

/// Writes what the page found, a line for each fact. It has ids, public keys and counts, and nothing secret.
pub fn report(visit: &Visit, diagnosis: Diagnosis, malformed: u32) -> String {
    let account = &visit.account;
    let state = format!("{diagnosis:?}");
    let mut facts: Vec<Fact> = vec![
        ("Matrix ID", account.user_id.clone()),
        ("This page", account.device_id.clone()),
        ("Homeserver", visit.server.base_url.as_str().to_owned()),
        ("Master key", account.master_key().unwrap_or("none").to_owned()),
        ("Recovery key", storage(&account.secret_storage)),
        ("Recovery key of the person", key(&visit.known.key).to_owned()),
        ("Stored secrets", [&*account.stored_secrets.to_string(), " of 4"].concat()),
        ("Identity's keys", place(account.identity_keys).to_owned()),
        ("Backup's key", place(account.backup_key).to_owned()),
        ("Backup", backup(account)),
    ];
    if let Some(Coverage { seen, covered, rooms_with_gaps }) = visit.coverage() {
        let counts = format!("{covered} of {seen} have their keys; rooms with gaps: {rooms_with_gaps}");
        facts.push(("Newest messages", counts));
    }
    if account.dehydrated {
        facts.push(("Dehydrated device", "receives keys".to_owned()));
    }
    facts.extend(account.devices.iter().map(device));
    if malformed > 0 {
        facts.push(("Malformed messages", malformed.to_string()));
    }
    let lines = facts.iter().map(|(name, value)| ["\n", name, ": ", value].concat());
    [entitled(&state)].into_iter().chain(lines).collect()
}

fn storage(storage: &SecretStorage) -> String {
    match storage {
        SecretStorage::Absent => "none".to_owned(),
        SecretStorage::Dangling => "named, but its description is missing".to_owned(),
        SecretStorage::Present { key_id, has_passphrase: true } => [key_id, ", with a phrase"].concat(),
        SecretStorage::Present { key_id, has_passphrase: false } => key_id.clone(),
    }
}

fn key(key: &KeyKnown) -> &'static str {
    match key {
        KeyKnown::NotAsked => "not entered",
        KeyKnown::Lost => "said to be lost",
        KeyKnown::Tried(Opening::SecretStorage { by_phrase: true, .. }) => "the phrase opens secret storage",
        KeyKnown::Tried(Opening::SecretStorage { by_phrase: false, .. }) => "opens secret storage",
        KeyKnown::Tried(Opening::OlderSecretStorage { .. }) => "opens older secret storage only",
        KeyKnown::Tried(Opening::BackupDirectly { .. }) => "opens the backup itself, no secret storage",
        KeyKnown::Tried(Opening::Nothing(_)) => "opens nothing",
    }
}

fn place(place: Place) -> &'static str {
    match place {
        Place::Nowhere => "not stored",
        Place::UnderDefault => "stored under the default key",
        Place::Elsewhere => "stored under another key only",
    }
}

fn backup(account: &Account) -> String {
    let state = match &account.backup {
        Some(backup) => {
            let is = if !backup.usable {
                "not valid"
            } else if backup.signed {
                "signed"
            } else {
                "not signed"
            };
            format!("version {}, {} keys, etag {}, {is}", backup.version, backup.count, backup.etag)
        }
        None if account.backup_untold => "the server cannot tell".to_owned(),
        None => "none".to_owned(),
    };
    if account.backup_switched_off { [&*state, ", switched off"].concat() } else { state }
}

fn device(device: &Device) -> Fact {
    let kind = if device.is_left_over() { "Device left over from a visit" } else { "Other device" };
    let name = device.name.as_deref().unwrap_or("without a name");
    let is = if device.verified { "verified" } else { "not verified" };
    (kind, format!("{name} ({}), {is}", device.device_id))
}
