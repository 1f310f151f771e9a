//! The parts of a visit that an order reads while it is carried out.

use crate::{
    domain::problem::Problem,
    engine::{
        account::{inspect::Inspection, keyring::Keyring},
        connection::Connection,
        sign_in::uia::LastChallenge,
        write::journal::Journal,
    },
};

/// The parts of a visit that orders read; each order keeps its own progress.
#[derive(Clone, Copy)]
pub(in crate::engine) struct Context<'a> {
    /// The homeserver, and this page's device there.
    pub(in crate::engine) connection: &'a Connection,
    /// The writes of this order.
    pub(in crate::engine) journal: &'a Journal,
    /// The proof that the server asked for last.
    pub(in crate::engine) challenge: &'a LastChallenge,
    /// The account as the person saw it, if it was looked at.
    pub(in crate::engine) inspection: Option<&'a Inspection>,
    /// The keys of the visit.
    pub(in crate::engine) keyring: &'a Keyring,
}

impl<'a> Context<'a> {
    /// The account as the person saw it when they agreed.
    ///
    /// # Errors
    /// [`Problem::OutOfOrder`] if it was not looked at.
    #[track_caller]
    pub(in crate::engine) fn seen(&self) -> Result<&'a Inspection, Problem> {
        self.inspection.ok_or(Problem::out_of_order())
    }
}
