//! Devices that earlier visits of this page left in the account: a tab that was closed, a line that broke.
//!
//! Source: specification, "Device Management".

use matrix_sdk::ruma::{
    OwnedDeviceId,
    api::client::device::{delete_devices, get_devices},
    assign,
};

use crate::{
    domain::{
        account::Device,
        problem::Problem,
        proof::{Last, PageKind, Proof, ProofWay, Wanted},
    },
    engine::{
        connection::{Connection, DEVICE_NAME},
        net::{
            failure::{Failure, cut},
            oauth::Grant,
        },
        sign_in::{
            halt::Halt,
            uia::{self, Given, LastChallenge, Purpose},
        },
    },
};

/// How many are shown and removed at a time.
const MOST: usize = 100;

/// The devices of earlier visits that this one has seen.
#[derive(Default)]
pub(in crate::engine) struct LeftOver {
    /// Those that the person was told of.
    pub(in crate::engine) told: Vec<OwnedDeviceId>,
    /// The one of them that the person was asked to remove on the account page.
    being_removed: Option<OwnedDeviceId>,
}

/// Those there are now: of exactly this page's name, and not the one of this visit.
///
/// # Errors
/// The request's [`Failure`].
pub(in crate::engine) async fn list(connection: &Connection) -> Result<Vec<OwnedDeviceId>, Failure> {
    let devices = connection.server.send(get_devices::v3::Request::new()).await?.devices.into_iter();
    let left_over = devices.filter(|device| {
        device.display_name.as_deref() == Some(DEVICE_NAME) && device.device_id != connection.device_id
    });
    Ok(left_over.map(|device| device.device_id).take(MOST).collect())
}

/// A left-over device as it is shown; `with_keys` are the devices of which more is known.
pub(in crate::engine) fn describe(device_id: &OwnedDeviceId, with_keys: &[Device]) -> Device {
    let device_id = cut(device_id.as_str());
    let verified = with_keys.iter().any(|device| device.device_id == device_id && device.verified);
    Device { device_id, name: Some(DEVICE_NAME.to_owned()), verified }
}

/// Removes those that the person was told of and that are still there under this name.
///
/// # Errors
/// That the server wants a proof, or what went wrong; nothing is removed then.
pub(in crate::engine) async fn remove(
    connection: &Connection,
    last_challenge: &LastChallenge,
    left_over: &mut LeftOver,
    given: &mut Given<'_>,
) -> Result<(), Halt> {
    let devices = still_there(connection, &left_over.told).await?;
    if devices.is_empty() {
        return Ok(());
    }
    // Where an authorization server lets in, devices are removed on its account page, by the person.
    if let Some(grant) = connection.server.grant()
        && grant.page_to_remove("").is_some()
    {
        return remove_on_page(connection, left_over, &grant, devices, given).await;
    }
    let delete = async |auth| {
        let request = assign!(delete_devices::v3::Request::new(devices.clone()), { auth });
        connection.server.send(request).await.map(|_| ())
    };
    uia::prove(connection, last_challenge, Purpose::Devices, given, delete, async || Ok(())).await
}

/// One that has come since the person was told may be a visit that is under way elsewhere.
async fn still_there(connection: &Connection, told: &[OwnedDeviceId]) -> Result<Vec<OwnedDeviceId>, Failure> {
    let mut devices = list(connection).await?;
    devices.retain(|device_id| told.contains(device_id));
    Ok(devices)
}

/// Asks the person to remove one device after the other, and looks whether they did.
async fn remove_on_page(
    connection: &Connection,
    left_over: &mut LeftOver,
    grant: &Grant,
    mut devices: Vec<OwnedDeviceId>,
    given: &mut Given<'_>,
) -> Result<(), Halt> {
    let mut last = Last::None;
    if let (Some(Proof::Page), Some(removed)) = (given.proof.take(), left_over.being_removed.clone()) {
        let mut times = 1;
        while devices.contains(&removed) && times < uia::ASK_TIMES && uia::pause(given).await {
            devices = still_there(connection, &left_over.told).await?;
            times += 1;
        }
        if devices.contains(&removed) {
            last = Last::NotYet;
        }
    }
    // The one that was begun with first, if it is still there.
    let begun = left_over.being_removed.take().filter(|device_id| devices.contains(device_id));
    let Some(next) = begun.or_else(|| devices.first().cloned()) else { return Ok(()) };
    let address = grant.page_to_remove(next.as_str()).ok_or(Problem::Garbled)?;
    left_over.being_removed = Some(next);
    Err(Halt::ProofNeeded(Wanted { ways: vec![ProofWay::Page { address, kind: PageKind::Account }], last }))
}
