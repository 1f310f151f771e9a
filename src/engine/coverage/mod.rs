//! Whether the keys of messages are in the backup: needs no key, since the ids of sessions and the indexes
//! of messages are in the clear.
//!
//! ```text
//! rooms (one request) ── for each, newest first: messages (a page at a time) ── compared with ── held
//! ```
//!
//! All of it is the server's word: which messages there are, and from which index on the backup has a
//! session. A server that lies about the second can make somebody believe that a message is safe. It cannot
//! make us write or delete anything by that; and it could as well throw the backup away tomorrow, so that
//! there is nothing to be won by opening every key only to count (see [`super::room_keys`] for where they
//! are opened, because something depends on it).
//!
//! Source: specification, "Server-side key backups", "Room events"; the Megolm message format for the index.

#[cfg(feature = "fuzzing")]
pub(super) mod fuzzing;
mod held;
mod message;
mod newest;
mod room;
mod rooms;
mod survey;

#[cfg(test)]
#[cfg(feature = "native")]
pub(super) use self::newest::sessions as sessions_of_newest;
pub(super) use self::{
    newest::of_newest,
    survey::{Survey, cover},
};
