//! Decides whether the person is safe: six lines of a checklist, and a verdict that follows from them.
//!
//! The last screens take everything they say from [`Arrived`], [`Copy`] and [`Verdict`]. So no line says more than
//! was seen, and none contradicts another.

use crate::{
    domain::coverage::Tally,
    guide::{CopyHome, Harvest},
};

/// One of the six lines of the last screen, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// The key that the person kept opens secret storage, tried as a new device would.
    KeyOpens,
    /// Secret storage has all four secrets under the default key, and they fit what the server publishes.
    SecretsFit,
    /// The identity has signed the current backup, and the stored backup key is its key.
    BackupFits,
    /// The room keys of the other apps have arrived, and every message that was looked at is covered.
    KeysArrived,
    /// The person took a copy of the whole backup home, or declined it.
    CopyOffered,
    /// The page has signed itself out.
    SignedOut,
}

/// State of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was seen to be true.
    Green,
    /// Nothing is left to do for it, but nothing was achieved either: it gets no tick, and says why.
    Noted,
    /// It was not looked at yet, or the page is looking.
    Unknown,
    /// It is not true yet: something is left to do.
    Open(Remaining),
}

impl Standing {
    /// Tells whether something is left to do or to look at.
    fn is_open(self) -> bool {
        matches!(self, Self::Open(_) | Self::Unknown)
    }
}

/// The thing that is left to do for a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remaining {
    /// Wait, since room keys may still be coming in.
    Wait,
    /// See which messages are covered.
    Look,
    /// Bring in more keys, or find that nobody has those that are missing.
    BringKeys,
    /// Put entries back whole that only this page can read.
    Mend,
    /// Take a copy home, or decline it.
    TakeCopy,
    /// Remove devices that earlier visits left behind.
    RemoveLeftOver,
    /// Let the page sign itself out.
    SignOut,
}

/// Result of looking whether the messages' keys are in the backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// No message was looked at, some could not be, or the backup has changed since.
    NotLooked,
    /// Some messages have no key that other apps can read.
    Lacking {
        /// Messages whose keys are not in the backup.
        missing: u64,
        /// Messages whose entry in the backup does not open.
        unopened: u64,
        /// Messages whose entry only this page can read, and can put back whole.
        mendable: u64,
    },
    /// No message lacks its key, but not every one was opened, and more keys may be coming in.
    Coming,
    /// The person has no encrypted room.
    NoRooms,
    /// There are encrypted rooms, but no message in them that this person could read.
    NoMessages {
        /// Number of rooms.
        rooms: u64,
    },
    /// Every message that was looked at is covered; there is at least one.
    All {
        /// Number of messages.
        messages: u64,
        /// Number of rooms.
        rooms: u64,
        /// Number of other messages, which were never meant for this person.
        unknown: u64,
    },
}

/// State of the copy that the person takes home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// The page has not offered one yet.
    NotOffered,
    /// The person declined it.
    Declined,
    /// A key file brought keys after the copy was made, or the person went back since it lacks keys.
    Older,
    /// It has fewer keys than the messages need.
    Lacks {
        /// Number of keys in it.
        room_keys: u64,
        /// Number of keys that the messages need.
        needed: u64,
    },
    /// It has no key in it.
    Empty,
    /// Some entries of the backup did not open, and are not in it.
    Partial {
        /// Number of keys in it.
        room_keys: u64,
        /// Number of entries that did not open.
        unreadable: u64,
    },
    /// It has every key of the backup.
    Whole {
        /// Number of keys in it.
        room_keys: u64,
    },
}

/// The conclusion from the six lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The page has not opened everything once more yet, and knows of no missing key.
    Unchecked,
    /// Everything is true but the last line, which the page makes true by signing itself out.
    Safe(Reach),
    /// Some messages have no key that other apps can read, but an app may have it, or this page can mend it. A person who
    /// signs out of every app now can no longer read them.
    Gaps,
    /// Some messages have no key that other apps can read, and no app is left that could have it. What the backup opens
    /// is safe, and new messages are.
    Lost,
    /// Only devices of earlier visits are left to remove. They can open nothing, so all messages are safe.
    Untidy,
    /// Something else is left to do.
    Almost,
}

/// The messages that [`Verdict::Safe`] is true for. Of several limits, the first in this order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// No message was found that this person could read.
    NoMessages,
    /// The messages back to some time, since some room goes back further than the page looked.
    AsFarAsLooked,
    /// Every message, but some entries of the backup did not open when the copy was made.
    ButUnreadable,
    /// Every message but those sent before the person joined.
    FromJoining,
    /// Every message, back to the beginning of every room.
    Whole,
}

impl Arrived {
    /// Concludes from the last look, if that still counts.
    pub fn of(harvest: &Harvest) -> Self {
        let tally = Tally::of(&harvest.survey.rooms);
        if harvest.has_to_look() || tally.troubled > 0 {
            return Self::NotLooked;
        }
        match Self::seen(tally) {
            lacking @ Self::Lacking { .. } => lacking,
            _ if harvest.waits() => Self::Coming,
            seen => seen,
        }
    }

    /// Concludes from a look, whatever has happened since.
    pub fn seen(tally: Tally) -> Self {
        let Tally { rooms, covered, missing, unopened, mendable, unknown, .. } = tally;
        if missing + unopened > 0 {
            Self::Lacking { missing, unopened: unopened.saturating_sub(mendable), mendable }
        } else if rooms == 0 {
            Self::NoRooms
        } else if covered == 0 {
            Self::NoMessages { rooms }
        } else {
            Self::All { messages: covered, rooms, unknown }
        }
    }

    fn standing(self) -> Standing {
        match self {
            Self::NotLooked => Standing::Open(Remaining::Look),
            Self::Lacking { missing: 0, unopened: 0, .. } => Standing::Open(Remaining::Mend),
            Self::Lacking { .. } => Standing::Open(Remaining::BringKeys),
            Self::Coming => Standing::Open(Remaining::Wait),
            Self::NoRooms | Self::NoMessages { .. } => Standing::Noted,
            Self::All { .. } => Standing::Green,
        }
    }
}

impl Copy {
    /// Compares the copy with the keys that the messages need.
    pub fn of(harvest: &Harvest) -> Self {
        let needed = Tally::of(&harvest.survey.rooms).keys;
        match &harvest.copy {
            CopyHome::NotOffered => Self::NotOffered,
            CopyHome::Declined => Self::Declined,
            CopyHome::Older => Self::Older,
            CopyHome::Taken(taken) => match (taken.room_keys, taken.unreadable) {
                (room_keys, _) if room_keys < needed => Self::Lacks { room_keys, needed },
                (room_keys, unreadable) if unreadable > 0 => Self::Partial { room_keys, unreadable },
                (0, _) => Self::Empty,
                (room_keys, _) => Self::Whole { room_keys },
            },
        }
    }

    /// Tells whether the person has a file from which keys can be imported.
    pub fn has_keys(self) -> bool {
        match self {
            Self::NotOffered | Self::Declined | Self::Older | Self::Empty => false,
            Self::Lacks { room_keys, .. } | Self::Partial { room_keys, .. } | Self::Whole { room_keys } => {
                room_keys > 0
            }
        }
    }

    fn standing(self) -> Standing {
        match self {
            Self::NotOffered | Self::Older | Self::Lacks { .. } => Standing::Open(Remaining::TakeCopy),
            Self::Declined | Self::Empty | Self::Partial { .. } => Standing::Noted,
            Self::Whole { .. } => Standing::Green,
        }
    }
}

/// The state of each line. `signed_out`: this page's device is gone.
pub fn lines(harvest: &Harvest, signed_out: bool) -> [(Line, Standing); 6] {
    // These three lines are one check; if it fails, this screen is not shown.
    let checked = if harvest.checked().is_some() { Standing::Green } else { Standing::Unknown };
    let left_over = harvest.checked().is_some_and(|checked| !checked.left_over.is_empty());
    let signed_out = match (left_over, signed_out) {
        (true, _) => Standing::Open(Remaining::RemoveLeftOver),
        (false, true) => Standing::Green,
        (false, false) => Standing::Open(Remaining::SignOut),
    };
    [
        (Line::KeyOpens, checked),
        (Line::SecretsFit, checked),
        (Line::BackupFits, checked),
        (Line::KeysArrived, Arrived::of(harvest).standing()),
        (Line::CopyOffered, Copy::of(harvest).standing()),
        (Line::SignedOut, signed_out),
    ]
}

impl Verdict {
    /// Draws the conclusion.
    pub fn of(harvest: &Harvest) -> Self {
        // Keys that are known to be missing outweigh whatever was not looked at.
        if matches!(Arrived::of(harvest), Arrived::Lacking { .. }) || harvest.had_gaps() {
            let can_come = harvest.visit.has_app() || harvest.has_mendable();
            return if can_come { Self::Gaps } else { Self::Lost };
        }
        if harvest.checked().is_none() {
            return Self::Unchecked;
        }
        let [others @ .., (_, signed_out)] = lines(harvest, true);
        match (others.iter().any(|(_, standing)| standing.is_open()), signed_out.is_open()) {
            (true, _) => Self::Almost,
            (false, true) if Reach::of(harvest).is_everything() => Self::Untidy,
            (false, true) => Self::Almost,
            (false, false) => Self::Safe(Reach::of(harvest)),
        }
    }

    /// Tells whether everything is true but that the page has signed itself out.
    pub fn is_safe(self) -> bool {
        matches!(self, Self::Safe(_))
    }
}

impl Reach {
    fn of(harvest: &Harvest) -> Self {
        let tally = Tally::of(&harvest.survey.rooms);
        if tally.covered == 0 {
            Self::NoMessages
        } else if tally.goes_further {
            Self::AsFarAsLooked
        } else if matches!(Copy::of(harvest), Copy::Partial { .. }) {
            Self::ButUnreadable
        } else if tally.unknown > 0 {
            Self::FromJoining
        } else {
            Self::Whole
        }
    }

    /// Tells whether the page may say "safe" without a limit.
    pub fn is_everything(self) -> bool {
        matches!(self, Self::FromJoining | Self::Whole)
    }
}
