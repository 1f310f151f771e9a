//! The facts behind the findings.

use leptos::prelude::*;

use super::{device_name, sentences::coverage_words};
use crate::{
    app::part::{
        element::{el, say},
        support::copy_for_support,
    },
    domain::{
        account::{Account, Place, SecretStorage},
        diagnosis::{Diagnosis, KeyKnown},
        opening::Opening,
    },
    guide::{Visit, report::report},
    words,
};

/// Draws the facts, for whoever helps the person.
pub(super) fn details(visit: &Visit, diagnosis: Diagnosis, malformed: u32) -> AnyView {
    let mut facts = facts(visit);
    if malformed > 0 {
        facts.push((words::findings_details_malformed_messages(), malformed.to_string()));
    }
    let row = |(name, value): (&'static str, String)| {
        el("tr")
            .child(el("th").attr("scope", "row").text(name).view())
            .child(el("td").child(say("bdi", "", value)).view())
            .view()
    };
    let rows = facts.into_iter().map(row).collect();
    el("details")
        .child(say("summary", "", words::findings_details_details()))
        .child(el("table").child(el("tbody").all(rows).view()).view())
        .child(copy_for_support(report(visit, diagnosis, malformed)))
        .view()
}

pub(super) fn facts(visit: &Visit) -> Vec<(&'static str, String)> {
    let account = &visit.account;
    let identity = if account.identity.is_some() {
        words::findings_details_published()
    } else {
        words::findings_details_none()
    };
    let key = match &visit.known.key {
        KeyKnown::NotAsked => words::findings_details_not_entered(),
        KeyKnown::Lost => words::findings_details_said_to_be_lost(),
        KeyKnown::Tried(Opening::SecretStorage { by_phrase: true, .. }) => {
            words::findings_details_the_phrase_opens_the_stored()
        }
        KeyKnown::Tried(Opening::SecretStorage { .. }) => words::findings_details_opens_the_stored_keys(),
        KeyKnown::Tried(Opening::OlderSecretStorage { .. }) => words::findings_details_an_older_one(),
        KeyKnown::Tried(Opening::BackupDirectly { .. }) => words::findings_details_opens_the_backup_itself(),
        KeyKnown::Tried(Opening::Nothing(_)) => words::findings_details_opens_nothing(),
    };
    let mut facts = vec![
        (words::findings_details_matrix_id(), account.user_id.clone()),
        (words::findings_details_homeserver(), visit.server.base_url.host().to_owned()),
        (words::findings_details_identity(), identity.into()),
        (words::findings_details_recovery_key(), storage_words(&account.secret_storage).into()),
        (words::findings_details_your_key(), key.into()),
        (
            words::findings_details_stored_keys(),
            words::findings_details_stored_of_four(account.stored_secrets.into()),
        ),
        (words::findings_details_identitys_keys(), place_words(account.identity_keys).into()),
        (words::findings_details_backups_key(), place_words(account.backup_key).into()),
        (words::findings_details_backup(), backup_words(account)),
    ];
    if let Some(coverage) = visit.coverage() {
        facts.push((words::findings_details_newest_messages(), coverage_words(coverage)));
    }
    if account.dehydrated {
        facts.push((
            words::findings_details_while_you_are_away(),
            words::findings_details_a_stored_device_receives_keys().into(),
        ));
    }
    facts.extend(account.devices.iter().map(|device| {
        let label = if device.is_left_over() {
            words::findings_details_left_over_from_a_visit()
        } else {
            words::findings_details_your_other_device()
        };
        let (name, id) = (device_name(device), &*device.device_id);
        let value = if device.verified {
            words::findings_details_device_verified(name, id)
        } else {
            words::findings_details_device_not_verified(name, id)
        };
        (label, value)
    }));
    if !account.has_apps() {
        facts.push((words::findings_details_your_other_devices(), words::findings_details_none().into()));
    }
    facts
}

pub(super) fn storage_words(storage: &SecretStorage) -> &'static str {
    match storage {
        SecretStorage::Absent => words::findings_details_none(),
        SecretStorage::Dangling => words::findings_details_named_but_missing(),
        SecretStorage::Present { has_passphrase: true, .. } => {
            words::findings_details_present_with_a_security_phrase()
        }
        SecretStorage::Present { has_passphrase: false, .. } => words::findings_details_present(),
    }
}

pub(super) fn place_words(place: Place) -> &'static str {
    match place {
        Place::Nowhere => words::findings_details_not_stored(),
        Place::UnderDefault => words::findings_details_under_the_recovery_key(),
        Place::Elsewhere => words::findings_details_under_an_older_key_only(),
    }
}

pub(super) fn backup_words(account: &Account) -> String {
    let state = match &account.backup {
        Some(backup) if !backup.usable => words::findings_details_backup_not_valid(&backup.version),
        None if account.backup_untold => words::findings_details_backup_untold().to_owned(),
        Some(backup) if backup.signed => words::findings_details_backup_signed(&backup.version, backup.count),
        Some(backup) => words::findings_details_backup_not_signed(&backup.version, backup.count),
        None => words::findings_details_none().to_owned(),
    };
    if account.backup_switched_off { words::findings_details_backup_switched_off(&state) } else { state }
}
