//! Lists what can go wrong, in the person's terms.
//!
//! [`Problem`] names each problem, `words` says it to the person, and `remedy` tells what helps. Sentences stand in
//! `words` only, so that files of translations can take their place.
#![deny(clippy::wildcard_enum_match_arm)]

use serde::{Deserialize, Serialize};

use super::{address::AddressError, key_file::KeyFileError, recovery_key::beginning::Beginning};

mod remedy;
mod wait;
mod words;

#[cfg(test)]
mod tests;

pub use remedy::Remedy;
pub use wait::wait_ms;
pub use words::Words;

/// Anything that stops the person from going on. Raw errors of the SDK or the browser never get
/// further than the place that turns them into one of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    /// The entry is no Matrix ID, server name or address.
    NotAnAddress(AddressError),
    /// Neither the well-known nor the server itself answers at this name.
    UnknownServer {
        /// The name that was looked for.
        server: String,
    },
    /// The homeserver the name leads to does not answer.
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
        /// What it offers.
        offers: Vec<String>,
    },
    /// The browser opened no window for the server's page.
    WindowBlocked,
    /// The server's page sent the person back without signing them in: they or it said no.
    NotLetIn {
        /// What it called that.
        reason: String,
    },
    /// An answer came that belongs to another attempt.
    StrayAnswer,
    /// What came back from the server's page is not valid any more.
    AnswerTooLate,
    /// The authorization server refused this page itself.
    PageRefused {
        /// What it called that.
        reason: String,
    },
    /// Somebody else's account was signed in to.
    AnotherAccount {
        /// Whose was wanted.
        wanted: String,
        /// Whose it is.
        came: String,
        /// Whether this page has signed out of it.
        is_left: bool,
    },
    /// The server let this page in as another device than the one it asked for.
    AnotherDevice {
        /// Whether this page has signed out of it.
        is_left: bool,
    },
    /// This page is for another homeserver's people.
    AnotherServer {
        /// The one it is for.
        server: String,
    },
    /// The server refused name and password.
    WrongPassword,
    /// The account was deactivated.
    Deactivated,
    /// The account is locked.
    Locked,
    /// Too many requests; when the next one may come.
    RateLimited {
        /// Milliseconds to wait.
        wait_ms: u64,
    },
    /// The server signed this page out.
    SignedOut,
    /// The account password was not the right one when the server asked for it.
    ProofRefused,
    /// What was entered as the account password is a recovery key or phrase; it was sent to nobody.
    KeyAsPassword,
    /// There are two different recovery keys in what was entered as one.
    TwoRecoveryKeys {
        /// How they begin.
        beginnings: [Beginning; 2],
    },
    /// What was entered as the recovery key is a file of exported room keys.
    KeyFileAsKey,
    /// The key that was entered is too weak to store anything under.
    WeakKey,
    /// The server wants a proof this page cannot give.
    ProofUnsupported {
        /// The stages it asked for.
        stages: Vec<String>,
    },
    /// No answer, an error of the server's own, or of a proxy before it: likely to pass.
    Passing {
        /// The status code; `None` when nothing came back.
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
    /// The server gives two different answers about what is stored.
    Contradicted,
    /// What is on the server after writing is not what was written.
    NotAsWritten {
        /// Which part did not match.
        part: Part,
    },
    /// The key that was to be proved is not the one that was made.
    KeyNotProved,
    /// The newest backup is not the one that was made here, or it was deleted.
    BackupReplaced,
    /// The server created the backup that was asked for, and still calls another one, or none, the current.
    BackupNotUsed,
    /// A fresh backup was not made, and the key of the one there is could not be put back in its place.
    KeyNotPutBack,
    /// No stored secrets open with the key or phrase that was entered.
    OpensNothing,
    /// What is stored under the entered key does not belong to what the server publishes now.
    DoesNotFit,
    /// A key file could not be used.
    KeyFile(KeyFileError),
    /// The engine's file did not arrive, or is not the one this page was built with.
    EngineMissing,
    /// The engine stopped: a defect of this page.
    EngineStopped,
    /// A part of this page found itself in a state it should not be in.
    OutOfOrder,
}

/// A part of what was written.
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
