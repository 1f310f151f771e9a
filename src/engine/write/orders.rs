//! The orders of a visit: their progress, their journal, and the server's last challenge.

use crate::engine::{
    sign_in::uia::LastChallenge,
    write::{identity::NewIdentity, journal::Journal, repair::Repair, rotate::Rotation, set_up::SetUp},
};

/// The orders of a visit. A set-up stays after its end, for the sheet with its key, while another order is carried out;
/// so each has its own place.
#[derive(Default)]
pub(in crate::engine) struct Orders {
    /// The writes of the last order, with what they replaced.
    pub(in crate::engine) journal: Journal,
    /// The last challenge of the server: the proof that it asks for.
    pub(in crate::engine) challenge: LastChallenge,
    /// The set-up that is prepared, under way or done.
    pub(in crate::engine) set_up: Option<SetUp>,
    /// The repair that is under way.
    pub(in crate::engine) repair: Option<Repair>,
    /// The fresh backup that is under way, or done.
    pub(in crate::engine) rotation: Option<Rotation>,
}

impl Orders {
    /// Tells whether an order is under way that compares the account with what the person saw when they agreed.
    pub(in crate::engine) fn is_writing(&self) -> bool {
        self.set_up.as_ref().is_some_and(SetUp::is_ordered)
            || self.repair.is_some()
            || self.rotation.as_ref().is_some_and(|rotation| !rotation.is_told)
    }

    /// Tells whether a new identity was made that is not published yet.
    pub(in crate::engine) fn is_about_to_publish(&self) -> bool {
        self.set_up.as_ref().is_some_and(SetUp::is_about_to_publish)
    }

    /// The identity that the set-up made.
    pub(in crate::engine) fn new_identity(&self) -> Option<&NewIdentity> {
        self.set_up.as_ref().and_then(SetUp::new_identity)
    }
}
