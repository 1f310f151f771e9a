//! The stage of comparing, as the screen draws it.

use super::sentences::{cancelled, differed_again, in_a_row};
use crate::{
    domain::{
        handed_over::{HandedBackupKey, HandedOver},
        verification::{CancelReason, Verification},
    },
    guide::{Goal, Step, step},
};

/// Seconds without an answer after which the screen offers help.
const NOBODY_AFTER: u32 = 60;
/// Seconds without a key after which the screen says what may be wrong.
const NOTHING_AFTER: u32 = 30;

/// All that the screen is drawn from: how far comparing is, and whether it has taken long.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) talk: &'a Verification,
    pub(super) came: Option<HandedOver>,
    pub(super) late: bool,
    pub(super) receives: bool,
    /// The emoji did not match for a second time.
    again: bool,
}

impl<'a> Scene<'a> {
    pub(super) fn of(step: &'a Step, again: bool) -> Option<Self> {
        let Step::Verify(step::Verify { goal, talk, waited, .. }) = step else { return None };
        let late = match talk {
            Verification::Asked => *waited >= NOBODY_AFTER,
            Verification::Done(_) => *waited >= NOTHING_AFTER,
            _ => false,
        };
        let (receives, came) = match goal {
            Goal::Receive { came, .. } => (true, *came),
            Goal::Give(_) => (false, None),
        };
        Some(Self { talk, came, late, receives, again })
    }

    /// Returns the key of the screen, which is drawn anew only when this changes, and keeps the focus otherwise.
    pub(super) fn key(self) -> String {
        let (part, detail) = match self.talk {
            Verification::Idle => ("idle", String::new()),
            Verification::Asked => ("asked", String::new()),
            Verification::AskedBy(partner) => ("asked by", partner.device_id.clone()),
            Verification::Agreed(_) => ("agreed", String::new()),
            // A button confirms the emoji that were drawn with it: so other emoji get other buttons.
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

    /// Tells whether the person had better not try again.
    pub(super) fn warns(self, reason: CancelReason) -> bool {
        reason == CancelReason::Swapped || (self.again && reason == CancelReason::Differed)
    }

    /// Says why comparing ended, and what that means.
    pub(super) fn cancelled(self, by_us: bool, reason: CancelReason) -> (&'static str, &'static str) {
        if reason == CancelReason::Differed && self.again {
            differed_again()
        } else {
            cancelled(by_us, reason)
        }
    }
}
