//! When somebody is safe: six lines, each of which was seen to be true, and what may be said of them together.
//!
//! Everything that the last screens say follows from [`Arrived`], [`Copy`] and [`Verdict`], so that no line can say
//! more than was seen, and none can contradict another.

use crate::{
    domain::coverage::Tally,
    guide::{CopyHome, Harvest},
};

/// One of the six, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// What the person kept opens secret storage, tried as a stranger would.
    KeyOpens,
    /// Secret storage holds all four secrets under the default key, and they match what the server publishes.
    SecretsFit,
    /// The current backup is signed by the identity, and its key is the stored one.
    BackupFits,
    /// The running clients' keys have arrived, and every message that was looked at is covered.
    KeysArrived,
    /// A copy of the whole backup was offered.
    CopyOffered,
    /// The page has signed itself out.
    SignedOut,
}

/// How a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was seen to be true.
    Green,
    /// Nothing is left to do for it, but it is no achievement either: it gets no tick, and says why.
    Noted,
    /// It was not looked at yet, or is being looked at.
    Unknown,
    /// It is not true (yet): there is something left to do.
    Open(Remaining),
}

impl Standing {
    /// Whether something is left to do, or to be looked at.
    fn is_open(self) -> bool {
        matches!(self, Self::Open(_) | Self::Unknown)
    }
}

/// What is left to do for a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remaining {
    /// Keys are still coming in, or may be.
    Wait,
    /// See which messages are covered.
    Look,
    /// Messages are missing: bring in more keys, or know that nobody has them.
    BringKeys,
    /// Have the keys put back whole that only this page can read.
    Mend,
    /// Take a copy home, or say no to it.
    TakeCopy,
    /// Remove devices that earlier visits left behind.
    RemoveLeftOver,
    /// Let the page sign itself out.
    SignOut,
}

/// What was seen of the messages' keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// Not every message was looked at, or the backup has changed since.
    NotLooked,
    /// Messages have no key that other apps can read.
    Lacking {
        /// Their keys are not in the backup.
        missing: u64,
        /// What the backup has for them does not open.
        unopened: u64,
        /// Only this page can read what the backup has for them, and can put it back whole.
        mendable: u64,
    },
    /// All are covered, but keys may still be coming in.
    Coming,
    /// There is no encrypted room.
    NoRooms,
    /// There are rooms, but no message that was for this person.
    NoMessages {
        /// How many rooms.
        rooms: u64,
    },
    /// Every message that was looked at is covered, and there is at least one.
    All {
        /// How many messages.
        messages: u64,
        /// In how many rooms.
        rooms: u64,
        /// How many others were never for this person's eyes.
        unknown: u64,
    },
}

/// What was seen of the copy at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// The person has not been asked yet.
    NotOffered,
    /// The person did without.
    Declined,
    /// Keys of a file came in since it was made.
    Older,
    /// It has fewer keys than the messages need that were looked at.
    Lacks {
        /// How many it has.
        room_keys: u64,
        /// How many the messages need.
        needed: u64,
    },
    /// Nothing is in it.
    Empty,
    /// Entries of the backup did not open, and are not in it.
    Partial {
        /// How many keys it has.
        room_keys: u64,
        /// How many entries.
        unreadable: u64,
    },
    /// It has every key of the backup.
    Whole {
        /// How many.
        room_keys: u64,
    },
}

/// What may be said at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not everything was opened once more yet.
    Unchecked,
    /// Everything is true that can be before the page has signed itself out, as far as this reaches.
    Safe(Reach),
    /// Messages have no key that other apps can read: whoever is signed out everywhere now could not read them any
    /// more.
    Gaps,
    /// Nothing is left but devices of earlier visits, which can open nothing: the chats themselves are safe, however far
    /// back.
    Untidy,
    /// Something else is left to do.
    Almost,
}

/// How far "safe" reaches; the least of what was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// No message was there to be looked at.
    NoMessages,
    /// Some room goes further back than was looked at.
    AsFarAsLooked,
    /// Every message is covered, but entries of the backup did not open when the copy was made.
    ButUnreadable,
    /// Every message of every room, but for those from before the person joined.
    FromJoining,
    /// Every message back to the beginning of every room.
    Whole,
}

impl Arrived {
    /// What was seen, and whether it still counts.
    pub fn of(harvest: &Harvest) -> Self {
        let tally = Tally::of(&harvest.survey.rooms);
        // Where no app is signed in, nothing can come.
        let is_resting = harvest.visit.account.devices.is_empty() || harvest.arrival.is_resting();
        if harvest.has_to_look() || tally.troubled > 0 {
            return Self::NotLooked;
        }
        match Self::seen(tally) {
            lacking @ Self::Lacking { .. } => lacking,
            _ if !is_resting => Self::Coming,
            seen => seen,
        }
    }

    /// What a look came to, whatever has happened since.
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
    /// What was seen.
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

    fn standing(self) -> Standing {
        match self {
            Self::NotOffered | Self::Older | Self::Lacks { .. } => Standing::Open(Remaining::TakeCopy),
            Self::Declined | Self::Empty | Self::Partial { .. } => Standing::Noted,
            Self::Whole { .. } => Standing::Green,
        }
    }
}

/// How the six stand. `signed_out`: whether the page's device is gone.
pub fn lines(harvest: &Harvest, signed_out: bool) -> [(Line, Standing); 6] {
    // The three are one check: it fails as a whole, and then this screen is not there.
    let checked = if harvest.checked.is_some() { Standing::Green } else { Standing::Unknown };
    let left_over = harvest.checked.as_ref().is_some_and(|checked| !checked.left_over.is_empty());
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
    /// What may be said.
    pub fn of(harvest: &Harvest) -> Self {
        if harvest.checked.is_none() {
            return Self::Unchecked;
        }
        if matches!(Arrived::of(harvest), Arrived::Lacking { .. }) {
            return Self::Gaps;
        }
        let [others @ .., (_, signed_out)] = lines(harvest, true);
        match (others.iter().any(|(_, standing)| standing.is_open()), signed_out.is_open()) {
            (true, _) => Self::Almost,
            (false, true) if Reach::of(harvest).is_everything() => Self::Untidy,
            (false, true) => Self::Almost,
            (false, false) => Self::Safe(Reach::of(harvest)),
        }
    }

    /// Whether everything is true that can be before the page has signed itself out.
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

    /// Whether "safe" may be said without saying how far.
    pub fn is_everything(self) -> bool {
        matches!(self, Self::FromJoining | Self::Whole)
    }
}
