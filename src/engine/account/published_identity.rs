//! The identity that the server publishes: reads it, compares it with private keys, and checks its signatures.
//!
//! Source: specification, "Cross-signing".

use matrix_sdk::ruma::{OwnedUserId, UserId, api::client::keys::get_keys};
use matrix_sdk_crypto::{
    OlmMachine, backups::SignatureState, store::types::CrossSigningKeyExport, types::RoomKeyBackupInfo,
};

use crate::{
    domain::account::Identity,
    engine::{
        account::{public_key, secret_storage::Secrets},
        net::{
            failure::{Failure, cut},
            homeserver::Homeserver,
        },
    },
};

/// Reads the user's published keys anew.
///
/// # Errors
/// The request's [`Failure`].
pub(in crate::engine) async fn published_keys(
    server: &Homeserver,
    user_id: &UserId,
) -> Result<get_keys::v3::Response, Failure> {
    let device_keys = [(user_id.to_owned(), Vec::new())].into();
    public_key::ask(server, device_keys).await
}

/// Reads the public identity in an answer to `/keys/query`.
///
/// # Errors
/// [`Failure::Garbled`] for an identity that cannot be read: it must not be taken for none and replaced.
pub(in crate::engine) fn identity(
    keys: &get_keys::v3::Response,
    user_id: &UserId,
) -> Result<Option<Identity>, Failure> {
    let Some(master) = keys.master_keys.get(user_id) else { return Ok(None) };
    let master = master.deserialize().map_err(|_| Failure::Garbled)?;
    let public = master.keys.values().next().ok_or(Failure::Garbled)?;
    Ok(Some(Identity { master_key: cut(public) }))
}

/// Makes a new machine that holds the identity; `None` if these private keys are not the published identity's.
pub(in crate::engine) async fn machine_with_identity(
    user_id: &OwnedUserId,
    keys: &get_keys::v3::Response,
    export: CrossSigningKeyExport,
) -> Option<OlmMachine> {
    let machine = OlmMachine::new(user_id, "STRANGER".into()).await;
    adopt_identity(&machine, user_id, keys, export).await.then_some(machine)
}

/// Tells whether these secrets belong to the published identity.
pub(in crate::engine) async fn is_identity_of(
    user_id: &OwnedUserId,
    keys: &get_keys::v3::Response,
    secrets: &Secrets,
) -> bool {
    machine_with_identity(user_id, keys, secrets.cross_signing()).await.is_some()
}

/// Tells a machine the published keys and gives it the private ones. Returns `true` only if all three match: the SDK
/// compares them and then regards the identity as verified.
pub(in crate::engine) async fn adopt_identity(
    machine: &OlmMachine,
    user_id: &OwnedUserId,
    keys: &get_keys::v3::Response,
    export: CrossSigningKeyExport,
) -> bool {
    let (request_id, _) = machine.query_keys_for_users([user_id.as_ref()]);
    if machine.mark_request_as_sent(&request_id, keys).await.is_err() {
        return false;
    }
    if !public_key::are_private(&export) {
        return false;
    }
    #[expect(clippy::disallowed_methods, reason = "the keys were just looked at")]
    let imported = machine.import_cross_signing_keys(export).await;
    let identity = machine.get_identity(user_id, None).await;
    imported.is_ok_and(|status| status.is_complete())
        && matches!(identity, Ok(Some(identity)) if identity.is_verified())
}

/// Tells whether the identity that this machine knows has signed a backup version.
pub(in crate::engine) async fn is_signed_by_identity(machine: &OlmMachine, info: &RoomKeyBackupInfo) -> bool {
    let signatures = machine.backup_machine().verify_backup(info.clone(), false).await;
    signatures.is_ok_and(|signatures| signatures.user_identity_signature.trusted())
}

/// Tells whether the published identity has signed a backup version; nobody's private keys are needed.
pub(in crate::engine) async fn is_signed_by_published(
    user_id: &UserId,
    keys: &get_keys::v3::Response,
    info: &RoomKeyBackupInfo,
) -> bool {
    let machine = OlmMachine::new(user_id, "STRANGER".into()).await;
    let (request_id, _) = machine.query_keys_for_users([user_id]);
    if machine.mark_request_as_sent(&request_id, keys).await.is_err() {
        return false;
    }
    let signatures = machine.backup_machine().verify_backup(info.clone(), false).await;
    signatures.is_ok_and(|signatures| {
        matches!(
            signatures.user_identity_signature,
            SignatureState::ValidButNotTrusted | SignatureState::ValidAndTrusted
        )
    })
}
