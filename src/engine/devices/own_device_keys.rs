//! The keys of this page's device: published again if the server has removed the device meanwhile.
//!
//! Source: specification, "Soft logout". A hard logout removes the device, and signing in makes another one of the same
//! id, without keys.

use matrix_sdk::ruma::{api::client::keys::upload_keys, assign, encryption::DeviceKeys, serde::Raw};
use matrix_sdk_crypto::types::requests::AnyOutgoingRequest;

use crate::{
    domain::problem::Problem,
    engine::{
        account::published_identity::published_keys, connection::Connection, devices::hearing::Hearing,
        net::failure::Failure, sign_in::admitted::name_device,
    },
};

/// Publishes this device's keys again if they were published and are gone, after the server had interrupted the visit.
/// If a new identity was made and is not published yet, `by_new_identity` has the keys with its signature.
///
/// # Errors
/// The request's problem; the next command tries again.
pub(in crate::engine) async fn restore(
    connection: &Connection,
    hearing: &mut Hearing,
    by_new_identity: Option<&Raw<DeviceKeys>>,
) -> Result<(), Problem> {
    // A request under way when the device was removed may have made it anew, without a name. Signing in again names no
    // existing device.
    name_device(&connection.server, &connection.device_id).await;
    if !still_to_publish(connection).await? && !is_published(connection).await? {
        let keys = device_keys(connection, by_new_identity).await?;
        let request = assign!(upload_keys::v3::Request::new(), { device_keys: Some(keys) });
        connection.server.send(request).await?;
        // The identity's signature on it is gone, too.
        hearing.is_signed = false;
    }
    Ok(())
}

/// Tells whether the machine still has the keys to publish; it will in its time.
async fn still_to_publish(connection: &Connection) -> Result<bool, Problem> {
    let requests = connection.machine.outgoing_requests().await.map_err(|_| Problem::engine_stopped())?;
    let publishes = |request: &AnyOutgoingRequest| match request {
        AnyOutgoingRequest::KeysUpload(upload) => upload.device_keys.is_some(),
        _ => false,
    };
    Ok(requests.iter().any(|request| publishes(request.request())))
}

/// Asks without the machine: it must hear of no identity while it holds a new one that is not published.
async fn is_published(connection: &Connection) -> Result<bool, Failure> {
    let keys = published_keys(&connection.server, &connection.user_id).await?;
    let devices = keys.device_keys.get(&connection.user_id);
    Ok(devices.is_some_and(|devices| devices.contains_key(&connection.device_id)))
}

/// Returns the keys as they were published, or with the signature of a new identity that is about to be published.
async fn device_keys(
    connection: &Connection,
    by_new_identity: Option<&Raw<DeviceKeys>>,
) -> Result<Raw<DeviceKeys>, Problem> {
    if let Some(keys) = by_new_identity {
        return Ok(keys.clone());
    }
    let device = connection.machine.get_device(&connection.user_id, &connection.device_id, None).await;
    let device = device.ok().flatten().ok_or(Problem::engine_stopped())?;
    let keys = Raw::new(device.as_device_keys()).map_err(|_| Problem::engine_stopped())?;
    Ok(keys.cast_unchecked())
}
