//! The sentence in which the page concludes, whichever way a person leaves.
//!
//! Findings, last screen and ending take it from here, so that none says more than another.
#![deny(clippy::wildcard_enum_match_arm)]

use super::{
    done::{Reach, Verdict},
    state::{Harvest, Outcome, Visit},
};
use crate::{
    domain::{
        coverage::Coverage,
        diagnosis::{Diagnosis, KeyKnown},
        opening::{Likeness, Opening},
        plan::Action,
    },
    words,
};

/// A conclusion in words: the heading, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The heading, without a full stop at its end.
    pub title: &'static str,
    /// The meaning for the person's messages.
    pub lead: &'static str,
}

/// Says of keys that may still be coming in what the page does about it. `watches`: it counts them on this screen.
pub fn coming_words(watches: bool) -> &'static str {
    if watches {
        words::verdict_we_keep_watching_until_no()
    } else {
        words::verdict_more_keys_may_still_have()
    }
}

/// Says of devices that earlier visits left what is known of them. `watches`: the page keeps looking for them.
pub fn left_over_words(watches: bool) -> &'static str {
    if watches {
        words::verdict_devices_that_earlier_visits_of()
    } else {
        words::verdict_when_we_last_looked_devices()
    }
}

/// Says what a new identity means for others and for the person's apps.
pub fn after_a_new_identity() -> [&'static str; 2] {
    [words::verdict_people_in_your_encrypted_rooms(), words::verdict_each_of_your_apps_has()]
}

/// Says of the identity that an order writes whether it replaces one.
pub fn identity_words(action: Action) -> &'static str {
    if action == Action::Reset {
        words::verdict_a_new_digital_identity_which()
    } else {
        words::verdict_a_digital_identity_so_that()
    }
}

/// Says while an order is written whether it can be stopped, and what happens if the tab is closed.
pub fn writing_words(action: Action) -> &'static str {
    match (action == Action::Rotate, action.can_be_withdrawn()) {
        (true, _) => words::verdict_if_you_close_the_tab(),
        (false, true) => words::verdict_keep_this_tab_open_at(),
        (false, false) => words::verdict_keep_this_tab_open_if(),
    }
}

/// Says what has become of the copy that was just made.
pub fn copy_words(room_keys: u64) -> &'static str {
    if room_keys == 0 { words::verdict_this_file_is_of_no() } else { words::verdict_your_copy_is_made_and() }
}

/// Names the places where keys may still be that no app of the person's has.
pub fn where_keys_may_be() -> [&'static str; 3] {
    [
        words::verdict_an_old_phone_or_computer(),
        words::verdict_a_file_with_exported_keys(),
        words::verdict_messages_whose_keys_nobody_has(),
    ]
}

/// The newest backup is one that no app can use, and nothing else that was found needs other words.
fn unusable() -> Sentence {
    Sentence { title: words::verdict_no_app_can_use_your(), lead: words::verdict_it_is_damaged_or_your() }
}

/// Whoever learns the password tries what is near it.
fn nearly_password() -> Sentence {
    Sentence {
        title: words::verdict_your_security_phrase_is_nearly(),
        lead: words::verdict_your_server_is_given_the(),
    }
}

/// The homeserver is given the phrase at each sign-in.
fn same_as_password() -> Sentence {
    Sentence {
        title: words::verdict_your_security_phrase_is_also(),
        lead: words::verdict_your_server_is_given_it(),
    }
}

impl Sentence {
    /// Says a verdict. `has_app`: the person is signed in to an app that may have more keys.
    pub fn of(verdict: Verdict, has_app: bool) -> Self {
        let [title, lead] = match (verdict, has_app) {
            (Verdict::Unchecked, _) => {
                [words::verdict_one_last_check(), words::verdict_we_open_everything_once_more()]
            }
            (Verdict::Safe(reach), _) => safe(reach),
            (Verdict::Gaps, true) => {
                [words::verdict_not_safe_yet(), words::verdict_some_messages_have_no_key()]
            }
            (Verdict::Gaps, false) => {
                [words::verdict_not_safe_yet(), words::verdict_some_messages_have_keys_that()]
            }
            (Verdict::Lost, _) => {
                [words::verdict_safe_from_now_on_but(), words::verdict_what_your_backup_opens_is()]
            }
            (Verdict::Untidy, _) => {
                [words::verdict_almost_there(), words::verdict_your_chats_are_safe_devices()]
            }
            (Verdict::Almost, true) => {
                [words::verdict_almost_there(), words::verdict_lines_with_an_empty_circle()]
            }
            (Verdict::Almost, false) => {
                [words::verdict_almost_there(), words::verdict_lines_with_an_empty_circle_still_need()]
            }
        };
        Self { title, lead }
    }

    /// Says what an entered key showed; `None` if the diagnosis has to say something else first.
    pub fn at_findings(visit: &Visit, diagnosis: Diagnosis) -> Option<Self> {
        if !diagnosis.key_opens_everything() {
            return Self::of_circumstances(visit, diagnosis);
        }
        if visit.has_gaps() {
            let has_app = visit.has_app();
            return Some(Self::of(if has_app { Verdict::Gaps } else { Verdict::Lost }, has_app));
        }
        (diagnosis == Diagnosis::DeviceUnverified).then_some(Self {
            title: words::verdict_your_key_works_but_one(),
            lead: words::verdict_your_key_opens_everything_that(),
        })
    }

    /// Says what is so beside a diagnosis, and has to be said in its place; `None` where its own sentence is enough.
    fn of_circumstances(visit: &Visit, diagnosis: Diagnosis) -> Option<Self> {
        if diagnosis == Diagnosis::StoredForFewClients
            && let Some(found) = visit.known.key.opening().and_then(Opening::found)
        {
            match found.password {
                Likeness::Same => return Some(same_as_password()),
                Likeness::Alike => return Some(nearly_password()),
                Likeness::Other => {}
            }
        }
        let has_little = matches!(diagnosis, Diagnosis::IdentityOnly | Diagnosis::NothingSetUp);
        (has_little && visit.account.has_unusable_backup()).then_some(unusable())
    }

    /// Says how a visit ended.
    pub fn at_the_end(outcome: &Outcome) -> Self {
        let has_ended = |title, lead| Self { title, lead };
        match outcome {
            Outcome::NothingChanged => {
                has_ended(words::verdict_nothing_was_changed(), words::verdict_your_account_is_as_it())
            }
            Outcome::Changed(None) => has_ended(
                words::verdict_your_changes_are_made(),
                words::verdict_something_is_still_missing_do(),
            ),
            Outcome::Checked(harvest)
            | Outcome::Changed(Some(harvest))
            | Outcome::BackupOn(harvest)
            | Outcome::Done(harvest) => match (Verdict::of(harvest), outcome) {
                (Verdict::Unchecked, Outcome::Checked(harvest)) if harvest.visit.was_whole() => has_ended(
                    words::verdict_your_key_works_nothing_was(),
                    words::verdict_every_message_we_looked_at(),
                ),
                (Verdict::Unchecked, Outcome::Checked(_)) => {
                    has_ended(words::verdict_your_key_works_nothing_was(), unlooked(harvest))
                }
                (Verdict::Unchecked, Outcome::Changed(_)) => {
                    has_ended(words::verdict_your_changes_are_made(), unlooked(harvest))
                }
                (Verdict::Unchecked, Outcome::NothingChanged | Outcome::BackupOn(_) | Outcome::Done(_)) => {
                    has_ended(words::verdict_backup_is_on(), unlooked(harvest))
                }
                (verdict, _) => Self::of(verdict, harvest.visit.has_app()),
            },
        }
    }
}

/// Says what is not known, where nobody has looked at every message.
fn unlooked(harvest: &Harvest) -> &'static str {
    if harvest.visit.has_app() {
        words::verdict_we_have_not_checked_which()
    } else {
        words::verdict_we_have_not_checked_which_messages_are()
    }
}

fn safe(reach: Reach) -> [&'static str; 2] {
    let (limited, whole) = (words::verdict_youre_safe_as_far_as(), words::verdict_youre_safe());
    match reach {
        Reach::NoMessages => [limited, words::verdict_your_recovery_key_opens_your()],
        Reach::AsFarAsLooked => [limited, words::verdict_with_your_recovery_key_you()],
        Reach::ButUnreadable => [limited, words::verdict_with_your_recovery_key_you_can_read()],
        Reach::FromJoining => [whole, words::verdict_with_your_recovery_key_you_can_read_your_private()],
        Reach::Whole => [whole, words::verdict_with_your_recovery_key_you_can_read_every_private()],
    }
}

impl Outcome {
    /// The verdict, if the key was seen to open everything.
    pub fn verdict(&self) -> Option<Verdict> {
        self.harvest().map(Verdict::of)
    }

    /// Everything that came in, if the key was seen to open everything.
    pub fn harvest(&self) -> Option<&Harvest> {
        match self {
            Self::NothingChanged | Self::Changed(None) => None,
            Self::Checked(harvest)
            | Self::Changed(Some(harvest))
            | Self::BackupOn(harvest)
            | Self::Done(harvest) => Some(harvest),
        }
    }

    /// Tells whether the page may say that the tab can be closed: nothing is left to do that is known of.
    pub fn may_close(&self) -> bool {
        match self {
            Self::NothingChanged => true,
            Self::Changed(None) => false,
            Self::Checked(harvest)
            | Self::Changed(Some(harvest))
            | Self::BackupOn(harvest)
            | Self::Done(harvest) => match Verdict::of(harvest) {
                Verdict::Safe(_) => true,
                Verdict::Unchecked => harvest.visit.was_whole(),
                Verdict::Gaps | Verdict::Lost | Verdict::Untidy | Verdict::Almost => false,
            },
        }
    }
}

impl Visit {
    /// Tells whether the person is signed in to an app, and has not said that it is lost.
    pub fn has_app(&self) -> bool {
        self.account.has_apps() && !self.known.app_lost
    }

    /// The newest messages that were looked at when the key was tried.
    pub fn coverage(&self) -> Option<Coverage> {
        match &self.known.key {
            KeyKnown::Tried(opening) => opening.found().and_then(|found| found.coverage),
            KeyKnown::NotAsked | KeyKnown::Lost => None,
        }
    }

    /// Tells whether some messages had no key in the backup when the key was tried.
    pub(in crate::guide) fn has_gaps(&self) -> bool {
        self.coverage().is_some_and(|coverage| !coverage.is_whole())
    }

    /// Tells whether every message had its key when the key was tried, and no app is left out of the backup.
    fn was_whole(&self) -> bool {
        let is_whole = self.coverage().is_some_and(|coverage| coverage.is_whole() && coverage.seen > 0);
        is_whole && !self.account.has_unverified_app()
    }
}
