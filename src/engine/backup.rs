//! The backup version on the server.
//!
//! Source: specification, "Server-side key backups".

use matrix_sdk::ruma::{
    OwnedUserId,
    api::client::backup::{
        create_backup_version, delete_backup_version, get_backup_info, get_latest_backup_info,
        update_backup_version,
    },
    serde::Raw,
};
use matrix_sdk_crypto::OlmMachine;
use matrix_sdk_crypto::types::RoomKeyBackupInfo;

use super::http::{Failure, Homeserver, Repeat, cut};
use crate::domain::account::Backup;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

/// How many older versions are looked for at the most.
const MOST_OLDER: u64 = 100;
/// How many requests for them are under way at a time.
const AT_A_TIME: usize = 8;

/// The newest version: what it is for people, and its algorithm and public key.
#[derive(Clone, Debug)]
pub(super) struct CurrentBackup {
    /// Version, count and etag; whether it is signed is left to who knows the identity.
    pub(super) facts: Backup,
    /// Algorithm, public key and signatures.
    pub(super) info: RoomKeyBackupInfo,
}

/// Reads the newest version that was not deleted.
///
/// # Errors
/// The request's [`Failure`]; that there is none is not one.
pub(super) async fn current(server: &Homeserver) -> Result<Option<CurrentBackup>, Failure> {
    match server.send(get_latest_backup_info::v3::Request::new()).await {
        Ok(response) => {
            let info = response.algorithm.cast().deserialize().map_err(|_| Failure::Garbled)?;
            let facts = Backup {
                version: cut(&response.version),
                count: response.count.into(),
                etag: cut(&response.etag),
                signed: false,
            };
            Ok(Some(CurrentBackup { facts, info }))
        }
        Err(failure) if failure.is("M_NOT_FOUND") => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Creates a version. Not repeated: if the response is lost, look whether it exists.
///
/// # Errors
/// The request's [`Failure`].
pub(super) async fn create(server: &Homeserver, info: &RoomKeyBackupInfo) -> Result<String, Failure> {
    let algorithm = Raw::new(info).map_err(|_| Failure::Garbled)?.cast();
    let request = create_backup_version::v3::Request::new(algorithm);
    server.send_as(request, Repeat::Unsafe).await.map(|response| response.version)
}

/// Puts the identity's signature on the version that is there, in place: nothing of it is replaced.
///
/// # Errors
/// The request's [`Failure`]; [`Failure::Garbled`] if the machine cannot sign.
pub(super) async fn sign(
    server: &Homeserver,
    machine: &OlmMachine,
    user_id: &OwnedUserId,
    backup: &CurrentBackup,
) -> Result<(), Failure> {
    let mut info = backup.info.clone();
    sign_by_identity(machine, user_id, &mut info).await?;
    let algorithm = Raw::new(&info).map_err(|_| Failure::Garbled)?.cast();
    let request = update_backup_version::v3::Request::new(backup.facts.version.clone(), algorithm);
    server.send(request).await.map(|_| ())
}

/// Adds the signature of the identity that the machine holds. That of its own device, which nobody could
/// check, is left out.
///
/// # Errors
/// [`Failure::Garbled`] if the machine cannot sign.
pub(super) async fn sign_by_identity(
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

/// Reads one version, if it is still there.
///
/// # Errors
/// The request's [`Failure`]; that it was deleted is not one.
pub(super) async fn version(server: &Homeserver, version: &str) -> Result<Option<CurrentBackup>, Failure> {
    match server.send(get_backup_info::v3::Request::new(version.to_owned())).await {
        Ok(response) => {
            let info = response.algorithm.cast().deserialize().map_err(|_| Failure::Garbled)?;
            let facts = Backup {
                version: cut(&response.version),
                count: response.count.into(),
                etag: cut(&response.etag),
                signed: false,
            };
            Ok(Some(CurrentBackup { facts, info }))
        }
        Err(failure) if failure.is("M_NOT_FOUND") => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The older versions that are still there, newest first. The specification leaves open what versions are
/// called; servers count, so the lower numbers are asked for, a few at a time.
///
/// # Errors
/// The first request's [`Failure`].
pub(super) async fn older(server: &Homeserver, current: &str) -> Result<Vec<CurrentBackup>, Failure> {
    let Ok(newest) = current.parse::<u64>() else { return Ok(Vec::new()) };
    let names = (newest.saturating_sub(MOST_OLDER).max(1)..newest).rev().map(|number| number.to_string());
    let versions = stream::iter(names).map(|name| async move { version(server, &name).await });
    let versions: Vec<_> = versions.buffered(AT_A_TIME).try_collect().await?;
    Ok(versions.into_iter().flatten().collect())
}

/// Deletes one version for good. Only after the person agreed, and a proven copy exists.
///
/// # Errors
/// The request's [`Failure`]; that it is gone already is not one.
pub(super) async fn delete(server: &Homeserver, version: &str) -> Result<(), Failure> {
    match server.send(delete_backup_version::v3::Request::new(version.to_owned())).await {
        Err(failure) if failure.is("M_NOT_FOUND") => Ok(()),
        result => result.map(|_| ()),
    }
}
