//! What a host may take off the list of what can be done here.

use super::reading::Reading;
use crate::domain::{json::Json, plan::Action};

pub(super) const KEYS: [&str; 4] = ["change_key", "rotate", "import", "inside_element"];

/// What is on offer beside what a person needs. The rest of the page cannot be withheld: making a key and
/// checking it, finding out what is wrong and mending it, seeing what is covered, taking a copy home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offers {
    /// A new recovery key where the old one opens everything.
    pub change_key: bool,
    /// A fresh backup where the old one is in order.
    pub rotate: bool,
    /// Taking keys from a file, as long as an app can still send them.
    pub import: bool,
    /// The way to do it inside Element, on the first screen.
    pub inside_element: bool,
}

impl Default for Offers {
    fn default() -> Self {
        Self { change_key: true, rotate: true, import: true, inside_element: true }
    }
}

impl Offers {
    pub(super) fn read(reading: &mut Reading, json: Option<&Json>) -> Self {
        let Some(json) = reading.object("journeys", json, &KEYS) else { return Self::default() };
        let [change_key, rotate, import, inside_element] =
            KEYS.map(|key| reading.flag(&["journeys.", key].concat(), json.get(key)).unwrap_or(true));
        Self { change_key, rotate, import, inside_element }
    }

    /// Whether a host withholds this from people for whom nothing is wrong.
    pub fn withhold(self, action: Action) -> bool {
        match action {
            Action::ChangeKey => !self.change_key,
            Action::Rotate => !self.rotate,
            Action::SetUp
            | Action::Finish
            | Action::EnterKey
            | Action::SayKeyLost
            | Action::SayAppLost
            | Action::WantBackup
            | Action::Repair
            | Action::Reset
            | Action::AddKey
            | Action::Verify
            | Action::BringKeys
            | Action::Cover
            | Action::End => false,
        }
    }
}
