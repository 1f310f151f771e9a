//! The backup version on the server.
//!
//! Source: specification, "Server-side key backups".

use matrix_sdk::ruma::{
    api::client::backup::{BackupAlgorithm, create_backup_version, get_backup_info, get_latest_backup_info},
    serde::Raw,
};
use matrix_sdk_crypto::types::RoomKeyBackupInfo;

use super::http::{Failure, Homeserver, Repeat, cut};
use crate::domain::account::Backup;

/// A version: what it is for people, and its algorithm and public key.
#[derive(Clone, Debug)]
pub(super) struct CurrentBackup {
    /// Version, count and etag.
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
            let count = response.count.into();
            CurrentBackup::read(&response.version, count, &response.etag, &response.algorithm).map(Some)
        }
        Err(failure) if failure.is("M_NOT_FOUND") => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Reads one version, current or not.
///
/// # Errors
/// The request's [`Failure`]; that it was deleted or never existed is not one.
pub(super) async fn version(server: &Homeserver, version: &str) -> Result<Option<CurrentBackup>, Failure> {
    match server.send(get_backup_info::v3::Request::new(version.to_owned())).await {
        Ok(response) => {
            let count = response.count.into();
            CurrentBackup::read(&response.version, count, &response.etag, &response.algorithm).map(Some)
        }
        Err(failure) if failure.is("M_NOT_FOUND") => Ok(None),
        Err(failure) => Err(failure),
    }
}

impl CurrentBackup {
    fn read(
        version: &str,
        count: u64,
        etag: &str,
        algorithm: &Raw<BackupAlgorithm>,
    ) -> Result<Self, Failure> {
        let info = algorithm.cast_ref().deserialize().map_err(|_| Failure::Garbled)?;
        Ok(Self { facts: Backup { version: cut(version), count, etag: cut(etag) }, info })
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
