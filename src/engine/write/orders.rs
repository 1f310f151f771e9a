//! The orders of a visit: their progress, their journal, and the server's last challenge.

use crate::{
    domain::{plan::Action, secret::Secret},
    engine::{
        sign_in::uia::LastChallenge,
        write::{identity::NewIdentity, journal::Journal, repair::Repair, rotate::Rotation, set_up::SetUp},
    },
};

/// The orders of a visit. A set-up stays after its end, for the sheet with its key, while another order is carried out;
/// so it has its own place.
#[derive(Default)]
pub(in crate::engine) struct Orders {
    /// The writes of the last order, with what they replaced.
    pub(in crate::engine) journal: Journal,
    /// The last challenge of the server: the proof that it asks for.
    pub(in crate::engine) challenge: LastChallenge,
    /// The number of times in a row that the account password was refused as proof.
    pub(in crate::engine) refused: u32,
    /// What the person agreed to, with the key as they entered it; kept while a proof is asked for.
    pub(in crate::engine) agreed: Option<(Action, Secret)>,
    /// The set-up that is prepared, under way or done.
    pub(in crate::engine) set_up: Option<SetUp>,
    /// The last order that makes no key.
    pub(in crate::engine) with_old_key: WithOldKey,
}

/// An order that makes no key: it writes under the one that was opened. One at a time: the page begins none
/// before the one under way has ended.
#[derive(Default)]
pub(in crate::engine) enum WithOldKey {
    /// None was begun, or it is done.
    #[default]
    Nothing,
    /// A repair is under way.
    Repair(Box<Repair>),
    /// A fresh backup is under way, or done.
    Rotation(Box<Rotation>),
}

impl Orders {
    /// Tells whether an order is under way that compares the account with what the person saw when they agreed.
    pub(in crate::engine) fn is_writing(&self) -> bool {
        let is_under_way = match &self.with_old_key {
            WithOldKey::Nothing => false,
            WithOldKey::Repair(_) => true,
            WithOldKey::Rotation(rotation) => !rotation.is_told,
        };
        is_under_way || self.set_up.as_ref().is_some_and(SetUp::is_ordered)
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
