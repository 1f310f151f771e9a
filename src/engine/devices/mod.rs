//! The person's other devices: listening to them, comparing emoji with them, and exchanging secrets with them.

pub(in crate::engine) mod admission;
pub(in crate::engine) mod hearing;
pub(in crate::engine) mod listening;
pub(in crate::engine) mod olm;
pub(in crate::engine) mod outgoing;
pub(in crate::engine) mod own_device_keys;
pub(in crate::engine) mod received_secrets;
pub(in crate::engine) mod secret_requests;
pub(in crate::engine) mod talk;
pub(in crate::engine) mod verification;
pub(in crate::engine) mod vouching;
