//! Devices that earlier visits left in the account: a tab was closed, or the connection broke.
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
            uia::{self, GivenProof, Guarded, LastChallenge},
        },
    },
};

/// The most devices that are shown and removed at a time.
const MOST: usize = 100;

/// The left-over devices, as far as this visit knows them.
#[derive(Default)]
pub(in crate::engine) struct LeftOver {
    /// The devices that the person was told of.
    pub(in crate::engine) told: Vec<OwnedDeviceId>,
    /// The one that the person was asked to remove on the account page.
    being_removed: Option<OwnedDeviceId>,
}

/// Lists the left-over devices: those with exactly this page's name, without the one of this visit.
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

/// Describes a left-over device for the page; `with_keys` are the devices with published keys.
pub(in crate::engine) fn describe(device_id: &OwnedDeviceId, with_keys: &[Device]) -> Device {
    let device_id = cut(device_id.as_str());
    let verified = with_keys.iter().any(|device| device.device_id == device_id && device.verified);
    Device { device_id, name: Some(DEVICE_NAME.to_owned()), verified }
}

/// Removes the left-over devices that the person was told of and that are still there.
///
/// # Errors
/// [`Halt`] if the server wants a proof, or with a problem; then nothing is removed.
pub(in crate::engine) async fn remove(
    connection: &Connection,
    last_challenge: &LastChallenge,
    left_over: &mut LeftOver,
    given: &mut GivenProof<'_>,
) -> Result<(), Halt> {
    let devices = still_there(connection, &left_over.told).await?;
    if devices.is_empty() {
        return Ok(());
    }
    // If an authorization server signs people in, they remove devices on its account page.
    if let Some(grant) = connection.server.grant()
        && grant.page_to_remove("").is_some()
    {
        return remove_on_page(connection, left_over, &grant, devices, given).await;
    }
    let delete = async |auth| {
        let request = assign!(delete_devices::v3::Request::new(devices.clone()), { auth });
        connection.server.send(request).await.map(|_| ())
    };
    uia::prove(connection, last_challenge, Guarded::Devices, given, delete, async || Ok(())).await
}

/// Leaves out devices that came after the person was told: they may belong to a visit under way elsewhere.
async fn still_there(connection: &Connection, told: &[OwnedDeviceId]) -> Result<Vec<OwnedDeviceId>, Failure> {
    let mut devices = list(connection).await?;
    devices.retain(|device_id| told.contains(device_id));
    Ok(devices)
}

/// Asks the person to remove one device after the other, and looks whether each is gone.
async fn remove_on_page(
    connection: &Connection,
    left_over: &mut LeftOver,
    grant: &Grant,
    mut devices: Vec<OwnedDeviceId>,
    given: &mut GivenProof<'_>,
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
    // The person stays with the device that they were sent to first, while it is there.
    let begun = left_over.being_removed.take().filter(|device_id| devices.contains(device_id));
    let Some(next) = begun.or_else(|| devices.first().cloned()) else { return Ok(()) };
    let address = grant.page_to_remove(next.as_str()).ok_or(Problem::Garbled)?;
    left_over.being_removed = Some(next);
    Err(Halt::ProofNeeded(Wanted { ways: vec![ProofWay::Page { address, kind: PageKind::Account }], last }))
}
