//! Secrets that another device hands over once it trusts this one: the SDK's machine asks for them, this file checks
//! them.
//!
//! The machine takes a private cross-signing key only if it belongs to the public identity that it knows
//! (`PrivateCrossSigningIdentity::import_secret`). It takes it only from a device that the identity has signed, or that
//! the person has just compared emoji with. It cannot check the backup key: that is done here.
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
            account_data::AccountData, archive, backup::BackupVersion, inspect::Inspection, keyring::Keyring,
            published_identity, secret_storage::open_with_key,
        },
        connection::Connection,
        keys::room_keys,
    },
};

/// The time after which missing secrets are asked for again: the other device may have them only now.
const ASK_AGAIN: Duration = Duration::from_secs(30);

/// The secrets that are awaited, and those that have come.
#[derive(Default)]
pub(in crate::engine) enum Receiving {
    /// Nothing is awaited.
    #[default]
    Nothing,
    /// Secrets are awaited.
    Awaited {
        /// The moment of the last request.
        asked: Instant,
        /// What the page knows of them.
        told: Told,
    },
}

/// What the page was told last.
#[derive(Clone, Copy, Default)]
pub(in crate::engine) enum Told {
    /// Nothing.
    #[default]
    Nothing,
    /// This, on the step where it is.
    Here(HandedOver),
    /// This, on a step that it may have left.
    Before(HandedOver),
}

impl Receiving {
    /// Starts to wait for secrets, if any is missing: the machine asks for them by itself when a verification is done.
    pub(in crate::engine) async fn begin(&mut self, machine: &OlmMachine, has_backup_key: bool) {
        let is_whole = machine.cross_signing_status().await.is_complete() && has_backup_key;
        if matches!(self, Self::Nothing) && !is_whole {
            *self = Self::Awaited { asked: Instant::now(), told: Told::Nothing };
        }
    }

    /// The secrets that have come so far; `None` if none were awaited.
    pub(in crate::engine) fn came(&self) -> Option<HandedOver> {
        match self {
            Self::Awaited { told: Told::Here(came) | Told::Before(came), .. } => Some(*came),
            Self::Awaited { told: Told::Nothing, .. } | Self::Nothing => None,
        }
    }

    /// Remembers the state that the page is told.
    pub(in crate::engine) fn tell(&mut self, came: HandedOver) {
        if let Self::Awaited { told, .. } = self {
            *told = Told::Here(came);
        }
    }

    /// Notes that the page has gone on to another step: when it listens again it is told again.
    pub(in crate::engine) fn tell_again(&mut self) {
        if let Self::Awaited { told, .. } = self
            && let Told::Here(came) = *told
        {
            *told = Told::Before(came);
        }
    }
}

/// Looks at the secrets that have come and at the account as it is now; `None` if the page knows the result already.
/// Keeps a key that opens the current backup as a loose backup key.
///
/// # Errors
/// The requests' problems.
pub(in crate::engine) async fn look(
    connection: &Connection,
    receiving: &mut Receiving,
    keyring: &mut Keyring,
) -> Result<Option<HandedOver>, Problem> {
    let Receiving::Awaited { asked, told } = receiving else { return Ok(None) };
    if matches!(told, Told::Here(came) if came.is_complete()) {
        return Ok(None);
    }
    let now = Inspection::read(connection).await?;
    let identity = identity(connection, &now.keys).await.is_some();
    let keys = backup_keys(connection, keyring).await?;
    let backup = match &now.backup {
        None => HandedBackupKey::NoBackup,
        Some(backup) => match keys.iter().find(|key| key.backup_key_matches(&backup.info)) {
            Some(key) => {
                keyring.loose_backup_key.set(key);
                HandedBackupKey::Fits
            }
            None if keys.is_empty() => HandedBackupKey::Missing,
            None => HandedBackupKey::Differs,
        },
    };
    let came = HandedOver { identity, backup };
    if !came.is_complete() && asked.elapsed() > ASK_AGAIN {
        *asked = Instant::now();
        let again = connection.machine.query_missing_secrets_from_other_sessions().await;
        again.map_err(|_| Problem::engine_stopped())?;
    }
    let is_known = matches!(told, Told::Here(known) if *known == came);
    Ok((!is_known).then_some(came))
}

/// The identity's private keys that the machine holds, if it has all three and they are the published identity's.
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

/// Puts aside, under the person's key, every backup key that opens a version which `ours` does not open. Once a newer
/// backup exists, apps may drop such a key. Returns the versions whose key this page has not.
///
/// # Errors
/// The requests' problems, or [`Problem::NotAsWritten`].
pub(in crate::engine) async fn put_aside(
    connection: &Connection,
    keyring: &Keyring,
    data: &AccountData,
    key: &SecretStorageKey,
    ours: &BackupDecryptionKey,
) -> Result<Vec<BackupVersion>, Problem> {
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

/// Takes a backup key that came only after a newer backup was made, if it opens an awaited version.
///
/// # Errors
/// The requests' problems; the next round tries again.
pub(in crate::engine) async fn take_late(
    connection: &Connection,
    awaited: &mut Vec<BackupVersion>,
    keyring: &Keyring,
) -> Result<(), Problem> {
    let (Some(kept), Some((_, ours))) = (&keyring.kept, keyring.ours.get()) else { return Ok(()) };
    if awaited.is_empty() {
        return Ok(());
    }
    let came = backup_keys(connection, keyring).await?;
    let opens = |version: &BackupVersion| came.iter().any(|key| key.backup_key_matches(&version.info));
    if !awaited.iter().any(opens) {
        return Ok(());
    }
    let data = AccountData::read(&connection.server).await?;
    let key = open_with_key(&data, &kept.key_id, &kept.recovery_key).ok_or(Problem::DoesNotFit)?;
    *awaited = put_aside(connection, keyring, &data, &key, ours).await?;
    Ok(())
}

/// Every backup key of this visit: the machine's inbox, the loose one, and ours. The machine does not ask for a key
/// that it has.
async fn backup_keys(
    connection: &Connection,
    keyring: &Keyring,
) -> Result<Vec<BackupDecryptionKey>, Problem> {
    let inbox = connection.machine.store().get_secrets_from_inbox(&SecretName::RecoveryKey).await;
    let inbox = inbox.map_err(|_| Problem::engine_stopped())?;
    let keys = inbox.iter().filter_map(|text| BackupDecryptionKey::from_base64(text).ok());
    Ok(keys.chain(keyring.loose_backup_key.key()).chain(keyring.ours.key().cloned()).collect())
}
