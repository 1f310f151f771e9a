//! The orders that change an account: their tasks in order, and how an order that fails is taken back.

pub(in crate::engine) mod context;
pub(in crate::engine) mod identity;
pub(in crate::engine) mod journal;
pub(in crate::engine) mod key_change;
pub(in crate::engine) mod kit;
pub(in crate::engine) mod new_key;
pub(in crate::engine) mod older_keys;
pub(in crate::engine) mod orders;
pub(in crate::engine) mod phrase;
pub(in crate::engine) mod progress;
pub(in crate::engine) mod repair;
pub(in crate::engine) mod rotate;
pub(in crate::engine) mod set_up;
pub(in crate::engine) mod stored_backup_key;
pub(in crate::engine) mod stored_form;
pub(in crate::engine) mod stored_identity;
pub(in crate::engine) mod withdrawal;
