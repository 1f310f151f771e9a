//! The backup version on the server.
//!
//! Source: specification, "Server-side key backups".

use std::{collections::BTreeMap, time::Duration};

use matrix_sdk::ruma::{
    OwnedUserId,
    api::client::backup::{
        BackupAlgorithm, create_backup_version, delete_backup_version, get_backup_info,
        get_latest_backup_info, update_backup_version,
    },
    serde::Raw,
};
use matrix_sdk_crypto::{
    OlmMachine,
    store::types::BackupDecryptionKey,
    types::RoomKeyBackupInfo,
    vodozemac::{base64_decode, base64_encode},
};
use serde_json::{Value, json};

use crate::{
    domain::{
        account::Backup,
        problem::{Part, Problem},
    },
    engine::{
        account::secret_storage::in_usual_alphabet,
        net::{
            failure::{Failure, Repeat, cut},
            homeserver::Homeserver,
            timing,
        },
    },
};

/// The fields of `auth_data` that may be signed: the public key, and those by which early clients derived the private
/// key from a phrase.
const MAY_BE_SIGNED: [&str; 4] =
    ["public_key", "private_key_salt", "private_key_iterations", "private_key_bits"];

/// A backup version: the facts for the person, and its algorithm and public key.
#[derive(Clone, Debug)]
pub(in crate::engine) struct BackupVersion {
    /// Version, count and etag; `signed` is set by callers that know the identity.
    pub(in crate::engine) facts: Backup,
    /// Algorithm, public key and signatures.
    pub(in crate::engine) info: RoomKeyBackupInfo,
}

/// Reads the newest version that was not deleted; `None` if there is none.
///
/// # Errors
/// The request's [`Failure`].
pub(in crate::engine) async fn current(server: &Homeserver) -> Result<Option<BackupVersion>, Failure> {
    match server.send(get_latest_backup_info::v3::Request::new()).await {
        Ok(response) => {
            let count = response.count.into();
            Ok(Some(BackupVersion::read(&response.version, count, &response.etag, &response.algorithm)))
        }
        Err(failure) if failure.is("M_NOT_FOUND") => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The newest version, as far as the server tells of it.
#[derive(Debug)]
pub(in crate::engine) struct Newest {
    /// The version, if there is one.
    pub(in crate::engine) backup: Option<BackupVersion>,
    /// Set if the server answered with an error of its own, or with what is no version: there may be one then.
    pub(in crate::engine) is_untold: bool,
}

/// Reads the newest version before anything is concluded about the account. A version that makes the server fail must
/// not keep the person from everything else.
///
/// # Errors
/// The request's [`Failure`], if it says nothing of the version.
pub(in crate::engine) async fn newest(server: &Homeserver) -> Result<Newest, Failure> {
    match current(server).await {
        Ok(backup) => Ok(Newest { backup, is_untold: false }),
        Err(failure) if is_of_the_version(&failure) => Ok(Newest { backup: None, is_untold: true }),
        Err(failure) => Err(failure),
    }
}

/// Tells whether a failure is the server's answer about this version, so that asking again would meet the same. Gateways,
/// rate limits and tokens have nothing to do with it.
pub(in crate::engine) fn is_of_the_version(failure: &Failure) -> bool {
    match failure {
        Failure::NoAnswer => false,
        Failure::Garbled => true,
        Failure::Refused(refusal) => {
            !failure.is_signed_out() && !matches!(refusal.status, 401 | 403 | 408 | 429 | 502..=504)
        }
    }
}

/// Reads one version, current or not; `None` if it was deleted or never existed.
///
/// # Errors
/// The request's [`Failure`].
pub(in crate::engine) async fn version(
    server: &Homeserver,
    version: &str,
) -> Result<Option<BackupVersion>, Failure> {
    match server.send(get_backup_info::v3::Request::new(version.to_owned())).await {
        Ok(response) => {
            let count = response.count.into();
            Ok(Some(BackupVersion::read(&response.version, count, &response.etag, &response.algorithm)))
        }
        Err(failure) if failure.is("M_NOT_FOUND") => Ok(None),
        Err(failure) => Err(failure),
    }
}

impl BackupVersion {
    /// Reads a version as the server describes it. One whose description is not what the specification says is not
    /// usable: no key matches it, and it is never signed.
    pub(in crate::engine) fn read(
        version: &str,
        count: u64,
        etag: &str,
        algorithm: &Raw<BackupAlgorithm>,
    ) -> Self {
        let info = description(algorithm).unwrap_or_else(|| RoomKeyBackupInfo::Other {
            algorithm: String::new(),
            auth_data: BTreeMap::new(),
        });
        let usable = !matches!(info, RoomKeyBackupInfo::Other { .. });
        Self { facts: Backup { version: cut(version), count, etag: cut(etag), signed: false, usable }, info }
    }
}

/// Reads a version's description, with the public key as it should have been written; `None` if it cannot be read.
///
/// Nheko before 2026-02 encoded the public key twice; others used the alphabet of RFC 4648, section 5. Without signatures
/// such a version counts as unsigned, and signing it writes the key as it should be. Others left `signatures` out.
fn description(algorithm: &Raw<BackupAlgorithm>) -> Option<RoomKeyBackupInfo> {
    let mut value: Value = algorithm.deserialize_as_unchecked().ok()?;
    if let Some(auth_data) = value.get_mut("auth_data").and_then(Value::as_object_mut) {
        let public_key = auth_data.get("public_key").and_then(Value::as_str).and_then(written_otherwise);
        if public_key.is_some() || auth_data.get("signatures").is_none_or(Value::is_null) {
            auth_data.insert("signatures".to_owned(), json!({}));
        }
        if let Some(public_key) = public_key {
            auth_data.insert("public_key".to_owned(), Value::String(public_key));
        }
    }
    serde_json::from_value(value).ok()
}

/// Returns the key in unpadded base64, of a text that has it in base64 twice, or in the other alphabet; `None` for any other
/// text.
fn written_otherwise(text: &str) -> Option<String> {
    let usual = in_usual_alphabet(text);
    let once = base64_decode(&*usual).ok()?;
    if once.len() == 32 {
        return (*usual != text).then(|| base64_encode(once));
    }
    let twice = base64_decode(once).ok()?;
    (twice.len() == 32).then(|| base64_encode(twice))
}

/// Creates a version and returns its name. Not repeated: if the answer is lost, the caller looks whether it exists.
///
/// # Errors
/// The request's [`Failure`].
pub(in crate::engine) async fn create(
    server: &Homeserver,
    info: &RoomKeyBackupInfo,
) -> Result<String, Failure> {
    let algorithm = Raw::new(info).map_err(|_| Failure::Garbled)?.cast();
    let request = create_backup_version::v3::Request::new(algorithm);
    server.send_as(request, Repeat::Unsafe).await.map(|response| response.version)
}

/// Looks whether the server uses the version that it was asked to create. If the request failed, looks once, since the
/// answer may have been lost. Otherwise looks three times, a second apart: one process of a large server may not know
/// the version yet.
///
/// # Errors
/// The first error of `look`.
pub(in crate::engine) async fn comes_into_use<E>(
    created: &Result<String, Failure>,
    mut look: impl AsyncFnMut() -> Result<bool, E>,
) -> Result<bool, E> {
    for _ in 0..3 {
        if look().await? {
            return Ok(true);
        }
        if created.is_err() {
            break;
        }
        timing::pause(Duration::from_secs(1)).await;
    }
    Ok(false)
}

/// Reads one version; `None` if it does not exist or this key does not open it.
///
/// # Errors
/// The request's [`Failure`].
pub(in crate::engine) async fn version_of(
    server: &Homeserver,
    name: &str,
    key: &BackupDecryptionKey,
) -> Result<Option<BackupVersion>, Failure> {
    Ok(version(server, name).await?.filter(|version| key.backup_key_matches(&version.info)))
}

/// Deletes a version that this page has just made in vain, if it is empty; returns whether it did. No app has its key,
/// so none could back up should the server use it one day.
///
/// # Errors
/// The request's [`Failure`].
pub(in crate::engine) async fn delete_empty(
    server: &Homeserver,
    made: &BackupVersion,
) -> Result<bool, Failure> {
    let is_empty = made.facts.count == 0;
    if is_empty {
        delete(server, &made.facts.version).await?;
    }
    Ok(is_empty)
}

/// Adds the identity's signature to the version in place, unless it has one. Nothing in it is replaced.
///
/// A server may make a new, empty version of it instead (Palpo did). The page deletes that one, so that the version
/// with the room keys is the current one.
///
/// # Errors
/// The request's problem; [`Problem::Garbled`] if the machine cannot sign; [`Problem::NotAsWritten`] if the server made
/// a new version; [`Problem::SomeoneElseIsWriting`] if another version is current.
pub(in crate::engine) async fn sign(
    server: &Homeserver,
    machine: &OlmMachine,
    user_id: &OwnedUserId,
    backup: &BackupVersion,
) -> Result<(), Problem> {
    let mut info = understood(&backup.info)?;
    sign_by_identity(machine, user_id, &mut info).await?;
    if is_same(&info, &backup.info) {
        return Ok(());
    }
    let algorithm = Raw::new(&info).map_err(|_| Failure::Garbled)?.cast();
    let request = update_backup_version::v3::Request::new(backup.facts.version.clone(), algorithm);
    server.send(request).await?;
    match current(server).await? {
        Some(now) if now.facts.version == backup.facts.version => Ok(()),
        // The server made it of the request just sent: same content, and no room keys.
        Some(now) if now.facts.count == 0 && is_same(&now.info, &info) => {
            delete(server, &now.facts.version).await?;
            Err(Problem::NotAsWritten { part: Part::Backup })
        }
        Some(_) | None => Err(Problem::SomeoneElseIsWriting),
    }
}

/// Tells whether two descriptions are the same, signatures included.
fn is_same(one: &RoomKeyBackupInfo, other: &RoomKeyBackupInfo) -> bool {
    let value = |info| serde_json::to_value(info).ok();
    value(one).is_some_and(|one| Some(one) == value(other))
}

/// Returns a version's description with only the fields that the specification and older clients know. The master key
/// must never sign what a server added: with the right fields, that would be a self-signing key of the server's own.
///
/// # Errors
/// [`Failure::Garbled`] for another algorithm.
pub(in crate::engine) fn understood(info: &RoomKeyBackupInfo) -> Result<RoomKeyBackupInfo, Failure> {
    if matches!(info, RoomKeyBackupInfo::Other { .. }) {
        return Err(Failure::Garbled);
    }
    let mut value = serde_json::to_value(info).map_err(|_| Failure::Garbled)?;
    let fields = value.get_mut("auth_data").and_then(Value::as_object_mut).ok_or(Failure::Garbled)?;
    let before = fields.len();
    fields.retain(|name, value| {
        name == "signatures"
            || MAY_BE_SIGNED.contains(&name.as_str()) && !value.is_object() && !value.is_array()
    });
    if fields.len() != before {
        // The signatures were for other content.
        fields.insert("signatures".to_owned(), Value::Object(serde_json::Map::new()));
    }
    serde_json::from_value(value).map_err(|_| Failure::Garbled)
}

/// Adds the signature of the identity that the machine holds. Leaves out that of the machine's own device, which nobody
/// could check.
///
/// # Errors
/// [`Failure::Garbled`] if the machine cannot sign.
pub(in crate::engine) async fn sign_by_identity(
    machine: &OlmMachine,
    user_id: &OwnedUserId,
    info: &mut RoomKeyBackupInfo,
) -> Result<(), Failure> {
    machine.backup_machine().sign_backup(info).await.map_err(|_| Failure::Garbled)?;
    let RoomKeyBackupInfo::MegolmBackupV1Curve25519AesSha2(data) = info else { return Err(Failure::Garbled) };
    let mut signatures = serde_json::to_value(&data.signatures).map_err(|_| Failure::Garbled)?;
    if let Some(by_key) = signatures.get_mut(user_id.as_str()).and_then(|by_key| by_key.as_object_mut()) {
        by_key.remove(&format!("ed25519:{}", machine.device_id()));
    }
    data.signatures = serde_json::from_value(signatures).map_err(|_| Failure::Garbled)?;
    Ok(())
}

/// Deletes one version for good. The person agreed and a copy of it was proved; or this page has just made it, and
/// nothing was ever put into it.
///
/// # Errors
/// The request's [`Failure`]; a version that is gone already counts as deleted.
pub(in crate::engine) async fn delete(server: &Homeserver, version: &str) -> Result<(), Failure> {
    match server.send(delete_backup_version::v3::Request::new(version.to_owned())).await {
        Err(failure) if failure.is("M_NOT_FOUND") => Ok(()),
        result => result.map(|_| ()),
    }
}
