//! Tries what a person kept, and tells what it opens. Reads only.

use matrix_sdk_crypto::{OlmMachine, secret_storage::SecretStorageKey, store::types::BackupDecryptionKey};
use zeroize::Zeroizing;

use crate::{
    domain::{
        opening::{Likeness, NotOpened, Opening, StoredBackupKey, StoredIdentity, StoredSecrets},
        problem::Problem,
        proved::Proved,
        recovery_key::RecoveryKey,
        secret::Secret,
    },
    engine::{
        account::{
            account_data::AccountData,
            archive,
            backup::BackupVersion,
            inspect::Inspection,
            kept::Kept,
            keyring::{Keyring, LooseBackupKey},
            opened::Opened,
            published_identity,
            secret_storage::{
                backup_decryption_key, cross_signing, form_of, has_unknown_phrase, in_usual_alphabet,
                is_checkable, open_undescribed,
            },
            tries::Tries,
        },
        connection::Connection,
        coverage,
        devices::received_secrets,
        keys::room_keys,
        net::optional::optional,
        sign_in::remembered::likeness,
    },
};

/// The way in which an entry opened a secret storage.
#[derive(Clone, Copy)]
struct How {
    is_default: bool,
    by_phrase: bool,
    password: Likeness,
}

/// A key that opens the current backup.
struct BackupKey {
    key: BackupDecryptionKey,
    /// Set if it also came without secret storage, or does not lie where clients look for it.
    is_loose: bool,
}

/// The result of trying an entry.
pub(super) struct Trial {
    /// The account as it was read for it.
    pub(super) inspection: Inspection,
    /// The answer for the page: what the entry opens.
    pub(super) opening: Opening,
    /// The keys that came of it.
    pub(super) gained: Gained,
}

/// The keys that an entry led to.
pub(super) enum Gained {
    /// None.
    Nothing,
    /// A secret storage.
    Storage {
        opened: Box<Opened>,
        /// The phrase that opened it, if the entry was one.
        phrase: Option<Secret>,
        /// Set if its backup key has to be stored: see [`Keyring::loose_backup_key`].
        is_loose: bool,
    },
    /// A backup key that was entered by itself.
    BackupKey(BackupDecryptionKey),
    /// A backup key that only opens: see [`Keyring::reading_keys`].
    ReadingKey(BackupDecryptionKey),
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
    let tries = Tries::new(entry, &keyring.derivations);
    let by_phrase = !tries.is_key();
    let password = likeness(entry, &keyring.password);
    let data = &seen.account_data;
    let default = data.default_key();
    if let Some((key, phrase, ())) = tries.find(data, default.into_iter(), |_| Some(())).await {
        let how = How { is_default: true, by_phrase, password };
        let (found, backup_key) = find(connection, &keyring.loose_backup_key, &seen, &key, how).await?;
        let opening = Opening::SecretStorage { by_phrase, found };
        return Ok(Trial::of_storage(seen, key, phrase, backup_key, opening));
    }
    // The homeserver knows the password, and could have made whatever else it opens.
    if password == Likeness::Same {
        return Ok(Trial::nothing(seen, NotOpened::AccountPassword));
    }
    if let Some(backup) = &seen.backup
        && let Some(key) = tries.backup_key(&backup.info).await
    {
        let opening = Opening::BackupDirectly { room_keys: backup.facts.count, by_phrase };
        let gained = if by_phrase { Gained::ReadingKey(key) } else { Gained::BackupKey(key) };
        return Ok(Trial { inspection: seen, opening, gained });
    }
    // What is near the password only reads a backup, as any phrase does: the homeserver could have guessed it.
    let may_open = password == Likeness::Other;
    let older = data.described_keys().filter(|key_id| may_open && default != Some(*key_id));
    let older = tries.find(data, older, |_| Some(())).await.map(|(key, phrase, ())| (key, phrase));
    // A key without a description is recognized by what it decrypts.
    if let Some((key, phrase)) = older.or_else(|| Some((open_undescribed(data, entry)?, None))) {
        let how = How { is_default: false, by_phrase, password };
        let (found, backup_key) = find(connection, &keyring.loose_backup_key, &seen, &key, how).await?;
        let opening = Opening::OlderSecretStorage { found };
        return Ok(Trial::of_storage(seen, key, phrase, backup_key, opening));
    }
    let older = of_an_older_version(connection, &seen, &tries).await;
    if let Some(Some(key)) = older {
        let gained = Gained::ReadingKey(key);
        return Ok(Trial { gained, ..Trial::nothing(seen, NotOpened::OlderBackup) });
    }
    // Said last, since a phrase may look like a key, too.
    let is_mistyped = by_phrase && RecoveryKey::resembles(entry.expose());
    let why = match why_nothing(data, &tries, password) {
        _ if is_mistyped => NotOpened::Mistyped,
        // It may open a version that could not be looked at.
        NotOpened::AnotherKey | NotOpened::AnotherPhrase if older.is_none() => NotOpened::NotAllTried,
        why => why,
    };
    Ok(Trial::nothing(seen, why))
}

/// Says why an entry without a typing mistake opens nothing.
fn why_nothing(data: &AccountData, tries: &Tries<'_>, password: Likeness) -> NotOpened {
    let by_phrase = !tries.is_key();
    match data.default_key() {
        Some(key_id) if by_phrase && has_unknown_phrase(data, key_id) => NotOpened::UnknownPhrase,
        Some(key_id) if !is_checkable(data, key_id, by_phrase) => NotOpened::Uncheckable,
        // It may open one of those that were not tried.
        _ if tries.has_refused() => NotOpened::Uncheckable,
        _ if password == Likeness::Alike => NotOpened::NearlyAccountPassword,
        Some(key_id) if by_phrase && !has_phrase(data, key_id) => NotOpened::NoPhraseHere,
        _ if by_phrase => NotOpened::AnotherPhrase,
        _ => NotOpened::AnotherKey,
    }
}

fn has_phrase(data: &AccountData, key_id: &str) -> bool {
    data.key_description(key_id).is_none_or(|description| description.get("passphrase").is_some())
}

/// The backup key that an entry is, of a version that is not the newest; the outer `None` if the server did not tell the
/// versions in time. One that takes its time with them keeps nobody waiting.
async fn of_an_older_version(
    connection: &Connection,
    seen: &Inspection,
    tries: &Tries<'_>,
) -> Option<Option<BackupDecryptionKey>> {
    let is_newest = |version: &&BackupVersion| {
        seen.backup.as_ref().is_some_and(|newest| newest.facts.version == version.facts.version)
    };
    let named = archive::named_versions(&seen.account_data);
    let versions = optional(room_keys::versions(&connection.server, &named)).await?;
    for version in versions.found.iter().filter(|version| !is_newest(version)) {
        if let Some(key) = tries.backup_key(&version.info).await {
            return Some(Some(key));
        }
    }
    Some(None)
}

impl Trial {
    fn of_storage(
        inspection: Inspection,
        key: SecretStorageKey,
        phrase: Option<Secret>,
        backup_key: Option<BackupKey>,
        opening: Opening,
    ) -> Self {
        let recovery_key = Secret::new(key.to_base58());
        let is_loose = backup_key.as_ref().is_some_and(|backup_key| backup_key.is_loose);
        let backup_key = backup_key.map(|backup_key| backup_key.key);
        let opened = Box::new(Opened { key, recovery_key, backup_key, opening: opening.clone() });
        Self { inspection, opening, gained: Gained::Storage { opened, phrase, is_loose } }
    }

    fn nothing(inspection: Inspection, why: NotOpened) -> Self {
        Self { inspection, opening: Opening::Nothing(why), gained: Gained::Nothing }
    }

    /// The secret storage that was opened, if one was.
    pub(super) fn opened(&self) -> Option<&Opened> {
        if let Gained::Storage { opened, .. } = &self.gained { Some(opened) } else { None }
    }
}

impl Gained {
    /// Keeps what the entry led to for later orders. An entry that opens nothing leaves what was opened before.
    pub(super) fn keep(self, keyring: &mut Keyring) {
        match self {
            Self::Nothing => {}
            Self::ReadingKey(key) => keyring.reading_keys.push(key),
            Self::BackupKey(key) => keyring.loose_backup_key.set(&key),
            Self::Storage { opened, phrase, is_loose } => {
                let is_default = matches!(opened.opening, Opening::SecretStorage { .. });
                if is_default {
                    let kept = Kept::new(&opened.key, phrase);
                    keyring.kept = Some(kept.with_phrase_of(keyring.kept.take()));
                }
                if let Some(key) = opened.backup_key.as_ref().filter(|_| is_loose) {
                    keyring.loose_backup_key.set(key);
                }
                // `ours` was just set from this storage if it opens the backup: an older one may hold the key that the
                // default key's lacks.
                if let (false, Some(key), None) =
                    (is_default, keyring.ours.key(), keyring.loose_backup_key.key())
                {
                    keyring.loose_backup_key.set(key);
                }
                keyring.opened = Some(*opened);
            }
        }
    }
}

/// Looks through an opened secret storage, for what it opens and how far that fits what is published. Returns the key
/// of the current backup as well, if this visit has it now.
async fn find(
    connection: &Connection,
    loose: &LooseBackupKey,
    seen: &Inspection,
    key: &SecretStorageKey,
    how: How,
) -> Result<(StoredSecrets, Option<BackupKey>), Problem> {
    let (identity, machine) = stored_identity(connection, seen, key).await;
    let (backup, stored_key) = stored_backup_key(connection, seen, key, machine.as_ref(), how).await?;
    let opens_current = |key: &BackupDecryptionKey| {
        seen.backup.as_ref().is_some_and(|backup| key.backup_key_matches(&backup.info))
    };
    let fits = matches!(backup, StoredBackupKey::Fits { .. });
    let others = if fits { Vec::new() } else { written_otherwise(&seen.account_data, key) };
    let loose = loose.key().into_iter().chain(others).find(opens_current);
    let current = seen.backup.as_ref().filter(|_| !fits);
    let mut found = StoredSecrets {
        identity,
        backup,
        loose_backup_key: loose.is_some(),
        backup_key_put_aside: current
            .is_some_and(|current| archive::backup_key_for(&seen.account_data, key, current).is_some()),
        received_identity: identity == StoredIdentity::Missing
            && received_secrets::identity(connection, &seen.keys).await.is_some(),
        cut_short: if how.is_default {
            archive::rotation_was_cut_short(&seen.account_data)
        } else {
            archive::was_reset_to(&seen.account_data, key)
        },
        form: form_of(&seen.account_data, key.key_id()),
        password: how.password,
        coverage: None,
    };
    if found.is_all_right()
        && let (Some(backup), Some(key)) = (&seen.backup, &stored_key)
    {
        found.coverage = coverage::of_newest(&connection.server, &backup.facts.version, key).await;
    }
    let is_loose = found.loose_backup_key;
    let backup_key = stored_key.filter(opens_current).or(loose).map(|key| BackupKey { key, is_loose });
    // What the account password opens the homeserver may have made: no backup may be kept for a key from there.
    let is_ours = how.password == Likeness::Other || found.is_all_right();
    Ok((found, backup_key.filter(|_| is_ours)))
}

/// The backup keys that clients of earlier years kept otherwise than in base64: one by one as numbers, in a recovery key's
/// form, or the recovery key was itself the backup's (`passthrough`).
fn written_otherwise(data: &AccountData, key: &SecretStorageKey) -> Vec<BackupDecryptionKey> {
    let stored = backup_decryption_key(data, key.key_id(), key);
    let itself = BackupDecryptionKey::from_base58(&Zeroizing::new(key.to_base58())).ok();
    stored.and_then(|text| key_in(&text)).into_iter().chain(itself).collect()
}

/// Reads a backup key from a text that is not simply its base64.
fn key_in(text: &str) -> Option<BackupDecryptionKey> {
    if let Ok(key) = RecoveryKey::parse(text) {
        return BackupDecryptionKey::from_base58(key.text().expose()).ok();
    }
    let bare = text.trim_matches(|c: char| c.is_whitespace() || "[]\"'".contains(c));
    let numbers = bare.split(|c: char| c == ',' || c.is_whitespace()).filter(|number| !number.is_empty());
    let bytes = Zeroizing::new(numbers.map_while(|number| number.parse().ok()).collect::<Vec<u8>>());
    if let Ok(bytes) = bytes.as_slice().try_into() {
        return Some(BackupDecryptionKey::from_bytes(bytes));
    }
    BackupDecryptionKey::from_base64(&in_usual_alphabet(bare)).ok()
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
    how: How,
) -> Result<(StoredBackupKey, Option<BackupDecryptionKey>), Problem> {
    let Some(stored) = backup_decryption_key(&seen.account_data, key.key_id(), key) else {
        return Ok((StoredBackupKey::Missing, None));
    };
    let Ok(stored) = BackupDecryptionKey::from_base64(&stored) else {
        return Ok((StoredBackupKey::Damaged, None));
    };
    let Some(BackupVersion { facts, info }) = &seen.backup else {
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
        phrase_opens: how.by_phrase,
        backup_version: facts.version.clone(),
        room_keys: facts.count,
    };
    Ok((StoredBackupKey::Fits { proved, signed }, Some(stored)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_key_is_read_from_what_clients_of_earlier_years_stored() {
        let mut bytes = [7; 32];
        // In base64 these are signs in which the alphabets differ.
        bytes[..3].copy_from_slice(&[0xfb, 0xff, 0xbf]);
        let key = BackupDecryptionKey::from_bytes(&bytes);
        let numbers = bytes.map(|byte| byte.to_string());
        let base64 = key.to_base64();
        for text in [
            numbers.join(","),
            numbers.join(", "),
            format!("[{}]\n", numbers.join(", ")),
            key.to_base58(),
            format!("\"{base64}\""),
            format!("{base64}="),
            base64.replace('+', "-").replace('/', "_"),
        ] {
            assert!(key_in(&text).is_some_and(|found| found.as_bytes() == &bytes), "{text}");
        }
        let few = numbers[1..].join(",");
        for text in ["", "7", "not a key", &few, &format!("{few},256"), &format!("{few},7,7"), &base64[1..]] {
            assert!(key_in(text).is_none(), "{text}");
        }
    }
}
