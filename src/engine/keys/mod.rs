//! Moves room keys: out of a backup, into one, from a file and into one.

pub(in crate::engine) mod import;
pub(in crate::engine) mod key_file;
pub(in crate::engine) mod mend;
pub(in crate::engine) mod room_keys;
pub(in crate::engine) mod take_home;
