//! Tries what a person kept, and tells what it opens. Reads only.

use matrix_sdk_crypto::{OlmMachine, secret_storage::SecretStorageKey, store::types::BackupDecryptionKey};
use zeroize::Zeroizing;

use crate::{
    domain::{
        opening::{Found, Nothing, Opening, StoredBackupKey, StoredIdentity},
        problem::Problem,
        proved::Proved,
        recovery_key::RecoveryKey,
        secret::Secret,
    },
    engine::{
        account::{
            archive,
            backup::CurrentBackup,
            inspect::Inspection,
            keyring::{Keyring, LooseBackupKey},
            opened::Opened,
            published_identity,
            secret_storage::{backup_decryption_key, cross_signing, is_checkable, open_undescribed},
            tries::Tries,
        },
        connection::Connection,
        coverage,
        devices::received_secrets,
        keys::room_keys,
    },
};

/// The way in which an entry opened a secret storage.
#[derive(Clone, Copy)]
struct Entry {
    is_default: bool,
    by_phrase: bool,
}

/// The result of trying an entry.
pub(super) struct Trial {
    /// The account as it was read for it.
    pub(super) inspection: Inspection,
    /// The answer for the page: what the entry opens.
    pub(super) opening: Opening,
    /// The opened secret storage, if it opens one.
    pub(super) opened: Option<Opened>,
    /// The phrase that opened it, if the entry was one.
    pub(super) phrase: Option<Secret>,
    /// A loose backup key, if the entry is one itself.
    pub(super) spare: Option<Zeroizing<String>>,
}

/// Tries an entry on everything that it might be for, with the account as it is now.
///
/// # Errors
/// The requests' problems. An entry that opens nothing is a result, not an error.
pub(super) async fn try_entry(
    connection: &Connection,
    keyring: &Keyring,
    entry: &Secret,
) -> Result<Trial, Problem> {
    let seen = Inspection::read(connection).await?;
    let key = RecoveryKey::parse(entry.expose()).ok().map(|key| key.text());
    let tries = Tries::new(entry, &keyring.derivations);
    let is_key = tries.is_key();
    if *entry == keyring.password {
        return Ok(Trial::nothing(seen, Nothing::AccountPassword));
    }
    let data = &seen.account_data;
    let default = data.default_key().and_then(|key_id| Some((key_id, data.key_description(key_id)?)));
    if let Some((key, phrase, ())) = tries.find(default.into_iter(), |_| Some(())).await {
        let (found, backup_key) = find(
            connection,
            &keyring.loose_backup_key,
            &seen,
            &key,
            Entry { is_default: true, by_phrase: !is_key },
        )
        .await?;
        let opening = Opening::SecretStorage { by_phrase: !is_key, found };
        return Ok(Trial::opened(seen, key, phrase, backup_key, opening));
    }
    if let Some(key) = &key
        && let Some(backup) = &seen.backup
        && let Ok(key) = BackupDecryptionKey::from_base58(key.expose())
        && key.backup_key_matches(&backup.info)
    {
        let opening = Opening::BackupDirectly { room_keys: backup.facts.count };
        let spare = Some(Zeroizing::new(key.to_base64()));
        return Ok(Trial { inspection: seen, opening, opened: None, phrase: None, spare });
    }
    let older = data.key_descriptions().filter(|(key_id, _)| data.default_key() != Some(*key_id));
    let older = tries.find(older, |_| Some(())).await.map(|(key, phrase, ())| (key, phrase));
    // A key without a description is recognized by what it decrypts.
    if let Some((key, phrase)) = older.or_else(|| Some((open_undescribed(data, entry)?, None))) {
        let (found, backup_key) = find(
            connection,
            &keyring.loose_backup_key,
            &seen,
            &key,
            Entry { is_default: false, by_phrase: !is_key },
        )
        .await?;
        let opening = Opening::OlderSecretStorage { found };
        return Ok(Trial::opened(seen, key, phrase, backup_key, opening));
    }
    let why = match default {
        // Checked last, since a phrase may begin like a key, too.
        _ if !is_key && RecoveryKey::resembles(entry.expose()) => Nothing::Mistyped,
        Some((_, description)) if !is_checkable(description, !is_key) => Nothing::Uncheckable,
        // It may open one of those that were not tried.
        _ if tries.has_refused() => Nothing::Uncheckable,
        Some((_, description)) if !is_key && description.get("passphrase").is_none() => Nothing::NoPhraseHere,
        _ if is_key => Nothing::AnotherKey,
        _ => Nothing::AnotherPhrase,
    };
    Ok(Trial::nothing(seen, why))
}

impl Trial {
    fn opened(
        inspection: Inspection,
        key: SecretStorageKey,
        phrase: Option<Secret>,
        backup_key: Option<BackupDecryptionKey>,
        opening: Opening,
    ) -> Self {
        let recovery_key = Secret::new(key.to_base58());
        let opened = Opened { key, recovery_key, backup_key, opening: opening.clone() };
        Self { inspection, opening, opened: Some(opened), phrase, spare: None }
    }

    fn nothing(inspection: Inspection, why: Nothing) -> Self {
        Self { inspection, opening: Opening::Nothing(why), opened: None, phrase: None, spare: None }
    }
}

/// Looks through an opened secret storage; also returns the backup key in it, or the loose one, that opens the current
/// backup.
async fn find(
    connection: &Connection,
    loose: &LooseBackupKey,
    seen: &Inspection,
    key: &SecretStorageKey,
    entry: Entry,
) -> Result<(Found, Option<BackupDecryptionKey>), Problem> {
    let (identity, machine) = stored_identity(connection, seen, key).await;
    let (backup, stored_key) = stored_backup_key(connection, seen, key, machine.as_ref(), entry).await?;
    let opens_current = |key: &BackupDecryptionKey| {
        seen.backup.as_ref().is_some_and(|backup| key.backup_key_matches(&backup.info))
    };
    let spare = loose.key().filter(opens_current);
    let current = seen.backup.as_ref().filter(|_| !matches!(backup, StoredBackupKey::Fits { .. }));
    let mut found = Found {
        identity,
        backup,
        spare_backup_key: spare.is_some(),
        archived_backup_key: current
            .is_some_and(|current| archive::backup_key_for(&seen.account_data, key, current).is_some()),
        spare_identity: identity == StoredIdentity::Missing
            && received_secrets::identity(connection, &seen.keys).await.is_some(),
        cut_short: if entry.is_default {
            archive::rotation_was_cut_short(&seen.account_data)
        } else {
            archive::was_reset_to(&seen.account_data, key)
        },
        coverage: None,
    };
    if found.is_all_right()
        && let (Some(backup), Some(key)) = (&seen.backup, &stored_key)
    {
        found.coverage = coverage::of_newest(&connection.server, &backup.facts.version, key).await;
    }
    Ok((found, stored_key.filter(opens_current).or(spare)))
}

/// Compares the stored identity with the published one; returns a machine that holds it, if it fits.
async fn stored_identity(
    connection: &Connection,
    seen: &Inspection,
    key: &SecretStorageKey,
) -> (StoredIdentity, Option<OlmMachine>) {
    let Some(export) = cross_signing(&seen.account_data, key.key_id(), key) else {
        return (StoredIdentity::Missing, None);
    };
    if seen.account.identity.is_none() {
        return (StoredIdentity::Unpublished, None);
    }
    match published_identity::machine_with_identity(&connection.user_id, &seen.keys, export).await {
        Some(machine) => (StoredIdentity::Fits, Some(machine)),
        None => (StoredIdentity::Differs, None),
    }
}

async fn stored_backup_key(
    connection: &Connection,
    seen: &Inspection,
    key: &SecretStorageKey,
    machine: Option<&OlmMachine>,
    entry: Entry,
) -> Result<(StoredBackupKey, Option<BackupDecryptionKey>), Problem> {
    let Some(stored) = backup_decryption_key(&seen.account_data, key.key_id(), key) else {
        return Ok((StoredBackupKey::Missing, None));
    };
    let Ok(stored) = BackupDecryptionKey::from_base64(&stored) else {
        return Ok((StoredBackupKey::Damaged, None));
    };
    let Some(CurrentBackup { facts, info }) = &seen.backup else {
        return Ok((StoredBackupKey::NoBackup, Some(stored)));
    };
    if !stored.backup_key_matches(info) {
        let named = archive::named_versions(&seen.account_data);
        let versions = room_keys::versions(&connection.server, &named).await?;
        let opens_older = versions.found.iter().any(|version| stored.backup_key_matches(&version.info));
        return Ok((StoredBackupKey::Differs { opens_older }, Some(stored)));
    }
    let signed = match machine {
        Some(machine) => published_identity::is_signed_by_identity(machine, info).await,
        None => false,
    };
    let proved = Proved {
        key_id: key.key_id().to_owned(),
        phrase_opens: entry.by_phrase,
        backup_version: facts.version.clone(),
        room_keys: facts.count,
    };
    Ok((StoredBackupKey::Fits { proved, signed }, Some(stored)))
}
