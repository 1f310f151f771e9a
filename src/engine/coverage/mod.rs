//! Whether the keys of messages are in the backup, and open.
//!
//! ```text
//! rooms (one request) ── for each, newest first: messages (a page at a time) ── held against ── entries, opened
//! ```
//!
//! The ids of sessions and the indexes of messages are in the clear, and so is what a server says of the entries in
//! a backup: it is not believed. Each entry that a message needs is decrypted with the key that the person kept, has
//! to be that very session's, opens from the index that the key itself has, and has to open one message of the session.
//! An entry may be damaged, stand under another session's name, be made up, or lie; a client would then be left without
//! the message, and so nobody must be told that it is safe. Which messages there are remains the server's word.
//!
//! The newest messages of every room are looked at first, so that there is an answer in seconds. From there the look
//! goes on to the beginning of every room, in slices that end when the next command comes. What is kept of a session
//! is what its entry is worth and ranges of the indexes that were seen.
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
