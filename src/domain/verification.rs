//! Two devices of one person comparing seven emoji, as far as a person can see it.
//!
//! Source: specification, "Short Authentication String (SAS) verification".

use serde::{Deserialize, Serialize};

/// Where a verification is. Only one is under way at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verification {
    /// None is under way.
    #[default]
    Idle,
    /// This page asked the person's other devices; none has answered yet.
    Asked,
    /// Another device asks; it waits for a yes.
    AskedBy(Partner),
    /// Both want to, and exchange what the emoji are computed from.
    Agreed(Partner),
    /// Both devices show these; the person compares.
    Comparing {
        /// The other device.
        partner: Partner,
        /// What stands on both screens.
        shown: Shown,
    },
    /// The person said here that they match; the other device has not said so yet.
    Confirmed(Partner),
    /// Both said so: each device trusts the other.
    Done(Partner),
    /// It ended before that, and nobody trusts anybody more than before.
    Cancelled {
        /// Whether this page ended it.
        by_us: bool,
        /// Why.
        reason: CancelReason,
    },
}

/// The other device of a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partner {
    /// Its id.
    pub device_id: String,
    /// The name its client gave it; cut to a length that fits a line.
    pub name: Option<String>,
}

/// The short authentication string, as a person compares it: never empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    emoji: Vec<Emoji>,
    decimals: (u16, u16, u16),
}

/// One of the seven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emoji {
    /// The emoji itself.
    pub symbol: String,
    /// Its English name in the specification's table.
    pub name: String,
}

/// Why a verification ended early (specification, `m.key.verification.cancel`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CancelReason {
    /// `m.user`: the person said no on one of the devices.
    Declined,
    /// `m.timeout`: it took too long.
    TimedOut,
    /// `m.mismatched_sas`: the person said that the emoji differ.
    Differed,
    /// `m.accepted`: another device of the person answered.
    AnsweredElsewhere,
    /// `m.unknown_method`: the other device cannot compare emoji.
    Unsupported,
    /// `m.key_mismatch`, `m.user_mismatch`: the other device's keys are not the ones the server published.
    KeysDiffer,
    /// `m.unexpected_message`: another comparison was begun in this one, or what was confirmed is not what is compared.
    /// No honest device does that; whoever relays the messages can.
    Swapped,
    /// Anything else: a device did not follow the protocol.
    Failed,
}

/// What this side does next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Move {
    /// Ask every other device of the person that could answer.
    Ask,
    /// Say yes to the device that asks.
    Accept,
    /// What stands on this page's screen, which is this, stands on the other one, too.
    Match(Shown),
    /// The emoji differ.
    Differ,
    /// End it.
    Cancel,
}

impl Shown {
    /// How many emoji there are.
    const EMOJI: usize = 7;
    /// Between which each of the three numbers lies.
    const DECIMALS: std::ops::RangeInclusive<u16> = 1_000..=9_191;

    /// Fewer than seven emoji are none; `None` if there are no numbers either.
    pub fn new(mut emoji: Vec<Emoji>, decimals: (u16, u16, u16)) -> Option<Self> {
        if emoji.len() != Self::EMOJI {
            emoji.clear();
        }
        let (first, second, third) = decimals;
        let has_decimals = [first, second, third].iter().all(|number| Self::DECIMALS.contains(number));
        (has_decimals || !emoji.is_empty()).then_some(Self { emoji, decimals })
    }

    /// The seven emoji, in order. None if the devices agreed on numbers only: then these are what is compared.
    pub fn emoji(&self) -> &[Emoji] {
        &self.emoji
    }

    /// The same as three numbers, which every device can show.
    pub fn decimals(&self) -> (u16, u16, u16) {
        self.decimals
    }
}

impl Verification {
    /// Whether there is something that could be ended.
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
    fn fewer_than_seven_emoji_are_none_and_with_nothing_to_compare_there_is_no_question() {
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
