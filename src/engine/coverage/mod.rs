//! Finds out which messages have a key in the backup that opens them.
//!
//! ```text
//! rooms (one request) ── for each, newest first: messages (a page at a time) ── held against ── entries, opened
//! ```
//!
//! Session ids and message indexes are unencrypted, and so is what a server says of a backup's entries, which
//! is not believed. Each entry that a message needs is decrypted with the backup key. It has to hold that
//! very session's room key, which has to open one message of the session, and opens from its own index on. An
//! entry may be damaged, forged, false, or stored under another session's id. An app would then lack the
//! message, so nobody may be told that it is safe. Which messages there are remains the server's word.
//!
//! The newest messages of every room are looked at first, so that there is an answer in seconds. Then the look goes on
//! to the beginning of every room, in slices that end when the next command comes. Of a session only the worth of its
//! entry and ranges of seen indexes are kept.
//!
//! Source: specification, "Server-side key backups", "Room events"; the Megolm message format for the index.

mod entry;
#[cfg(feature = "fuzzing")]
pub(super) mod fuzzing;
mod held;
mod message;
mod newest;
mod room;
mod rooms;
mod seen;
mod survey;

#[cfg(test)]
#[cfg(feature = "native")]
pub(super) use self::newest::sessions as sessions_of_newest;
pub(super) use self::{
    newest::of_newest,
    survey::{Survey, cover, go_further},
};
