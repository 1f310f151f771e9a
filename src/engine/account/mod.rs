//! The account on the server, piece by piece: each is read, opened and written here. The sequence of writes,
//! and how they are taken back, is for [`write`](super::write).

pub(in crate::engine) mod account_data;
pub(in crate::engine) mod archive;
pub(in crate::engine) mod backup;
pub(in crate::engine) mod check;
pub(in crate::engine) mod derivation;
pub(in crate::engine) mod event_types;
pub(in crate::engine) mod inspect;
pub(in crate::engine) mod kept;
pub(in crate::engine) mod keyring;
pub(in crate::engine) mod opened;
pub(in crate::engine) mod our_backup;
pub(in crate::engine) mod public_key;
pub(in crate::engine) mod published_identity;
pub(in crate::engine) mod secret_storage;
pub(in crate::engine) mod stale_devices;
pub(in crate::engine) mod stranger;
pub(in crate::engine) mod tries;
