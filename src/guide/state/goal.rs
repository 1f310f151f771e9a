//! The two reasons to compare emoji with an app.

use super::{harvest::Harvest, visit::Visit};
use crate::domain::handed_over::HandedOver;

/// The reason to compare emoji.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// The app hands over secrets to this page.
    Receive {
        /// The account and its server.
        visit: Box<Visit>,
        /// What it has handed over.
        came: Option<HandedOver>,
    },
    /// This page hands over secrets to the app.
    Give(Box<Harvest>),
}

impl Goal {
    /// The app is to hand over secrets, and has not yet.
    pub fn receive(visit: Box<Visit>) -> Self {
        Self::Receive { visit, came: None }
    }

    /// The account and its server.
    pub fn visit(&self) -> &Visit {
        match self {
            Self::Receive { visit, .. } => visit,
            Self::Give(harvest) => &harvest.visit,
        }
    }
}
