//! The commands of the page to the engine, and the engine's events.

use serde::{Deserialize, Serialize};

use super::bytes::Bytes;
use crate::domain::{
    account::Account,
    coverage::RoomCoverage,
    farewell::Farewell,
    handed_over::HandedOver,
    key_file::{Imported, TakenHome},
    kit::Kit,
    mended::Mended,
    opening::Opening,
    passphrase::{Estimate, Judgement},
    plan::{Action, Task},
    problem::Problem,
    proof::{Proof, Wanted},
    proved::{Checked, Proved},
    rotation::Rotated,
    secret::Secret,
    sign_in::Door,
    verification::{Move, Verification},
    web_address::WebAddress,
};

/// Numbers a stretch of a visit; each new sign-in begins a new run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Run(pub u32);

/// A message, with the run it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// The run.
    pub run: Run,
    /// The message.
    pub message: T,
}

/// A request of the page. The engine answers each with the events named here, or with [`Event::Failed`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Sign in with a password, then look: [`Event::SignedIn`], [`Event::Looked`].
    ///
    /// After the server signed this page out, this and [`Command::Authorized`] sign in again as the same device, so
    /// that an order can go on. Another account is then refused.
    SignIn {
        /// Base URL of the client API, without a slash at the end.
        base_url: String,
        /// Full Matrix ID, or its localpart.
        user: String,
        /// The account password.
        password: Secret,
    },
    /// Prepare to sign in on a page of the server's: [`Event::Authorize`]. With OAuth 2.0, the engine first registers
    /// this page as a client.
    Authorize {
        /// Base URL of the client API, without a slash at the end.
        base_url: String,
        /// The page on which the person signs in.
        door: Door,
        /// Matrix ID to propose on that page, if one was entered.
        user_id: Option<String>,
        /// URL of our `callback.html`, to which that page sends the person back.
        callback: String,
    },
    /// Sign in with the answer of that page, then look: [`Event::SignedIn`], [`Event::Looked`]. An answer works once.
    Authorized {
        /// Query and fragment of the URL with which `callback.html` was opened, from its `?` or `#` on.
        answer: Secret,
    },
    /// Look at the account: [`Event::Looked`].
    Look,
    /// Judge a phrase: [`Event::Judged`].
    Judge {
        /// Returned with the judgement, so that the page can ignore one that comes late.
        number: u32,
        /// The phrase.
        phrase: Secret,
        /// How many guesses it withstands; `None` for the phrase that the engine proposed last, or if nobody
        /// could tell.
        estimate: Option<Estimate>,
        /// The number of guesses that the host has phrases withstand, as a power of ten. The page's own minimum stands.
        strength: u8,
        /// The number of characters that the homeserver asks of phrases.
        least: u8,
    },
    /// Propose a phrase of so many characters at the least: [`Event::Suggested`].
    Suggest {
        /// The number of characters that the homeserver asks of phrases.
        least: u8,
    },
    /// Make a new recovery key, from the phrase if there is one: [`Event::KeyMade`]. Nothing is written yet.
    MakeKey {
        /// The phrase from which to derive the key.
        phrase: Option<Secret>,
    },
    /// Carry out an action that writes, and prove the result. After a failure, the same command goes on where it
    /// stopped. The answers are [`Event::TaskDone`] for each task, sometimes [`Event::Progress`] and
    /// [`Event::ProofNeeded`], then
    /// - [`Action::SetUp`], [`Action::AddKey`], [`Action::Finish`], [`Action::Reset`]: [`Event::SetUpDone`];
    /// - [`Action::ChangeKey`], [`Action::Repair`]: [`Event::Looked`] and [`Event::Tried`], for the key that is the
    ///   default key now;
    /// - [`Action::Rotate`]: [`Event::Looked`] and [`Event::Rotated`].
    ///
    /// The engine refuses an action that makes a key unless `kept_key` is that key. It refuses an action that needs
    /// the old key unless [`Command::TryKey`] opened the storage or backup with it before.
    Write {
        /// An action that writes.
        action: Action,
        /// The recovery key as the person entered it: the new one, to prove that they kept it. For
        /// [`Action::Finish`], the key or phrase that they kept when it was begun. Other actions ignore it.
        kept_key: Secret,
    },
    /// Stop at the next safe place. This command does not wait for its turn.
    ///
    /// An [`Action::Rotate`] is then answered by [`Event::Looked`] and [`Event::Tried`]. [`Command::TryKey`],
    /// [`Command::Import`], [`Command::TakeHome`], [`Command::Mend`] and [`Command::Cover`] are answered by
    /// [`Event::Stopped`]. Other actions go on.
    Stop,
    /// Try what the person kept, without writing: [`Event::Looked`], [`Event::Tried`]; or [`Event::Stopped`].
    TryKey {
        /// A recovery key or phrase.
        entry: Secret,
    },
    /// Delete older backup versions, after the person agreed: [`Event::Deleted`]. The engine refuses a version unless
    /// a rotation of this visit took over all its keys.
    DeleteOlder {
        /// Version strings.
        versions: Vec<String>,
    },
    /// Give the proof that the server asked for. Writing then goes on, or [`Event::ProofNeeded`] names what is still
    /// missing. After three refusals in a row the order fails.
    ///
    /// The engine does not send a recovery key or phrase as a password. For a proof given on a page, it asks the
    /// server repeatedly, for two minutes at most, or until the next command comes.
    GiveProof(Proof),
    /// Take back what was written, while the server still waits for its proof: [`Event::Looked`],
    /// [`Event::Withdrawn`]. The account is then as it was before, and the new recovery key opens nothing.
    Withdraw,
    /// Count the room keys in the backup: [`Event::Counted`].
    Count,
    /// Listen to the person's other devices. The engine sends them what is due, waits until they send something, and
    /// answers their requests. It waits for 20 seconds at most, or until the next command comes.
    ///
    /// Changes are told by [`Event::Verification`], [`Event::HandedOver`] and [`Event::Dropped`]. If secrets came
    /// after the person entered a key, [`Event::Looked`] and [`Event::Tried`] say what it opens now. [`Event::Heard`]
    /// comes last.
    Listen,
    /// Make the next move of an emoji verification: [`Event::Verification`]. The other device's answer comes with
    /// [`Command::Listen`].
    Verify(Move),
    /// Send a piece of a key file. Pieces come in order, and the first one replaces an earlier file. Not answered.
    FilePart {
        /// Set for the first piece of a file.
        first: bool,
        /// The piece.
        bytes: Bytes,
    },
    /// Import the keys of the file that was sent into the backup: [`Event::Progress`], [`Event::Imported`]. After a
    /// failure, the same command goes on where it stopped.
    Import {
        /// The passphrase of the file.
        passphrase: Secret,
    },
    /// Export the whole backup as one file: [`Event::Progress`], [`Event::FilePart`] for each piece.
    /// [`Event::TakenHome`] follows, once the engine has read the file back.
    TakeHome {
        /// The passphrase of the file.
        passphrase: Secret,
    },
    /// Put entries of the current backup back whole that other apps cannot read: [`Event::Progress`],
    /// [`Event::Mended`]. Nothing is deleted.
    Mend,
    /// See whether the backup has the keys of each room's newest messages: [`Event::Progress`] in rooms,
    /// [`Event::RoomCovered`] for each, then [`Event::Covered`]. [`Event::Stopped`] comes instead after
    /// [`Command::Stop`], or when the next command comes.
    Cover {
        /// Set to keep the messages already seen, and compare them with the backup as it is now; otherwise all is
        /// looked at anew.
        further: bool,
    },
    /// Look further back in every room, for some seconds, or until the next command comes. [`Event::RoomCovered`]
    /// follows for each room that changed, then [`Event::WentFurther`]. The same command goes on where it stopped.
    GoFurther,
    /// Open everything once more as a new device would, with what the person kept: [`Event::Checked`].
    Check,
    /// Show the recovery key again, so that it can be printed: [`Event::Kit`].
    ShowKit,
    /// Remove all devices that [`Event::Checked`] named as left by earlier visits of this page: [`Event::Checked`]
    /// again, or [`Event::ProofNeeded`].
    RemoveLeftOver {
        /// The proof, once the server has asked for it.
        proof: Option<Proof>,
    },
    /// Remove this page's device from the account and forget everything: [`Event::SignedOut`].
    SignOut,
}

/// A message of the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The engine runs; this is its first message.
    Ready,
    /// The URL of the server's page, to be opened in a window of its own.
    Authorize {
        /// The URL.
        address: WebAddress,
    },
    /// The server signed this page in.
    SignedIn {
        /// The full Matrix ID as the server returned it.
        user_id: String,
        /// The request by which the page signs its device out when its tab is closed.
        farewell: Farewell,
    },
    /// There is another token, so the request to sign out has changed.
    Farewell(Farewell),
    /// The account as the server has it now.
    Looked(Account),
    /// The judgement on a phrase.
    Judged {
        /// The number that came with the phrase.
        number: u32,
        /// The judgement.
        judgement: Judgement,
    },
    /// The phrase that the engine proposes.
    Suggested(Secret),
    /// The new recovery key, to be shown.
    KeyMade(Kit),
    /// The result of trying an entry.
    Tried(Opening),
    /// A task of the action is done.
    TaskDone(Task),
    /// Progress of the current task, in room keys; of [`Command::Cover`], in rooms.
    Progress {
        /// Number that are done.
        done: u64,
        /// Number of all of them.
        total: u64,
    },
    /// The fresh backup is complete.
    Rotated {
        /// Evidence that the entered key opens it.
        proved: Proved,
        /// The comparison with the older versions.
        rotated: Rotated,
    },
    /// The older versions were deleted.
    Deleted,
    /// The server asks for a proof before it goes on.
    ProofNeeded(Wanted),
    /// The order was taken back.
    Withdrawn,
    /// An order came to nothing, and the engine took back what it could. These tasks still stand; [`Event::Failed`]
    /// follows.
    TakenBack(Vec<Task>),
    /// Everything was written, and then opened as a new device would.
    SetUpDone(Proved),
    /// The number of room keys in the backup.
    Counted {
        /// Number of room keys.
        room_keys: u64,
        /// Changes whenever the content does.
        etag: String,
    },
    /// The state of the emoji verification.
    Verification(Verification),
    /// The secrets that an open app has handed over so far.
    HandedOver(HandedOver),
    /// Messages came that no device would send; the engine dropped them before the SDK read them.
    Dropped {
        /// Number of them in this visit.
        malformed: u32,
    },
    /// Listening ended; the page may ask for it again.
    Heard {
        /// The problem that kept the engine from listening, if there was one.
        trouble: Option<Problem>,
    },
    /// The keys of a file are in the backup.
    Imported(Imported),
    /// The next piece of the exported file.
    FilePart(Bytes),
    /// The exported file is complete, and was read back.
    TakenHome(TakenHome),
    /// Entries were put back whole, and read back.
    Mended(Mended),
    /// The result for one room.
    RoomCovered(RoomCoverage),
    /// Looking further back ended.
    WentFurther {
        /// Set if some room goes back further.
        more: bool,
        /// The problem that kept the engine from going on, if there was one.
        trouble: Option<Problem>,
    },
    /// The newest messages of every room were looked at.
    Covered {
        /// Time of the look, in milliseconds since 1970.
        at_ms: u64,
        /// The `etag` of the backup at that time.
        etag: String,
    },
    /// The command was stopped. Whatever it had done stays.
    Stopped,
    /// Everything was opened once more.
    Checked(Checked),
    /// The recovery key, to be printed.
    Kit(Kit),
    /// This page's device was removed from the account.
    SignedOut,
    /// The engine could not carry out the command.
    Failed(Problem),
}
