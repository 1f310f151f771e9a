//! When somebody is safe: six lines, each of which was seen to be true.

use super::{
    coverage::Tally,
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
    /// It was not looked at yet, or is being looked at.
    Unknown,
    /// It is not true (yet): there is something left to do.
    Open(Remaining),
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
    /// Take a copy home, or say no to it.
    TakeCopy,
    /// Remove devices that earlier visits left behind.
    RemoveLeftOver,
    /// Let the page sign itself out.
    SignOut,
}

/// How the six stand. `signed_out`: whether the page's device is gone.
pub fn lines(harvest: &Harvest, signed_out: bool) -> [(Line, Standing); 6] {
    // The three are one check: it fails as a whole, and then this screen is not there.
    let checked = if harvest.checked.is_some() { Standing::Green } else { Standing::Unknown };
    let copy = match harvest.copy {
        CopyHome::NotOffered | CopyHome::Older => Standing::Open(Remaining::TakeCopy),
        CopyHome::Declined | CopyHome::Taken(_) => Standing::Green,
    };
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
        (Line::KeysArrived, arrived(harvest)),
        (Line::CopyOffered, copy),
        (Line::SignedOut, signed_out),
    ]
}

fn arrived(harvest: &Harvest) -> Standing {
    let tally = Tally::of(&harvest.survey.rooms);
    // Where no app is signed in, nothing can come.
    let is_resting = harvest.visit.account.devices.is_empty() || harvest.arrival.is_resting();
    if harvest.has_to_look() || tally.troubled > 0 {
        Standing::Open(Remaining::Look)
    } else if tally.missing + tally.unopened > 0 {
        Standing::Open(Remaining::BringKeys)
    } else if !is_resting {
        Standing::Open(Remaining::Wait)
    } else {
        Standing::Green
    }
}

/// Whether messages are missing: whoever is signed out everywhere now could not read them any more.
pub fn has_gaps(harvest: &Harvest) -> bool {
    arrived(harvest) == Standing::Open(Remaining::BringKeys)
}

/// Whether nothing is left but devices of earlier visits, which can open nothing: the chats themselves are safe.
pub fn is_untidy_only(harvest: &Harvest) -> bool {
    lines(harvest, true).iter().all(|(line, standing)| match line {
        Line::SignedOut => *standing == Standing::Open(Remaining::RemoveLeftOver),
        _ => *standing == Standing::Green,
    })
}

/// Whether everything is true that can be before the page has signed itself out.
pub fn is_safe(harvest: &Harvest) -> bool {
    lines(harvest, true).iter().all(|(_, standing)| *standing == Standing::Green)
}
