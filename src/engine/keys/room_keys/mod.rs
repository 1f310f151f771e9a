//! Moves room keys from old backup versions to a new one, without losing any.
//!
//! ```text
//! versions ── download ── RoomKeys::open ──(merged)── upload ── compare
//! ```
//!
//! Memory holds the answer of one version at a time, and of each session the best key. A key is the few hundred bytes
//! of text that its client once encrypted. That text is moved unchanged, so that fields unknown to this page are kept.
//! Only missing fields that change nothing are filled in. All work is linear in the number of keys; the SDK's store,
//! which is not, is not used.
//!
//! Source: specification, "Server-side key backups".

mod backup_key;
mod collection;
mod compare;
mod downloaded;
mod pairs;
mod room_key;
mod session_data;
mod sift;
mod upload;
mod versions;

use std::{cell::Cell, time::Duration};

use matrix_sdk::sleep::sleep;

pub(in crate::engine) use self::{
    backup_key::BackupKey,
    collection::{Added, RoomKeys},
    compare::compare,
    downloaded::{Downloaded, download},
    pairs::Pairs,
    room_key::RoomKey,
    session_data::read as read_text,
    sift::{Sifted, Standing},
    upload::{Target, UploadState, Uploaded, upload},
    versions::versions,
};
use crate::domain::problem::Problem;

/// Keys that are worked on between two breaths: some hundredths of a second of work. A browser makes each pause at
/// least four milliseconds long.
const KEYS_PER_BREATH: usize = 250;

/// The reason for which work on room keys ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Interruption {
    /// It was asked to stop.
    Stopped,
    /// Something went wrong.
    Trouble(Problem),
}

impl<T: Into<Problem>> From<T> for Interruption {
    fn from(problem: T) -> Self {
        Self::Trouble(problem.into())
    }
}

/// Gives other events their turn, such as the message that asks to stop.
pub(in crate::engine) async fn breathe(stop: &Cell<bool>) -> Result<(), Interruption> {
    sleep(Duration::ZERO).await;
    if stop.get() { Err(Interruption::Stopped) } else { Ok(()) }
}

#[cfg(test)]
#[cfg(feature = "native")]
#[path = "../../../../tests/support/accounts/room_keys.rs"]
#[allow(dead_code, missing_docs)]
pub(in crate::engine) mod made;

#[cfg(test)]
#[cfg(feature = "native")]
mod tests;
