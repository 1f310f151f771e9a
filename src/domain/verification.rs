//! A verification between two devices of one person, as far as the person sees it.
//!
//! Source: specification, "Short Authentication String (SAS) verification".

use serde::{Deserialize, Serialize};

/// State of the verification. Only one is under way at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verification {
    /// None is under way.
    #[default]
    Idle,
    /// This page asked the person's other devices; none has answered yet.
    Asked,
    /// Another device asks, and waits until this page accepts.
    AskedBy(Partner),
    /// Both devices have agreed, and exchange the keys from which the emoji are computed.
    Agreed(Partner),
    /// Both devices show the same emoji, and the person compares them.
    Comparing {
        /// The other device.
        partner: Partner,
        /// The emoji and numbers on both screens.
        shown: Shown,
    },
    /// The person said here that they match; the other device has not confirmed it yet.
    Confirmed(Partner),
    /// Both devices confirmed it, and trust each other.
    Done(Partner),
    /// It ended early; no device trusts another more than before.
    Cancelled {
        /// Set if this page ended it.
        by_us: bool,
        /// The reason.
        reason: CancelReason,
    },
}

/// The other device of a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partner {
    /// Its device ID.
    pub device_id: String,
    /// The name its client gave it, cut to the length of one line.
    pub name: Option<String>,
}

/// The short authentication string, as a person compares it; never empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    emoji: Vec<Emoji>,
    decimals: (u16, u16, u16),
}

/// One of the seven emoji.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emoji {
    /// The emoji itself.
    pub symbol: String,
    /// Its English name in the specification's table.
    pub name: String,
}

/// The reason why a verification ended early (specification, `m.key.verification.cancel`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CancelReason {
    /// `m.user`: the person said no on one of the devices.
    Declined,
    /// `m.timeout`: it took too long.
    TimedOut,
    /// `m.mismatched_sas`: the person said that the emoji differ.
    Differed,
    /// `m.accepted`: the person answered on another device.
    AnsweredElsewhere,
    /// `m.unknown_method`: the other device cannot compare emoji.
    Unsupported,
    /// `m.key_mismatch`, `m.user_mismatch`: the other device's keys are not the ones the server published.
    KeysDiffer,
    /// `m.unexpected_message`: somebody began another comparison within this one, or the person confirmed emoji that
    /// are no longer compared. No honest device does that, but the homeserver could.
    Swapped,
    /// Anything else: a device did not follow the protocol.
    Failed,
}

/// The next move of the person on this page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Move {
    /// Ask all other devices of the person that can verify.
    Ask,
    /// Accept the request of the other device.
    Accept,
    /// Confirm that the other screen shows the same as this one, which is passed along.
    Match(Shown),
    /// Say that the emoji differ.
    Differ,
    /// End the verification.
    Cancel,
}

impl Shown {
    /// Number of emoji.
    const EMOJI: usize = 7;
    /// Range of each of the three numbers.
    const DECIMALS: std::ops::RangeInclusive<u16> = 1_000..=9_191;

    /// Takes seven emoji, or none in the place of any other number. `None` without either emoji or numbers.
    pub fn new(mut emoji: Vec<Emoji>, decimals: (u16, u16, u16)) -> Option<Self> {
        if emoji.len() != Self::EMOJI {
            emoji.clear();
        }
        let (first, second, third) = decimals;
        let has_decimals = [first, second, third].iter().all(|number| Self::DECIMALS.contains(number));
        (has_decimals || !emoji.is_empty()).then_some(Self { emoji, decimals })
    }

    /// The seven emoji, in order; empty if the devices agreed on numbers only.
    pub fn emoji(&self) -> &[Emoji] {
        &self.emoji
    }

    /// The three numbers, which every device can show.
    pub fn decimals(&self) -> (u16, u16, u16) {
        self.decimals
    }
}

impl Verification {
    /// Tells whether there is a verification that can be cancelled.
    pub fn is_under_way(&self) -> bool {
        match self {
            Self::Asked
            | Self::AskedBy(_)
            | Self::Agreed(_)
            | Self::Comparing { .. }
            | Self::Confirmed(_) => true,
            Self::Idle | Self::Done(_) | Self::Cancelled { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emoji(count: usize) -> Vec<Emoji> {
        vec![Emoji { symbol: "🐶".into(), name: "Dog".into() }; count]
    }

    #[test]
    fn fewer_than_seven_emoji_are_left_out_and_something_must_be_left_to_compare() {
        let decimals = (1_000, 9_191, 4_321);
        let shown = |count, decimals| Shown::new(emoji(count), decimals);
        assert_eq!(shown(7, decimals).unwrap().emoji().len(), 7);
        for count in [0, 1, 6, 8] {
            let numbers = shown(count, decimals).unwrap();
            assert_eq!((numbers.emoji(), numbers.decimals()), (&[] as &[Emoji], decimals));
            assert_eq!(shown(count, (0, 0, 0)), None);
            assert_eq!(shown(count, (1_000, 1_000, 999)), None);
        }
    }
}
