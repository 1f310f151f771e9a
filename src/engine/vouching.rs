//! Being a device that others can rely on: signed by the identity, and able to give the backup's key to a device
//! that was verified just now. The giving itself is the SDK machine's: it answers none but verified devices.

use matrix_sdk_crypto::{secret_storage::SecretStorageKey, types::requests::OutgoingRequest};

use super::{
    http::Failure, inspect::Inspection, outgoing, secret_storage::cross_signing, session::Session, stranger,
};

/// Lets the machine hold the identity that an entry has opened, so that it can sign devices with it.
pub(super) async fn adopt(session: &Session, seen: &Inspection, key: &SecretStorageKey) {
    if session.machine.cross_signing_status().await.is_complete() {
        return;
    }
    if let Some(stored) = cross_signing(&seen.account_data, key.key_id(), key) {
        stranger::adopt_identity(&session.machine, &session.user_id, &seen.keys, stored).await;
    }
}

/// Lets the machine know the backup's key, to be given to who may ask for it. It uploads nothing by that.
///
/// # Errors
/// [`Failure::Garbled`] if the machine cannot take it.
pub(super) async fn prepare(session: &mut Session) -> Result<(), Failure> {
    let Some((version, key)) = &session.ours else { return Ok(()) };
    if session.hearing.gives.as_ref() != Some(version) {
        let backup = session.machine.backup_machine();
        let saved = backup.save_decryption_key(Some(key.clone()), Some(version.clone())).await;
        saved.map_err(|_| Failure::Garbled)?;
        session.hearing.gives = Some(version.clone());
    }
    Ok(())
}

/// Signs this device with the identity, where the machine holds that and the device was published before it did:
/// otherwise it is published with the signature.
///
/// # Errors
/// The request's [`Failure`].
pub(super) async fn sign_own_device(session: &mut Session) -> Result<(), Failure> {
    let machine = &session.machine;
    if session.hearing.is_signed || !machine.cross_signing_status().await.is_complete() {
        return Ok(());
    }
    let device = machine.get_device(&session.user_id, &session.device_id, None).await;
    let Some(device) = device.map_err(|_| Failure::Garbled)? else { return Ok(()) };
    if !device.is_cross_signed_by_owner() {
        let signature = device.verify().await.map_err(|_| Failure::Garbled)?;
        session.hearing.unsent.push_back(OutgoingRequest::from(signature));
        outgoing::send_all(session).await?;
    }
    session.hearing.is_signed = true;
    Ok(())
}
