//! The backup version on the server.
//!
//! Source: specification, "Server-side key backups".

use matrix_sdk::ruma::api::client::backup::{create_backup_version, get_latest_backup_info};
use matrix_sdk_crypto::types::RoomKeyBackupInfo;

use super::http::{Failure, Homeserver, Repeat, cut};
use crate::domain::account::Backup;

/// The newest version: what it is for people, and its algorithm and public key.
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
            let info = response.algorithm.cast().deserialize().map_err(|_| Failure::Garbled)?;
            let facts = Backup {
                version: cut(&response.version),
                count: response.count.into(),
                etag: cut(&response.etag),
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
    let algorithm = matrix_sdk::ruma::serde::Raw::new(info).map_err(|_| Failure::Garbled)?.cast();
    let request = create_backup_version::v3::Request::new(algorithm);
    server.send_as(request, Repeat::Unsafe).await.map(|response| response.version)
}
