//! The facts behind the findings, on the screen and as text to pass on.

use leptos::prelude::*;

use super::{device_name, words::coverage_words};
use crate::{
    app::part::{
        element::{el, say},
        number::thousands,
        support::copy_for_support,
    },
    domain::{
        account::{Account, Place, SecretStorage},
        diagnosis::{Diagnosis, KeyKnown},
        opening::Opening,
        problem::entitled,
    },
    guide::Visit,
};

/// Draws the facts, for whoever helps the person.
pub(super) fn details(visit: &Visit, diagnosis: Diagnosis, title: &str, malformed: u32) -> AnyView {
    let mut facts = facts(visit, diagnosis);
    if malformed > 0 {
        facts.push(("Malformed messages", malformed.to_string()));
    }
    let report = report(visit, title, &facts);
    let row = |(name, value): (&'static str, String)| {
        el("tr")
            .child(el("th").attr("scope", "row").text(name).view())
            .child(el("td").child(say("bdi", "", value)).view())
            .view()
    };
    let rows = facts.into_iter().map(row).collect();
    el("details")
        .child(say("summary", "", "Details"))
        .child(el("table").child(el("tbody").all(rows).view()).view())
        .child(copy_for_support(report))
        .view()
}

pub(super) fn facts(visit: &Visit, diagnosis: Diagnosis) -> Vec<(&'static str, String)> {
    let account = &visit.account;
    let identity = if account.identity.is_some() { "Published" } else { "None" };
    let key = match &visit.known.key {
        KeyKnown::NotAsked => "Not entered",
        KeyKnown::Lost => "Said to be lost",
        KeyKnown::Tried(Opening::SecretStorage { by_phrase: true, .. }) => "The phrase opens the stored keys",
        KeyKnown::Tried(Opening::SecretStorage { .. }) => "Opens the stored keys",
        KeyKnown::Tried(Opening::OlderSecretStorage { .. }) => "An older one",
        KeyKnown::Tried(Opening::BackupDirectly { .. }) => "Opens the backup itself",
        KeyKnown::Tried(Opening::Nothing(_)) => "Opens nothing",
    };
    let mut facts = vec![
        ("State", format!("{diagnosis:?}")),
        ("Matrix ID", account.user_id.clone()),
        ("Homeserver", visit.server.base_url.host().to_owned()),
        ("Identity", identity.into()),
        ("Recovery key", storage_words(&account.secret_storage).into()),
        ("Your key", key.into()),
        ("Stored keys", [&*account.stored_secrets.to_string(), " of 4"].concat()),
        ("Identity's keys", place_words(account.identity_keys).into()),
        ("Backup's key", place_words(account.backup_key).into()),
        ("Backup", backup_words(account)),
    ];
    if let Some(coverage) = visit.coverage() {
        facts.push(("Newest messages", coverage_words(coverage)));
    }
    if account.dehydrated {
        facts.push(("While you are away", "A stored device receives keys".into()));
    }
    facts.extend(account.devices.iter().map(|device| {
        let label = if device.is_left_over() { "Left over from a visit here" } else { "Your other device" };
        let trust = if device.verified { "), verified" } else { "), not verified" };
        (label, [device_name(device), " (", &device.device_id, trust].concat())
    }));
    if !account.has_apps() {
        facts.push(("Your other devices", "None".into()));
    }
    facts
}

pub(super) fn storage_words(storage: &SecretStorage) -> &'static str {
    match storage {
        SecretStorage::Absent => "None",
        SecretStorage::Dangling => "Named, but missing",
        SecretStorage::Present { has_passphrase: true, .. } => "Present, with a security phrase",
        SecretStorage::Present { has_passphrase: false, .. } => "Present",
    }
}

pub(super) fn place_words(place: Place) -> &'static str {
    match place {
        Place::Nowhere => "Not stored",
        Place::UnderDefault => "Under the recovery key",
        Place::Elsewhere => "Under an older key only",
    }
}

pub(super) fn backup_words(account: &Account) -> String {
    let off = if account.backup_switched_off { ", switched off" } else { "" };
    match &account.backup {
        Some(backup) if !backup.usable => {
            ["Version ", &backup.version, ", not valid: no app can use it", off].concat()
        }
        None if account.backup_untold => ["Your server cannot tell", off].concat(),
        Some(backup) => {
            let signed = if backup.signed { " keys, signed" } else { " keys, not signed" };
            ["Version ", &backup.version, ", ", &thousands(backup.count), signed, off].concat()
        }
        None => ["None", off].concat(),
    }
}

/// Writes the facts as text. It has ids, public keys and counts, and nothing secret.
pub(super) fn report(visit: &Visit, title: &str, facts: &[(&'static str, String)]) -> String {
    let account = &visit.account;
    let identity = account.identity.as_ref().map_or("none", |identity| identity.master_key.as_str());
    let key = match &account.secret_storage {
        SecretStorage::Absent | SecretStorage::Dangling => "",
        SecretStorage::Present { key_id, .. } => key_id.as_str(),
    };
    let etag = account.backup.as_ref().map_or("", |backup| backup.etag.as_str());
    let mut text = entitled(title);
    let more = [
        ("This page", account.device_id.as_str()),
        ("Address", visit.server.base_url.as_str()),
        ("Master key", identity),
        ("Default key", key),
        ("Backup etag", etag),
    ];
    for (name, value) in facts.iter().map(|(name, value)| (*name, value.as_str())).chain(more) {
        text = [&*text, "\n", name, ": ", value].concat();
    }
    text
}
