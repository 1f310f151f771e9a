//! How far comparing is, as it is drawn.

use super::words::{DIFFERED_AGAIN, cancelled, in_a_row};
use crate::{
    domain::{
        handed_over::{HandedBackupKey, HandedOver},
        verification::{CancelReason, Verification},
    },
    guide::{Goal, Step},
};

/// After so many seconds without an answer, help is offered.
const NOBODY_AFTER: u32 = 60;
/// After so many seconds without a key, it is explained.
const NOTHING_AFTER: u32 = 30;

/// What is drawn: how far it is, and whether it has taken long.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) talk: &'a Verification,
    pub(super) came: Option<HandedOver>,
    pub(super) late: bool,
    pub(super) receives: bool,
    /// Whether the emoji did not match for a second time.
    again: bool,
}

impl<'a> Scene<'a> {
    pub(super) fn of(step: &'a Step, again: bool) -> Option<Self> {
        let Step::Verify { goal, talk, handed_over, waited, .. } = step else { return None };
        let late = match talk {
            Verification::Asked => *waited >= NOBODY_AFTER,
            Verification::Done(_) => *waited >= NOTHING_AFTER,
            _ => false,
        };
        Some(Self { talk, came: *handed_over, late, receives: matches!(goal, Goal::Receive(_)), again })
    }

    /// What has to be drawn anew when it changes. Everything else keeps its elements, and the focus.
    pub(super) fn key(self) -> String {
        let (part, detail) = match self.talk {
            Verification::Idle => ("idle", String::new()),
            Verification::Asked => ("asked", String::new()),
            Verification::AskedBy(partner) => ("asked by", partner.device_id.clone()),
            Verification::Agreed(_) => ("agreed", String::new()),
            // What a button confirms is what was drawn with it: other emoji get other buttons.
            Verification::Comparing { partner, shown } => {
                let emoji: String = shown.emoji().iter().map(|emoji| emoji.symbol.as_str()).collect();
                ("comparing", [&*partner.device_id, &*emoji, &in_a_row(shown)].concat())
            }
            Verification::Confirmed(_) => ("confirmed", String::new()),
            Verification::Done(_) => ("done", String::new()),
            Verification::Cancelled { by_us, reason } => (self.cancelled(*by_us, *reason).0, String::new()),
        };
        let came = self.came.map_or("", |came| match (came.identity, came.backup) {
            (true, _) => "identity",
            (false, HandedBackupKey::Fits) => "backup",
            (false, _) => "nothing",
        });
        [part, &detail, came, if self.late { "late" } else { "" }].join("/")
    }

    /// Whether trying again is not what we would do.
    pub(super) fn warns(self, reason: CancelReason) -> bool {
        reason == CancelReason::Swapped || (self.again && reason == CancelReason::Differed)
    }

    /// Why it ended, and what that means.
    pub(super) fn cancelled(self, by_us: bool, reason: CancelReason) -> (&'static str, &'static str) {
        if reason == CancelReason::Differed && self.again { DIFFERED_AGAIN } else { cancelled(by_us, reason) }
    }
}
