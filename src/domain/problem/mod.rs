//! Lists what can go wrong, in the person's terms.
//!
//! [`Problem`] names each problem, `words` says it to the person, and `remedy` tells what helps. Sentences stand in
//! `words` only, so that files of translations can take their place.
#![deny(clippy::wildcard_enum_match_arm)]

use serde::{Deserialize, Serialize};

use super::{address::AddressError, key_file::KeyFileError, recovery_key::beginning::Beginning};

mod remedy;
mod report;
mod site;
mod wait;
mod words;

#[cfg(test)]
mod tests;

pub use remedy::Remedy;
pub use report::entitled;
pub use site::Site;
pub use wait::wait_ms;
pub use words::{Tone, Words};

/// A problem that stops the person from going on. Errors of the SDK and the browser are turned into one of these
/// where they occur.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    /// The entry is no Matrix ID, server name or address.
    NotAnAddress(AddressError),
    /// Neither the well-known nor the server itself answers at this name.
    UnknownServer {
        /// The name that was entered.
        server: String,
    },
    /// The homeserver that the name leads to does not answer.
    ServerUnreachable {
        /// Its host.
        host: String,
    },
    /// Something answers, but does not let web pages talk to it (no CORS headers).
    NoCors {
        /// Its host.
        host: String,
    },
    /// Something answers, but it is no Matrix homeserver.
    NotAHomeserver {
        /// Its host.
        host: String,
    },
    /// The server's well-known file is wrong: only its administrator can mend it.
    WellKnownBroken {
        /// The server's name.
        server: String,
    },
    /// The server offers no way to sign in that this page knows.
    NoWayToSignIn {
        /// The login types that it offers.
        offers: Vec<String>,
    },
    /// The browser opened no window for the server's page.
    WindowBlocked,
    /// The server's page sent the person back without signing them in: it refused, or they did.
    NotLetIn {
        /// The error code that the page gave; may be empty.
        reason: String,
    },
    /// An answer came that belongs to another attempt.
    StrayAnswer,
    /// The authorization code or login token from the server's page is no longer valid.
    AnswerTooLate,
    /// The authorization server refused this page itself.
    PageRefused {
        /// The error code that it gave; may be empty.
        reason: String,
    },
    /// The person signed in to another account than the one they entered.
    AnotherAccount {
        /// The Matrix ID that was entered.
        wanted: String,
        /// The Matrix ID that the server returned.
        came: String,
        /// Set if this page has signed out of it.
        is_left: bool,
    },
    /// The server gave this page another device ID than the one it asked for.
    AnotherDevice {
        /// Set if this page has signed out of it.
        is_left: bool,
    },
    /// The host has set another homeserver as the only one.
    AnotherServer {
        /// The homeserver that it accepts.
        server: String,
    },
    /// The server refused name and password.
    WrongPassword,
    /// The account was deactivated.
    Deactivated,
    /// The account is locked.
    Locked,
    /// The server received too many requests.
    RateLimited {
        /// Time until the next request may come, in milliseconds.
        wait_ms: u64,
    },
    /// The server signed this page out.
    SignedOut,
    /// The server did not accept the account password as proof.
    ProofRefused,
    /// A recovery key or phrase was entered as the account password; the page did not send it.
    KeyAsPassword,
    /// There are two different recovery keys in what was entered as one.
    TwoRecoveryKeys {
        /// Their first characters.
        beginnings: [Beginning; 2],
    },
    /// The person entered a file of exported room keys as the recovery key.
    KeyFileAsKey,
    /// The key that was entered is too weak to store anything under.
    WeakKey,
    /// The server wants a proof this page cannot give.
    ProofUnsupported {
        /// The stages it asked for.
        stages: Vec<String>,
    },
    /// No answer, or an error of the server or of a proxy before it; likely to pass.
    Passing {
        /// The status code; `None` without an answer.
        status: Option<u16>,
    },
    /// The server refused for another reason.
    Refused {
        /// The status code.
        status: u16,
        /// The specification's error code, when there was one.
        errcode: String,
    },
    /// The server's answer could not be understood.
    Garbled,
    /// The account changed between looking and writing, or while writing.
    SomeoneElseIsWriting,
    /// The server gives two different answers about the account data.
    Contradicted,
    /// The server does not have what this page wrote.
    NotAsWritten {
        /// The part that does not match.
        part: Part,
    },
    /// No recovery key, or not the right one, was shown before this order.
    KeyNotProved,
    /// The current backup is not the one that was made here, or there is none.
    BackupReplaced,
    /// The server created the backup, but does not use it as the current version.
    BackupNotUsed,
    /// No fresh backup was made, and the page could not store the current backup's key again in its place.
    KeyNotPutBack,
    /// No stored secrets open with the key or phrase that was entered.
    OpensNothing,
    /// The secrets under the entered key do not belong to the identity or backup that the server has now.
    DoesNotFit,
    /// A key file could not be used.
    KeyFile(KeyFileError),
    /// The engine's file did not arrive, or is not of the same build as this page.
    EngineMissing,
    /// The engine stopped, which is a defect of this page.
    EngineStopped(Site),
    /// A part of this page found itself in a state that it should not be in.
    OutOfOrder(Site),
}

/// A part of what an order wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// The default key or its description.
    KeyDescription,
    /// A stored secret.
    Secrets,
    /// The published identity.
    Identity,
    /// The backup version.
    Backup,
}

impl From<AddressError> for Problem {
    fn from(error: AddressError) -> Self {
        Self::NotAnAddress(error)
    }
}
