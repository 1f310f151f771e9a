//! The orders of a visit: what was begun, what was written for it, and what the server asked for.

use crate::engine::{
    sign_in::uia::LastChallenge,
    write::{identity::NewIdentity, journal::Journal, repair::Repair, rotate::Rotation, set_up::SetUp},
};

/// The orders. A set-up stays after its end, for the sheet with its key, while another order is carried out: so each has
/// its own place.
#[derive(Default)]
pub(in crate::engine) struct Orders {
    /// What was written since the last order began, with what stood there before.
    pub(in crate::engine) journal: Journal,
    /// What the server asked for last before it does something grave.
    pub(in crate::engine) challenge: LastChallenge,
    /// The writing under a new key that is prepared or under way.
    pub(in crate::engine) set_up: Option<SetUp>,
    /// The mending that did not come to its end yet.
    pub(in crate::engine) repair: Option<Repair>,
    /// The fresh backup that is under way, or done.
    pub(in crate::engine) rotation: Option<Rotation>,
}

impl Orders {
    /// Tells whether something is being written that compares with what the person saw when they agreed.
    pub(in crate::engine) fn is_writing(&self) -> bool {
        self.set_up.as_ref().is_some_and(SetUp::is_ordered)
            || self.repair.is_some()
            || self.rotation.as_ref().is_some_and(|rotation| !rotation.is_told)
    }

    /// Tells whether a new identity was made that is not published yet.
    pub(in crate::engine) fn is_about_to_publish(&self) -> bool {
        self.set_up.as_ref().is_some_and(SetUp::is_about_to_publish)
    }

    /// The identity that was made.
    pub(in crate::engine) fn new_identity(&self) -> Option<&NewIdentity> {
        self.set_up.as_ref().and_then(SetUp::new_identity)
    }
}
