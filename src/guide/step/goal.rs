//! The two reasons to compare emoji with an app.

use super::{harvest::Harvest, visit::Visit};

/// What comparing emoji is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// The app has what this page needs.
    Receive(Box<Visit>),
    /// This page has what the app needs.
    Give(Box<Harvest>),
}

impl Goal {
    /// The account and its server.
    pub fn visit(&self) -> &Visit {
        match self {
            Self::Receive(visit) => visit,
            Self::Give(harvest) => &harvest.visit,
        }
    }
}
