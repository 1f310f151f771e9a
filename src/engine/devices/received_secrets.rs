//! What another device hands over once it trusts this one: asked for by the SDK's machine, checked here.
//!
//! The machine takes a private key of the identity only if it belongs to the public identity that it knows
//! (`PrivateCrossSigningIdentity::import_secret`), and only from a device that the identity has signed or the
//! person has just compared emoji with. The backup's key it cannot check: that is done here.
//!
//! Source: specification, "Sharing secrets".

use std::time::Duration;

use matrix_sdk::ruma::{api::client::keys::get_keys, events::secret::request::SecretName, time::Instant};
use matrix_sdk_crypto::{
    OlmMachine,
    secret_storage::SecretStorageKey,
    store::types::{BackupDecryptionKey, CrossSigningKeyExport},
};
use zeroize::Zeroizing;

use crate::{
    domain::{
        handed_over::{HandedBackupKey, HandedOver},
        problem::{Part, Problem},
    },
    engine::{
        account::{
            account_data::AccountData, archive, backup::CurrentBackup, event_types::KEY_PREFIX,
            inspect::Inspection, keyring::Keyring, published_identity, secret_storage::open_with_key,
        },
        connection::Connection,
        keys::room_keys,
    },
};

/// How long to wait before asking again for what did not come: the other device may have it only now.
const ASK_AGAIN: Duration = Duration::from_secs(30);

/// Whether something is waited for, and what has come.
#[derive(Default)]
pub(in crate::engine) struct Receiving {
    /// When it was last asked for; `None` if nothing is to come.
    asked: Option<Instant>,
    /// What the page was told last.
    told: Option<HandedOver>,
    /// Whether that may have been told to a step that the person has left.
    may_be_forgotten: bool,
}

impl Receiving {
    /// From here on secrets may come, if any is missing: the machine asks for them by itself when a
    /// verification is done.
    pub(in crate::engine) async fn begin(&mut self, machine: &OlmMachine, has_backup_key: bool) {
        let is_whole = machine.cross_signing_status().await.is_complete() && has_backup_key;
        if self.asked.is_none() && !is_whole {
            self.asked = Some(Instant::now());
        }
    }

    /// What has come so far; `None` if nothing was waited for.
    pub(in crate::engine) fn came(&self) -> Option<HandedOver> {
        self.told
    }

    /// Remembers what the page is told.
    pub(in crate::engine) fn tell(&mut self, came: HandedOver) {
        self.told = Some(came);
        self.may_be_forgotten = false;
    }

    /// The page has gone on to something else: what it was told is told again when it listens again.
    pub(in crate::engine) fn tell_again(&mut self) {
        self.may_be_forgotten = true;
    }
}

/// Looks at what has come, with what the server says now; `None` if the page knows it already. A key that opens
/// the current backup is kept as one that was entered by itself.
///
/// # Errors
/// The requests' problems.
pub(in crate::engine) async fn look(
    connection: &Connection,
    receiving: &mut Receiving,
    keyring: &mut Keyring,
) -> Result<Option<HandedOver>, Problem> {
    let Receiving { asked: Some(asked), told, may_be_forgotten } = *receiving else {
        return Ok(None);
    };
    if !may_be_forgotten && told.is_some_and(HandedOver::is_complete) {
        return Ok(None);
    }
    let now = Inspection::read(connection).await?;
    let identity = identity(connection, &now.keys).await.is_some();
    let keys = backup_keys(connection, keyring).await?;
    let backup = match &now.backup {
        None => HandedBackupKey::NoBackup,
        Some(backup) => match keys.iter().find(|key| key.backup_key_matches(&backup.info)) {
            Some(key) => {
                keyring.loose_backup_key.set(Zeroizing::new(key.to_base64()));
                HandedBackupKey::Fits
            }
            None if keys.is_empty() => HandedBackupKey::Missing,
            None => HandedBackupKey::Differs,
        },
    };
    let came = HandedOver { identity, backup };
    if !came.is_complete() && asked.elapsed() > ASK_AGAIN {
        receiving.asked = Some(Instant::now());
        let again = connection.machine.query_missing_secrets_from_other_sessions().await;
        again.map_err(|_| Problem::EngineStopped)?;
    }
    Ok((may_be_forgotten || told != Some(came)).then_some(came))
}

/// The identity's private keys that the machine holds, if all three are there and belong to the published one.
pub(in crate::engine) async fn identity(
    connection: &Connection,
    keys: &get_keys::v3::Response,
) -> Option<CrossSigningKeyExport> {
    if !connection.machine.cross_signing_status().await.is_complete() {
        return None;
    }
    let export = || async { connection.machine.export_cross_signing_keys().await.ok().flatten() };
    published_identity::machine_with_identity(&connection.user_id, keys, export().await?).await?;
    export().await
}

/// Puts aside, under the person's key, every backup key that opens a version which `ours` does not open: once a newer
/// backup is made, nobody else may keep it. Answers the versions whose key is not here.
///
/// # Errors
/// The requests' problems, or [`Problem::NotAsWritten`].
pub(in crate::engine) async fn put_aside(
    connection: &Connection,
    keyring: &Keyring,
    data: &AccountData,
    key: &SecretStorageKey,
    ours: &BackupDecryptionKey,
) -> Result<Vec<CurrentBackup>, Problem> {
    let named = archive::named_versions(data);
    let mut versions = room_keys::versions(&connection.server, &named).await?.found;
    versions.retain(|version| !ours.backup_key_matches(&version.info));
    let mut kept = archive::backup_keys(data, key);
    let before = kept.len();
    let came = backup_keys(connection, keyring).await?;
    let mut awaited = Vec::new();
    for version in versions {
        let opens = |key: &&BackupDecryptionKey| key.backup_key_matches(&version.info);
        if kept.iter().any(|key| opens(&key)) {
            continue;
        }
        let Some(found) = came.iter().find(opens) else {
            awaited.push(version);
            continue;
        };
        let text = Zeroizing::new(found.to_base64());
        let version = Some(version.facts.version.as_str());
        archive::put_aside_by_itself(connection, key, &text, version).await?;
        kept.push(found.clone());
    }
    if kept.len() > before {
        let read = archive::backup_keys(&AccountData::read(&connection.server).await?, key);
        if !kept.iter().all(|kept| read.iter().any(|read| read.as_bytes() == kept.as_bytes())) {
            return Err(Problem::NotAsWritten { part: Part::Secrets });
        }
    }
    Ok(awaited)
}

/// Takes a backup key that came only after a newer backup was made, if it opens a version that is awaited.
///
/// # Errors
/// The requests' problems; the next round tries again.
pub(in crate::engine) async fn take_late(
    connection: &Connection,
    awaited: &mut Vec<CurrentBackup>,
    keyring: &Keyring,
) -> Result<(), Problem> {
    let (Some(kept), Some((_, ours))) = (&keyring.kept, keyring.ours.get()) else { return Ok(()) };
    if awaited.is_empty() {
        return Ok(());
    }
    let came = backup_keys(connection, keyring).await?;
    let opens = |version: &CurrentBackup| came.iter().any(|key| key.backup_key_matches(&version.info));
    if !awaited.iter().any(opens) {
        return Ok(());
    }
    let data = AccountData::read(&connection.server).await?;
    let description = data.get(&format!("{KEY_PREFIX}{}", kept.key_id)).ok_or(Problem::DoesNotFit)?;
    let key = open_with_key(&kept.key_id, description, &kept.recovery_key).ok_or(Problem::DoesNotFit)?;
    *awaited = put_aside(connection, keyring, &data, &key, ours).await?;
    Ok(())
}

/// Every backup key that came, or that what was entered before had given: the machine asks for none that it has.
async fn backup_keys(
    connection: &Connection,
    keyring: &Keyring,
) -> Result<Vec<BackupDecryptionKey>, Problem> {
    let inbox = connection.machine.store().get_secrets_from_inbox(&SecretName::RecoveryKey).await;
    let inbox = inbox.map_err(|_| Problem::EngineStopped)?;
    let keys = inbox.iter().filter_map(|text| BackupDecryptionKey::from_base64(text).ok());
    Ok(keys.chain(keyring.loose_backup_key.key()).chain(keyring.ours.key().cloned()).collect())
}
