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
        /// The seven emoji, in order.
        emoji: Vec<Emoji>,
        /// The same as three numbers, for devices that cannot show emoji.
        decimals: (u16, u16, u16),
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
    /// Anything else: a device did not follow the protocol.
    Failed,
}

/// What this side does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Move {
    /// Ask every other device of the person that could answer.
    Ask,
    /// Say yes to the device that asks.
    Accept,
    /// The emoji are the same.
    Match,
    /// The emoji differ.
    Differ,
    /// End it.
    Cancel,
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
