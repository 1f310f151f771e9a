//! What this page's device had published, and what is gone with it where the server has removed the device meanwhile.
//!
//! Source: specification, "Soft logout": after a hard one there is no such device any more, and signing in makes another
//! of the same name, without keys.

use matrix_sdk::ruma::{
    api::client::keys::{get_keys, upload_keys},
    assign,
    encryption::DeviceKeys,
    serde::Raw,
};
use matrix_sdk_crypto::types::requests::AnyOutgoingRequest;

use super::{http::Failure, public_key, session::Session};
use crate::domain::problem::Problem;

/// Publishes this device's keys once more, if they were published and are gone. Does nothing in a visit that the server
/// has not interrupted.
///
/// # Errors
/// The request's problem; it is tried again the next time.
pub(super) async fn restore(session: &mut Session) -> Result<(), Problem> {
    if !session.is_back {
        return Ok(());
    }
    if !still_to_publish(session).await? && !is_published(session).await? {
        let keys = device_keys(session).await?;
        let request = assign!(upload_keys::v3::Request::new(), { device_keys: Some(keys) });
        session.server.send(request).await?;
        // Its signature has gone with it, where it had one.
        session.hearing.is_signed = false;
    }
    session.is_back = false;
    Ok(())
}

/// Whether the machine has not published anything yet: it will, when it is time.
async fn still_to_publish(session: &Session) -> Result<bool, Problem> {
    let requests = session.machine.outgoing_requests().await.map_err(|_| Problem::EngineStopped)?;
    let publishes = |request: &AnyOutgoingRequest| match request {
        AnyOutgoingRequest::KeysUpload(upload) => upload.device_keys.is_some(),
        _ => false,
    };
    Ok(requests.iter().any(|request| publishes(request.request())))
}

/// Asked without the machine: it must hear of no identity while it has made one that is not published.
async fn is_published(session: &Session) -> Result<bool, Failure> {
    let user_id = session.user_id.clone();
    let keys = assign!(get_keys::v3::Request::new(), { device_keys: [(user_id, Vec::new())].into() });
    let keys = public_key::ask(&session.server, keys).await?;
    let devices = keys.device_keys.get(&session.user_id);
    Ok(devices.is_some_and(|devices| devices.contains_key(&session.device_id)))
}

/// As they were published, or with a new identity's signature, where that is about to be published.
async fn device_keys(session: &Session) -> Result<Raw<DeviceKeys>, Problem> {
    let identity = session.set_up.as_ref().and_then(|set_up| set_up.new_identity());
    if let Some(keys) = identity.and_then(|identity| identity.device_keys()) {
        return Ok(keys.clone());
    }
    let device = session.machine.get_device(&session.user_id, &session.device_id, None).await;
    let device = device.ok().flatten().ok_or(Problem::EngineStopped)?;
    let keys = Raw::new(device.as_device_keys()).map_err(|_| Problem::EngineStopped)?;
    Ok(keys.cast_unchecked())
}
