//! The optional actions, which a host may switch off.

use super::reading::Reading;
use crate::domain::{json::Json, plan::Action};

pub(super) const KEYS: [&str; 4] = ["change_key", "rotate", "import", "inside_element"];

/// Tells for each optional action whether the page offers it. A host cannot switch off what people need: to make and
/// check a key, to mend, to see what is covered, to take a copy home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offers {
    /// A new recovery key, where the old one opens everything.
    pub change_key: bool,
    /// A fresh backup, where the old one is in order.
    pub rotate: bool,
    /// Import of room keys from a file, while an app could still send them.
    pub import: bool,
    /// The hint on the first screen that Element can do this, too.
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

    /// Tells whether the host has switched this action off for people for whom nothing is wrong.
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
