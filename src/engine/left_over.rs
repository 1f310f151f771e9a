//! Devices that earlier visits of this page left in the account: a tab that was closed, a line that broke.
//!
//! Source: specification, "Device Management".

use matrix_sdk::ruma::{
    OwnedDeviceId,
    api::client::device::{delete_devices, get_devices},
    assign,
};

use super::{
    http::{Failure, cut},
    proof,
    session::{DEVICE_NAME, Session},
    set_up::Halt,
};
use crate::domain::{account::Device, secret::Secret};

/// How many are shown and removed at a time.
const MOST: usize = 100;

/// Those there are now: of exactly this page's name, and not the one of this visit.
///
/// # Errors
/// The request's [`Failure`].
pub(super) async fn list(session: &Session) -> Result<Vec<OwnedDeviceId>, Failure> {
    let devices = session.server.send(get_devices::v3::Request::new()).await?.devices.into_iter();
    let left_over = devices.filter(|device| {
        device.display_name.as_deref() == Some(DEVICE_NAME) && device.device_id != session.device_id
    });
    Ok(left_over.map(|device| device.device_id).take(MOST).collect())
}

/// A left-over device as it is shown; `with_keys` are the devices of which more is known.
pub(super) fn describe(device_id: &OwnedDeviceId, with_keys: &[Device]) -> Device {
    let device_id = cut(device_id.as_str());
    let verified = with_keys.iter().any(|device| device.device_id == device_id && device.verified);
    Device { device_id, name: Some(DEVICE_NAME.to_owned()), verified }
}

/// Removes those that the person was told of and that are still there under this name.
///
/// # Errors
/// That the server wants the account password, or what went wrong; nothing is removed then.
pub(super) async fn remove(session: &Session, password: Option<Secret>) -> Result<(), Halt> {
    let mut devices = list(session).await?;
    // One that has come since may be a visit that is under way elsewhere.
    devices.retain(|device_id| session.left_over.contains(device_id));
    if devices.is_empty() {
        return Ok(());
    }
    let delete = async |auth| {
        let request = assign!(delete_devices::v3::Request::new(devices.clone()), { auth });
        session.server.send(request).await.map(|_| ())
    };
    match delete(None).await {
        Ok(()) => Ok(()),
        Err(failure) => {
            let challenge = proof::challenge(failure)?;
            proof::prove(&session.user_id, challenge, password, async |auth| delete(Some(auth)).await).await
        }
    }
}
