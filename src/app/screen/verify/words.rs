//! The sentences for comparing emoji, where they depend on how it went.

use crate::domain::verification::{CancelReason, Partner, Shown};

/// Says that the emoji differed a second time: once may be an accident.
pub(super) const DIFFERED_AGAIN: (&str, &str) = (
    "The emoji did not match again. Nothing was shared.",
    "Somebody may be between you and your server. Stop here, and ask its administrator.",
);

pub(super) fn partner_name(partner: &Partner) -> &str {
    partner.name.as_deref().unwrap_or(&partner.device_id)
}

pub(super) fn other_way(receives: bool) -> &'static str {
    if receives {
        "Another way: go back. If you have a recovery key, enter it there."
    } else {
        "Another way: go back. “Another way” there says how to enter the recovery key in the app yourself."
    }
}

pub(super) fn in_a_row(shown: &Shown) -> String {
    let (first, second, third) = shown.decimals();
    [first, second, third].map(|number| number.to_string()).join(" · ")
}

/// Says why comparing ended, and what that means.
pub(super) fn cancelled(by_us: bool, reason: CancelReason) -> (&'static str, &'static str) {
    match reason {
        CancelReason::Declined if by_us => {
            ("You stopped comparing.", "Nothing was shared. You can try again at any time.")
        }
        CancelReason::Declined => {
            ("Your other device said no.", "Nothing was shared. Perhaps its question was closed by mistake.")
        }
        CancelReason::TimedOut => {
            ("It took too long.", "The two devices did not hear from each other in time. Nothing was shared.")
        }
        CancelReason::Differed => (
            "The emoji did not match. Nothing was shared.",
            "Often an older question was still open in the app. Close it there and try once more. If they differ again, somebody may be between you and your server: stop, and ask its administrator.",
        ),
        CancelReason::AnsweredElsewhere => (
            "Another of your devices has answered.",
            "Only one can at a time. Go on there, or try again and answer on the one you want.",
        ),
        CancelReason::Unsupported => {
            ("That app cannot compare emoji.", "Nothing was shared. Try another app of yours.")
        }
        CancelReason::KeysDiffer => (
            "The other device's keys are not those that your server lists.",
            "So we stopped, and nothing was shared. If this happens again, ask your server's administrator.",
        ),
        CancelReason::Swapped => (
            "Somebody began a second comparison in the middle of this one.",
            "We stopped, and nothing was shared. Your apps don't do that: somebody, perhaps your server, may be trying to deceive you. Don't compare again today, and show this to somebody you trust who knows the chat.",
        ),
        CancelReason::Failed => (
            "The two devices did not understand each other.",
            "Nothing was shared. Reload the app and try again.",
        ),
    }
}
