//! What the page asks of the engine, and what the engine tells the page.

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
    passphrase::Judgement,
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

/// Counts the attempts within one page: a new sign-in is a new run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Run(pub u32);

/// A message with the run it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// The run.
    pub run: Run,
    /// The message.
    pub message: T,
}

/// What the page asks for. Each is answered by the events named with it, or by [`Event::Failed`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Sign in with a password, then look: [`Event::SignedIn`], [`Event::Looked`]. Once the server has signed this
    /// page out, this and [`Command::Authorized`] sign in anew, as the same device, and what was under way can go
    /// on; another account's is refused.
    SignIn {
        /// The client API's address, without a slash at the end.
        base_url: String,
        /// Full Matrix ID or localpart.
        user: String,
        /// The account password.
        password: Secret,
    },
    /// Prepare signing in on a page of the server's: [`Event::Authorize`]. Where it is an authorization server's,
    /// this page makes itself known to it first.
    Authorize {
        /// The client API's address, without a slash at the end.
        base_url: String,
        /// Whose page.
        door: Door,
        /// Whom that page may propose, where a Matrix ID was entered.
        user_id: Option<String>,
        /// The address of our `callback.html`, where that page sends people back to.
        callback: String,
    },
    /// Sign in with what that page sent back, then look: [`Event::SignedIn`], [`Event::Looked`]. Used once.
    Authorized {
        /// Query and fragment with which `callback.html` was opened, from its `?` or `#` on.
        answer: Secret,
    },
    /// Look at the account again: [`Event::Looked`].
    Look,
    /// Ask more of phrases than this page does by itself; less changes nothing, and nothing takes it back. Not
    /// answered.
    AskMore {
        /// How many guesses they have to withstand, as a power of ten.
        strength: u8,
    },
    /// Judge a phrase: [`Event::Judged`].
    Judge {
        /// Comes back with the judgement, so that a late one can be told.
        number: u32,
        /// The phrase.
        phrase: Secret,
    },
    /// Propose a phrase: [`Event::Suggested`].
    Suggest,
    /// Make a new recovery key, from the phrase if there is one; nothing is written yet:
    /// [`Event::KeyMade`].
    MakeKey {
        /// The phrase that shall open the backup, too.
        phrase: Option<Secret>,
    },
    /// Write what an action takes, and prove it. Asked again after a failure it goes on where it stopped:
    /// [`Event::TaskDone`] for each task, perhaps [`Event::Progress`] and [`Event::ProofNeeded`], then
    /// - [`Action::SetUp`], [`Action::AddKey`], [`Action::Finish`], [`Action::Reset`]: [`Event::SetUpDone`];
    /// - [`Action::ChangeKey`], [`Action::Repair`]: [`Event::Looked`] and [`Event::Tried`], with the key
    ///   that counts now;
    /// - [`Action::Rotate`]: [`Event::Looked`] and [`Event::Rotated`].
    ///
    /// Refused for an action that makes a key unless the entry is the key that was made, and for one that
    /// needs the old key unless [`Command::TryKey`] has opened with it what the action works on.
    Write {
        /// What to do; one that writes.
        action: Action,
        /// The recovery key as the person entered it: the made one to prove that they kept it, or for
        /// [`Action::Finish`] the one kept then (or the phrase). Not read by the other actions.
        kept_key: Secret,
    },
    /// Stop what is under way, at the next place where that is safe. Acts at once, out of turn. An
    /// [`Action::Rotate`] is then answered by [`Event::Looked`] and [`Event::Tried`], and [`Command::Import`],
    /// [`Command::TakeHome`], [`Command::Mend`] and [`Command::Cover`] by [`Event::Stopped`]; anything else goes on.
    Stop,
    /// Try what the person kept and say what it opens; nothing is written: [`Event::Looked`],
    /// [`Event::Tried`].
    TryKey {
        /// A recovery key or phrase.
        entry: Secret,
    },
    /// Delete older backup versions, after the person agreed. Refused for any that a rotation of this visit
    /// did not find superseded: [`Event::Deleted`].
    DeleteOlder {
        /// The versions' names.
        versions: Vec<String>,
    },
    /// The proof that the server asked for; writing then goes on, or [`Event::ProofNeeded`] says what it wants still.
    /// A recovery key or phrase is not sent as a password, and after three refusals in a row the order has failed. Of
    /// what is done on a page, the server is asked again and again until it knows of it: for two minutes at the
    /// most, and only until the next command comes.
    GiveProof(Proof),
    /// Take back what was written, while the server still waits for its proof: [`Event::Looked`],
    /// [`Event::Withdrawn`]. Afterwards the account is as it was, and the key that was made is nobody's.
    Withdraw,
    /// How many room keys does the backup hold now: [`Event::Counted`].
    Count,
    /// Hear what the person's other devices say: sends what is to be sent to them, waits until there is news
    /// (20 seconds at the most, and only until the next command comes), and answers what they ask for.
    /// [`Event::Verification`], [`Event::HandedOver`] and [`Event::Dropped`] where these changed, then [`Event::Heard`].
    Listen,
    /// The next move of an emoji verification: [`Event::Verification`]. What follows comes with
    /// [`Command::Listen`].
    Verify(Move),
    /// A piece of a key file, in order; the first one forgets what came before. Not answered.
    FilePart {
        /// Whether a file begins here.
        first: bool,
        /// The piece.
        bytes: Bytes,
    },
    /// Take the keys of the file that was sent into the backup: [`Event::Progress`], [`Event::Imported`]. Asked
    /// again after a failure it goes on where it stopped.
    Import {
        /// The file's passphrase.
        passphrase: Secret,
    },
    /// Make one file of the whole backup: [`Event::Progress`], [`Event::FilePart`] for each piece, then
    /// [`Event::TakenHome`], after it was read back.
    TakeHome {
        /// The file's passphrase.
        passphrase: Secret,
    },
    /// Put back whole, into the current backup, what other apps cannot read as it stands there. Nothing is deleted:
    /// [`Event::Progress`], [`Event::Mended`].
    Mend,
    /// See whether the keys of each room's newest messages are in the backup, and open: [`Event::Progress`] in rooms,
    /// [`Event::RoomCovered`] for each, then [`Event::Covered`]; or [`Event::Stopped`], when stopped or when the next
    /// command comes.
    Cover {
        /// Whether what was seen before stays, and is held against the backup as it is now; rather than all anew.
        further: bool,
    },
    /// Look further back, towards the beginning of every room, for some seconds and only until the next command comes:
    /// [`Event::RoomCovered`] for each room of which there is news, then [`Event::WentFurther`]. Asked again it goes on
    /// where it stopped.
    GoFurther,
    /// Open everything once more as a new device would, with what the person kept: [`Event::Checked`].
    Check,
    /// Show the recovery key again, to be printed: [`Event::Kit`].
    ShowKit,
    /// Remove devices that earlier visits of this page left in the account, all that [`Event::Checked`] named:
    /// [`Event::Checked`], or [`Event::ProofNeeded`] if the server wants proof.
    RemoveLeftOver {
        /// The proof it asked for, once it has.
        proof: Option<Proof>,
    },
    /// Remove this page's device from the account and forget everything: [`Event::SignedOut`].
    SignOut,
}

/// What the engine tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The engine runs; the first message of all.
    Ready,
    /// The server's page, to be opened in a window of its own.
    Authorize {
        /// Where it is.
        address: WebAddress,
    },
    /// The server let us in.
    SignedIn {
        /// The full Matrix ID as the server returned it.
        user_id: String,
        /// With which the page signs this device out if its tab is closed.
        farewell: Farewell,
    },
    /// How the page signs this device out has changed: there is another token.
    Farewell(Farewell),
    /// What the account is.
    Looked(Account),
    /// The judgement on a phrase.
    Judged {
        /// The number that came with it.
        number: u32,
        /// The judgement.
        judgement: Judgement,
    },
    /// A proposed phrase.
    Suggested(Secret),
    /// The new recovery key: the one time that a key crosses to the page, to be shown.
    KeyMade(Kit),
    /// What the entry opens.
    Tried(Opening),
    /// A task of the action is done.
    TaskDone(Task),
    /// How far the task under way has come, in room keys.
    Progress {
        /// How many are done.
        done: u64,
        /// How many there are.
        total: u64,
    },
    /// The fresh backup is complete, and what became of the older ones.
    Rotated {
        /// What was proved with the key that had been entered.
        proved: Proved,
        /// What was compared.
        rotated: Rotated,
    },
    /// The older versions are gone.
    Deleted,
    /// The server wants a proof before it goes on.
    ProofNeeded(Wanted),
    /// What was written is taken back.
    Withdrawn,
    /// The server did not do what the writing was for, and so what was written for it was put back; these tasks of the
    /// action still stand. [`Event::Failed`] follows.
    TakenBack(Vec<Task>),
    /// Everything is written and was opened as a new device would.
    SetUpDone(Proved),
    /// How many room keys the backup holds.
    Counted {
        /// The number of room keys.
        room_keys: u64,
        /// Changes whenever the backup's content does.
        etag: String,
    },
    /// Where the emoji verification is now.
    Verification(Verification),
    /// What an open app handed over so far.
    HandedOver(HandedOver),
    /// Messages came that no device makes: they were dropped before they were read.
    Dropped {
        /// How many, in this visit.
        malformed: u32,
    },
    /// Listening came to an end; it may be asked for again.
    Heard {
        /// Why it could not be heard what others say, if so.
        trouble: Option<Problem>,
    },
    /// The keys of a file are in the backup.
    Imported(Imported),
    /// A piece of the file that is made, in order.
    FilePart(Bytes),
    /// The file is complete and was read back.
    TakenHome(TakenHome),
    /// Keys were put back whole, and read back.
    Mended(Mended),
    /// What was seen of one room.
    RoomCovered(RoomCoverage),
    /// A look further back came to an end.
    WentFurther {
        /// Whether there is more to look at.
        more: bool,
        /// Why it could not go on, if so.
        trouble: Option<Problem>,
    },
    /// The newest messages of every room were looked at.
    Covered {
        /// When, in milliseconds since 1970.
        at_ms: u64,
        /// What the server called the content of the backup that was looked at.
        etag: String,
    },
    /// What was under way was stopped. What is done until then stays.
    Stopped,
    /// Everything was opened once more.
    Checked(Checked),
    /// The recovery key, to be printed.
    Kit(Kit),
    /// This page's device is gone from the account.
    SignedOut,
    /// The command could not be carried out.
    Failed(Problem),
}
