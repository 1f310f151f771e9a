//! The two reasons to compare emoji with an app.

use super::{harvest::Harvest, visit::Visit};

/// The reason to compare emoji.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// The app hands over secrets to this page.
    Receive(Box<Visit>),
    /// This page hands over secrets to the app.
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
