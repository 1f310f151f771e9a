//! Makes this device one that others can rely on: signed by the identity, and able to give the backup key. The SDK's
//! machine does the giving; [`Trusted`] decides who is given anything.
//!
//! [`Trusted`]: super::secret_requests::Trusted

use matrix_sdk::ruma::events::secret::request::SecretName;
use matrix_sdk_crypto::{secret_storage::SecretStorageKey, types::requests::OutgoingRequest};

use crate::{
    domain::verification::Verification,
    engine::{
        account::{
            inspect::Inspection, our_backup::OurBackup, published_identity, secret_storage::cross_signing,
        },
        connection::Connection,
        devices::{
            hearing::{Hearing, Pushed},
            outgoing,
        },
        net::failure::Failure,
    },
};

/// Attempts to give a backup key unasked while there is no Olm session with the device. If it asks for anything, it
/// does so within a few rounds.
const TRIES: u32 = 10;

/// Gives the machine the identity that an entry has opened, so that it can sign devices with it.
pub(in crate::engine) async fn adopt(connection: &Connection, seen: &Inspection, key: &SecretStorageKey) {
    if connection.machine.cross_signing_status().await.is_complete() {
        return;
    }
    if let Some(stored) = cross_signing(&seen.account_data, key.key_id(), key) {
        published_identity::adopt_identity(&connection.machine, &connection.user_id, &seen.keys, stored)
            .await;
    }
}

/// Gives the machine the backup key for devices that may ask for it. The machine uploads nothing by that.
///
/// # Errors
/// [`Failure::Garbled`] if the machine cannot take it.
pub(in crate::engine) async fn prepare(
    connection: &Connection,
    hearing: &mut Hearing,
    ours: &OurBackup,
) -> Result<(), Failure> {
    let Some((version, key)) = ours.get() else { return Ok(()) };
    if hearing.gives.as_ref() != Some(version) {
        let backup = connection.machine.backup_machine();
        let saved = backup.save_decryption_key(Some(key.clone()), Some(version.clone())).await;
        saved.map_err(|_| Failure::Garbled)?;
        hearing.gives = Some(version.clone());
    }
    Ok(())
}

/// Signs this device with the identity, if the machine holds that and the device was published without the signature.
///
/// # Errors
/// The request's [`Failure`].
pub(in crate::engine) async fn sign_own_device(
    connection: &Connection,
    hearing: &mut Hearing,
) -> Result<(), Failure> {
    let machine = &connection.machine;
    if hearing.is_signed || !machine.cross_signing_status().await.is_complete() {
        return Ok(());
    }
    let device = machine.get_device(&connection.user_id, &connection.device_id, None).await;
    let Some(device) = device.map_err(|_| Failure::Garbled)? else { return Ok(()) };
    if !device.is_cross_signed_by_owner() {
        let signature = device.verify().await.map_err(|_| Failure::Garbled)?;
        hearing.unsent.push_back(OutgoingRequest::from(signature));
        outgoing::send_all(connection, hearing).await?;
    }
    hearing.is_signed = true;
    Ok(())
}

/// Answers the requests that devices made before their emoji were found the same.
///
/// # Errors
/// The request's [`Failure`].
pub(in crate::engine) async fn answer(connection: &Connection, hearing: &mut Hearing) -> Result<(), Failure> {
    let released = hearing.trusted.take_released();
    if released.is_empty() {
        return Ok(());
    }
    outgoing::hand_in(&connection.machine, released).await?;
    outgoing::send_all(connection, hearing).await
}

/// Gives the backup key unasked (MSC4385) to the device that was compared with. A device that was verified before this
/// backup was made never asks for its key, nor does one that uses an older backup.
///
/// The machine encrypts it for every verified device with which it has an Olm session. In this visit these are the
/// devices that asked for something or handed something over. Only those compared with are sent it. Sent once; a device
/// that ignores it loses nothing.
///
/// # Errors
/// The request's [`Failure`].
pub(in crate::engine) async fn push(connection: &Connection, hearing: &mut Hearing) -> Result<(), Failure> {
    let Verification::Done(partner) = hearing.talk.state() else { return Ok(()) };
    let Some(version) = hearing.gives.clone() else { return Ok(()) };
    // A device that takes a newer backup's key may forget the older one's, and may be the only one that has that.
    if !hearing.awaited.is_empty() {
        return Ok(());
    }
    let before = hearing.pushed.take();
    let before = before.filter(|pushed| pushed.device_id == partner.device_id && pushed.version == version);
    let tries = before.map_or(TRIES, |pushed| pushed.tries);
    let pushed = hearing.pushed.insert(Pushed { device_id: partner.device_id, version, tries });
    if pushed.tries == 0 {
        return Ok(());
    }
    let errors = connection.machine.push_secret_to_verified_devices(SecretName::RecoveryKey).await;
    let errors = errors.map_err(|_| Failure::Garbled)?;
    // A device in `errors` has no Olm session with this one yet; it gets one by asking for something.
    let is_given = !errors.keys().any(|device| *device == pushed.device_id);
    pushed.tries = if is_given { 0 } else { pushed.tries - 1 };
    outgoing::send_all(connection, hearing).await
}
