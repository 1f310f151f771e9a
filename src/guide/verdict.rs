//! The sentence in which the page concludes, whichever way a person leaves.
//!
//! Findings, last screen and ending take it from here, so that none says more than another.
#![deny(clippy::wildcard_enum_match_arm)]

use super::{
    done::{Reach, Verdict},
    state::{Harvest, Outcome, Visit},
};
use crate::domain::{
    coverage::Coverage,
    diagnosis::{Diagnosis, KeyKnown},
    opening::{Likeness, Opening},
    plan::Action,
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
        "We keep watching until no more keys come in. Do not sign out of your app yet."
    } else {
        "More keys may still have been on their way. Do not sign out of your app until you have looked again."
    }
}

/// Says of devices that earlier visits left what is known of them. `watches`: the page keeps looking for them.
pub fn left_over_words(watches: bool) -> &'static str {
    if watches {
        "Devices that earlier visits of this page left are still in your account."
    } else {
        "When we last looked, devices that earlier visits of this page left were still in your account."
    }
}

/// Says what a new identity means for others and for the person's apps.
pub const AFTER_A_NEW_IDENTITY: [&str; 2] = [
    "People in your encrypted rooms may see that your digital identity was reset. Those who verified you have to confirm it first.",
    "Each of your apps has to be confirmed again, with the new recovery key.",
];

/// Says of the identity that an order writes whether it replaces one.
pub fn identity_words(action: Action) -> &'static str {
    if action == Action::Reset {
        "A new digital identity, which replaces the one you have now."
    } else {
        "A digital identity, so that your apps can trust each other."
    }
}

/// Says while an order is written whether it can be stopped, and what happens if the tab is closed.
pub fn writing_words(action: Action) -> &'static str {
    match (action == Action::Rotate, action.can_be_withdrawn()) {
        (true, _) => {
            "If you close the tab, nothing is lost. Come back with your key, and it can be finished."
        }
        (false, true) => {
            "Keep this tab open. At your server's proof, you can still cancel. If the tab closes, no app loses a key: sign in here again."
        }
        (false, false) => "Keep this tab open. If it closes, no app loses a key: sign in here again.",
    }
}

/// Says what has become of the copy that was just made.
pub fn copy_words(room_keys: u64) -> &'static str {
    if room_keys == 0 {
        "This file is of no use: no key is in it, since your backup has none that opens. Make a copy once keys have come."
    } else {
        "Your copy is made, and goes to your downloads."
    }
}

/// Names the places where keys may still be that no app of the person's has.
pub const WHERE_KEYS_MAY_BE: [&str; 3] = [
    "An old phone or computer on which you can still read your chats. Don't sign out there: come back here when it is online.",
    "A file with exported keys. You can import it here, on any later visit.",
    "Messages whose keys nobody has can't be brought back.",
];

/// The newest backup is one that no app can use, and nothing else that was found needs other words.
const UNUSABLE: Sentence = Sentence {
    title: "No app can use your newest backup",
    lead: "It is damaged, or your server can't show it to us. Older ones may be there; nothing here deletes them.",
};

/// Whoever learns the password tries what is near it.
const NEARLY_PASSWORD: Sentence = Sentence {
    title: "Your security phrase is nearly the same as your account password",
    lead: "Your server is given the password each time you sign in, so whoever runs the server could soon guess the phrase. Get a new recovery key.",
};

/// The homeserver is given the phrase at each sign-in.
const SAME_AS_PASSWORD: Sentence = Sentence {
    title: "Your security phrase is also your account password",
    lead: "Your server is given it each time you sign in, so whoever runs the server could open your backup. Get a new recovery key.",
};

impl Sentence {
    /// Says a verdict. `has_app`: the person is signed in to an app that may have more keys.
    pub fn of(verdict: Verdict, has_app: bool) -> Self {
        let [title, lead] = match (verdict, has_app) {
            (Verdict::Unchecked, _) => {
                ["One last check", "We open everything once more, as a new device would."]
            }
            (Verdict::Safe(reach), _) => safe(reach),
            (Verdict::Gaps, true) => [
                "Not safe yet",
                "Some messages have no key in the backup that an app can read. Signed out everywhere, you could no longer read them. Stay signed in to your app.",
            ],
            (Verdict::Gaps, false) => [
                "Not safe yet",
                "Some messages have keys that only this page can read, and no app. They can be repaired here.",
            ],
            (Verdict::Lost, _) => [
                "Safe from now on, but some older messages can't be read",
                "What your backup opens is safe. New messages are, once your next app has your recovery key. Some older messages have no key that an app can read, and you're not signed in to any app that could have it.",
            ],
            (Verdict::Untidy, _) => [
                "Almost there",
                "Your chats are safe. Devices that earlier visits of this page left can still be removed.",
            ],
            (Verdict::Almost, true) => [
                "Almost there",
                "Lines with an empty circle still need you. Stay signed in to your app until then.",
            ],
            (Verdict::Almost, false) => ["Almost there", "Lines with an empty circle still need you."],
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
            title: "Your key works, but one of your apps isn't backing up yet",
            lead: "Your key opens everything. That app is not confirmed, so what only it holds is not saved.",
        })
    }

    /// Says what is so beside a diagnosis, and has to be said in its place; `None` where its own sentence is enough.
    fn of_circumstances(visit: &Visit, diagnosis: Diagnosis) -> Option<Self> {
        if diagnosis == Diagnosis::StoredForFewClients
            && let Some(found) = visit.known.key.opening().and_then(Opening::found)
        {
            match found.password {
                Likeness::Same => return Some(SAME_AS_PASSWORD),
                Likeness::Alike => return Some(NEARLY_PASSWORD),
                Likeness::Other => {}
            }
        }
        let has_little = matches!(diagnosis, Diagnosis::IdentityOnly | Diagnosis::NothingSetUp);
        (has_little && visit.account.has_unusable_backup()).then_some(UNUSABLE)
    }

    /// Says how a visit ended.
    pub fn at_the_end(outcome: &Outcome) -> Self {
        let has_ended = |title, lead| Self { title, lead };
        match outcome {
            Outcome::NothingChanged => has_ended(
                "Nothing was changed",
                "Your account is as it was, and so is every app you're signed in to. You can come back at any time.",
            ),
            Outcome::Changed(None) => has_ended(
                "Your changes are made",
                "Something is still missing. Do not sign out of any app, and come back when you can.",
            ),
            Outcome::Checked(harvest)
            | Outcome::Changed(Some(harvest))
            | Outcome::BackupOn(harvest)
            | Outcome::Done(harvest) => match (Verdict::of(harvest), outcome) {
                (Verdict::Unchecked, Outcome::Checked(harvest)) if harvest.visit.was_whole() => has_ended(
                    "Your key works. Nothing was changed",
                    "Every message we looked at has its key in the backup. You can look at more of them at any time.",
                ),
                (Verdict::Unchecked, Outcome::Checked(_)) => {
                    has_ended("Your key works. Nothing was changed", unlooked(harvest))
                }
                (Verdict::Unchecked, Outcome::Changed(_)) => {
                    has_ended("Your changes are made", unlooked(harvest))
                }
                (Verdict::Unchecked, Outcome::NothingChanged | Outcome::BackupOn(_) | Outcome::Done(_)) => {
                    has_ended("Backup is on", unlooked(harvest))
                }
                (verdict, _) => Self::of(verdict, harvest.visit.has_app()),
            },
        }
    }
}

/// Says what is not known, where nobody has looked at every message.
fn unlooked(harvest: &Harvest) -> &'static str {
    if harvest.visit.has_app() {
        "We have not checked which messages are safe. Stay signed in to your app until you have: it may have keys that are not in the backup."
    } else {
        "We have not checked which messages are safe. You can come back and look at any time."
    }
}

fn safe(reach: Reach) -> [&'static str; 2] {
    let (limited, whole) = ("You're safe, as far as we looked", "You're safe");
    match reach {
        Reach::NoMessages => {
            [limited, "Your recovery key opens your backup. There was no message to check it with."]
        }
        Reach::AsFarAsLooked => [
            limited,
            "With your recovery key you can read your private chats, even signed out everywhere, as far back as we looked.",
        ],
        Reach::ButUnreadable => [
            limited,
            "With your recovery key you can read every message we found, even signed out everywhere. But some entries of your backup did not open.",
        ],
        Reach::FromJoining => [
            whole,
            "With your recovery key you can read your private chats, even signed out everywhere, from when you joined them.",
        ],
        Reach::Whole => [
            whole,
            "With your recovery key you can read every private chat that you can read today, even signed out everywhere.",
        ],
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
