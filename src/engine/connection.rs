//! The homeserver of a visit, and this page's device there.

use matrix_sdk::ruma::{OwnedDeviceId, OwnedUserId};
use matrix_sdk_crypto::OlmMachine;

pub use crate::domain::account::DEVICE_NAME;
use crate::engine::net::homeserver::Homeserver;

/// The homeserver, and this page's device there.
pub(in crate::engine) struct Connection {
    /// The homeserver, with our access token.
    pub(in crate::engine) server: Homeserver,
    /// The full Matrix ID.
    pub(in crate::engine) user_id: OwnedUserId,
    /// This page's device.
    pub(in crate::engine) device_id: OwnedDeviceId,
    /// The SDK's machine: device keys, and later the identity.
    pub(in crate::engine) machine: OlmMachine,
}
