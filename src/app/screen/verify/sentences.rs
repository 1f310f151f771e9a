//! The sentences for comparing emoji, where they depend on how it went.

use crate::{
    domain::verification::{CancelReason, Partner, Shown},
    words,
};

/// Says that the emoji differed a second time: once may be an accident.
pub(super) fn differed_again() -> (&'static str, &'static str) {
    (words::verify_the_emoji_did_not_match(), words::verify_somebody_may_be_between_you())
}

pub(super) fn partner_name(partner: &Partner) -> &str {
    partner.name.as_deref().unwrap_or(&partner.device_id)
}

pub(super) fn other_way(receives: bool) -> &'static str {
    if receives {
        words::verify_another_way_go_back_if()
    } else {
        words::verify_another_way_go_back_another()
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
            (words::verify_you_stopped_comparing(), words::verify_nothing_was_shared_you_can())
        }
        CancelReason::Declined => {
            (words::verify_your_other_device_said_no(), words::verify_nothing_was_shared_perhaps_its())
        }
        CancelReason::TimedOut => (words::verify_it_took_too_long(), words::verify_the_two_devices_did_not()),
        CancelReason::Differed => {
            (words::verify_the_emoji_did_not_match_nothing_was(), words::verify_often_an_older_question_was())
        }
        CancelReason::AnsweredElsewhere => {
            (words::verify_another_of_your_devices_has(), words::verify_only_one_can_at_a())
        }
        CancelReason::Unsupported => {
            (words::verify_that_app_cannot_compare_emoji(), words::verify_nothing_was_shared_try_another())
        }
        CancelReason::KeysDiffer => {
            (words::verify_the_other_devices_keys_are(), words::verify_so_we_stopped_and_nothing())
        }
        CancelReason::Swapped => {
            (words::verify_somebody_began_a_second_comparison(), words::verify_we_stopped_and_nothing_was())
        }
        CancelReason::Failed => (
            words::verify_the_two_devices_did_not_understand_each(),
            words::verify_nothing_was_shared_reload_the(),
        ),
    }
}
