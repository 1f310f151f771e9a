//! A web page that sets up encrypted key backup for a Matrix account, proves that the kept key opens
//! it, and signs itself out.
//!
//! # Layers
//! - [`domain`]: facts and decisions; pure.
//! - [`protocol`]: the messages between the page and the worker; imports the domain only.
//! - `guide` (for the page and for tests): the steps a person goes through; pure. The engine is built without it.
//! - `engine` (feature `engine`): the only part that imports matrix-sdk; runs in a worker.
//! - `estimate` (feature `estimate`): estimates how many guesses a phrase withstands, in a worker of its own; imports the
//!   domain only.
//! - `photo` (feature `photo`): reads the key from a photo of the printed kit, in a worker of its own; imports the domain
//!   only.
//! - `readiness` (feature `readiness`): judges for an administrator what users have stored, in a worker of its own; imports
//!   the domain only.
//! - `app` (feature `app`): one screen per step; draws the guide's state and sends it inputs.
//!
//! # Where secrets live
//! The account password goes from its field to the engine, and from there to the homeserver. The page holds the
//! phrase and the recovery key only while a screen shows or compares them, as a [`domain::secret::Secret`]. Private
//! keys of the identity and of the backup never leave the engine unencrypted. Nothing is stored in the browser;
//! ending the worker is the last act.
//!
//! # Whom this trusts
//! The page trusts whoever serves it, the browser and its extensions. It does not trust the homeserver, which gets
//! every secret but the account password encrypted. What the homeserver returns is compared with what it should be.

pub mod domain;
#[cfg(any(feature = "estimate", test))]
pub mod estimate;
#[cfg(any(feature = "app", test))]
pub mod guide;
#[cfg(any(feature = "photo", test))]
pub mod photo;
pub mod protocol;
#[cfg(any(feature = "readiness", feature = "native", test))]
pub mod readiness;
pub mod words;

#[cfg(feature = "app")]
pub mod app;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
#[cfg(test)]
mod structure;
