//! What the server has of an account, read and opened. Nothing here changes what an app would find, but for removing this
//! page's own stale devices.

pub(in crate::engine) mod account_data;
pub(in crate::engine) mod backup;
pub(in crate::engine) mod check;
pub(in crate::engine) mod derivation;
pub(in crate::engine) mod inspect;
pub(in crate::engine) mod kept;
pub(in crate::engine) mod opening;
pub(in crate::engine) mod public_key;
pub(in crate::engine) mod secret_storage;
pub(in crate::engine) mod stale_devices;
pub(in crate::engine) mod stranger;
pub(in crate::engine) mod tries;
pub(in crate::engine) mod written;
