//! Where a person can be, with exactly the data that each place has.

use super::waits::pause_between_counts;
use crate::domain::{
    account::Account,
    config::Offers,
    coverage::RoomCoverage,
    diagnosis::{Diagnosis, KeyKnown, Known, diagnose},
    discovery::Server,
    handed_over::HandedOver,
    key_file::{Imported, TakenHome},
    kit::Kit,
    mended::Mended,
    opening::{Opening, StoredBackupKey},
    passphrase::Judgement,
    plan::{Action, Plan, Task, plan},
    problem::Problem,
    proof::Wanted,
    proved::{Checked, Proved},
    recovery_key::RecoveryKeyError,
    rotation::Rotated,
    secret::Secret,
    sign_in::Door,
    verification::Verification,
    web_address::WebAddress,
};

/// The step a person is on, with exactly the data that step has.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Why, and what is needed.
    Intro,
    /// Which account.
    Server {
        /// What was entered before, to be corrected.
        entered: String,
        /// What was wrong with it.
        trouble: Option<Problem>,
    },
    /// Looking for the homeserver.
    Discovering {
        /// What was entered.
        entered: String,
    },
    /// The ways to sign in, for a homeserver that is shown. From here on the browser is locked to it.
    SignIn {
        /// The homeserver.
        server: Server,
        /// Whether the engine has started.
        engine_ready: bool,
        /// How far the attempt under way is.
        attempt: Attempt,
        /// Why the last attempt failed.
        trouble: Option<Problem>,
    },
    /// Signing in once more, because the server has signed this page out; then it goes on where it was.
    SignInAgain {
        /// Where the person was.
        place: Box<Interrupted>,
        /// How far the attempt under way is.
        attempt: Attempt,
        /// Why the last attempt failed.
        trouble: Option<Problem>,
    },
    /// Reading the account.
    Looking {
        /// The homeserver.
        server: Server,
        /// The full Matrix ID.
        user_id: String,
        /// Why it could not be read.
        trouble: Option<Problem>,
    },
    /// What is the matter, and what can be done about it.
    Findings {
        /// The account and its server.
        visit: Box<Visit>,
        /// The conclusion.
        diagnosis: Diagnosis,
        /// What was just done here.
        news: Option<News>,
    },
    /// The recovery key or phrase, entered to see what it opens. Nothing is written.
    Check {
        /// The account and its server.
        visit: Box<Visit>,
        /// What the key is needed for, if for more than to know.
        then: Option<Action>,
        /// Whether an entry is being tried.
        trying: bool,
        /// What the last entry opened, where that did not lead on.
        opening: Option<Opening>,
        /// Why the last entry could not be tried.
        trouble: Option<Problem>,
    },
    /// Comparing emoji with an app of the person's.
    Verify {
        /// What for.
        goal: Goal,
        /// How far it is.
        talk: Verification,
        /// What the app has handed over since.
        handed_over: Option<HandedOver>,
        /// For how many seconds nothing has happened.
        waited: u32,
        /// Why the last move failed.
        trouble: Option<Problem>,
    },
    /// What an action means, and the question whether to do it.
    Consent {
        /// What was chosen.
        job: Job,
        /// Whether the words that were typed were not the ones asked for.
        differed: bool,
    },
    /// How the secrets shall be opened later: with a key, or with a phrase, too.
    Choose {
        /// What the key will be made for.
        job: Job,
    },
    /// Choosing a phrase.
    Phrase {
        /// What the key is made for.
        job: Job,
        /// What is known about the phrase in the field.
        draft: Draft,
    },
    /// The phrase once more.
    Repeat {
        /// What the key is made for.
        job: Job,
        /// What was chosen.
        phrase: Secret,
        /// Whether the last entry differed.
        differed: bool,
    },
    /// The engine makes the key (and derives it from the phrase).
    MakingKey {
        /// What the key is made for.
        job: Job,
        /// The phrase, if there is one.
        phrase: Option<Secret>,
    },
    /// The recovery key, to be kept.
    Save {
        /// What the key is made for.
        job: Job,
        /// What was made.
        made: MadeKey,
        /// What the person has done to keep it.
        kept: Vec<Keeping>,
    },
    /// The recovery key, shown back to the page.
    Prove {
        /// What the key is made for.
        job: Job,
        /// What was made.
        made: MadeKey,
        /// What the person did to keep it.
        kept: Vec<Keeping>,
        /// Why the last entry was not it.
        mistake: Option<ProofMistake>,
    },
    /// What will be written, before it is.
    Confirm {
        /// What the key is made for.
        job: Job,
        /// What was made.
        made: MadeKey,
        /// What the person did to keep it.
        kept: Vec<Keeping>,
        /// The key as they entered it.
        proof: Secret,
    },
    /// The key that was kept when a set-up was begun and cut short.
    Resume {
        /// The account and its server.
        visit: Box<Visit>,
        /// The entry that is being tried.
        trying: Option<Secret>,
        /// Why the last entry did not finish it.
        trouble: Option<Problem>,
    },
    /// Writing.
    Writing {
        /// What is done; asked for again, it goes on where it stopped.
        job: Job,
        /// The key as the person entered it, where the action asks for it.
        kept_key: Secret,
        /// How far it is.
        work: Work,
        /// What holds it up.
        pause: Option<Pause>,
    },
    /// A fresh backup is complete; what became of the older versions, which are all still there.
    Rotated {
        /// The account and its server.
        visit: Box<Visit>,
        /// What was proved.
        proved: Proved,
        /// What was compared.
        rotated: Rotated,
        /// Whether older versions were deleted.
        deletion: Deletion,
        /// Why the last attempt to delete them failed.
        trouble: Option<Problem>,
    },
    /// What was proved, and that the old messages' keys are still in the person's app.
    OldKeys {
        /// What has come in so far.
        harvest: Box<Harvest>,
        /// Whether an app asks to compare emoji.
        talk: Verification,
    },
    /// Taking keys from a file.
    Import {
        /// What has come in so far.
        harvest: Box<Harvest>,
        /// How far it is.
        import: Import,
        /// Why the last attempt failed.
        trouble: Option<Problem>,
    },
    /// Which messages have their keys in the backup.
    Coverage {
        /// What has come in so far, with the rooms that were looked at.
        harvest: Box<Harvest>,
        /// How far looking is, while it is under way.
        work: Option<Long>,
        /// Why it could not be done.
        trouble: Option<Problem>,
    },
    /// A copy of the whole backup, as a file.
    TakeHome {
        /// What has come in so far.
        harvest: Box<Harvest>,
        /// What is known about the passphrase in the field.
        draft: Draft,
        /// How far making it is, while it is under way.
        work: Option<Long>,
        /// Why it could not be made.
        trouble: Option<Problem>,
    },
    /// The six lines: what is safe now, and what is not.
    Done {
        /// What has come in, and what was checked.
        harvest: Box<Harvest>,
        /// Counts the counts since everything was opened last.
        ticks: u32,
        /// The key, once the person wanted to print it here.
        kit: Option<Kit>,
        /// Whether devices of earlier visits are being removed.
        removal: Removal,
        /// Why the last check failed.
        trouble: Option<Problem>,
    },
    /// Removing this page's device.
    SigningOut {
        /// What will have been achieved.
        outcome: Outcome,
    },
    /// The page has signed itself out.
    Finished {
        /// What was achieved.
        outcome: Outcome,
        /// Why the device could not be removed, if so.
        trouble: Option<Problem>,
    },
    /// Something the person cannot mend on the step they were on.
    Stopped {
        /// What happened.
        problem: Problem,
        /// What had been written by then.
        written: Written,
    },
}

impl Step {
    /// The step's name, as `<main data-step>` shows it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Intro => "intro",
            Self::Server { .. } => "server",
            Self::Discovering { .. } => "discovering",
            Self::SignIn { .. } => "sign-in",
            Self::SignInAgain { .. } => "sign-in-again",
            Self::Looking { .. } => "looking",
            Self::Findings { .. } => "findings",
            Self::Check { .. } => "check",
            Self::Verify { .. } => "verify",
            Self::Consent { .. } => "consent",
            Self::Choose { .. } => "choose",
            Self::Phrase { .. } => "phrase",
            Self::Repeat { .. } => "repeat",
            Self::MakingKey { .. } => "making-key",
            Self::Save { .. } => "save",
            Self::Prove { .. } => "prove",
            Self::Confirm { .. } => "confirm",
            Self::Resume { .. } => "resume",
            Self::Writing { .. } => "writing",
            Self::Rotated { .. } => "rotated",
            Self::OldKeys { .. } => "old-keys",
            Self::Import { .. } => "import",
            Self::Coverage { .. } => "coverage",
            Self::TakeHome { .. } => "take-home",
            Self::Done { .. } => "done",
            Self::SigningOut { .. } => "signing-out",
            Self::Finished { .. } => "finished",
            Self::Stopped { .. } => "stopped",
        }
    }

    /// The step's name and, where the same step follows itself, how often it did. Two steps with the same place are
    /// drawn by the same screen.
    pub fn place(&self) -> (&'static str, usize) {
        let again = if let Self::Findings { visit, .. } = self { visit.earlier.len() } else { 0 };
        (self.name(), again)
    }
}

/// How far signing in is.
#[derive(Clone, Debug, PartialEq)]
pub enum Attempt {
    /// The person has not chosen yet.
    None,
    /// A window is open, or is to be opened, in which they sign in on the server's page.
    Window {
        /// Whose page.
        door: Box<Door>,
        /// Where it is, once that is known.
        address: Option<WebAddress>,
        /// Whether the browser did not open it.
        blocked: bool,
    },
    /// The server is being asked.
    Asking {
        /// The window that an answer came from: it still counts if that was another attempt's.
        window: Option<Box<Self>>,
    },
}

impl Attempt {
    /// Whether the server is being asked.
    pub fn is_asking(&self) -> bool {
        matches!(self, Self::Asking { .. })
    }
}

/// Where a person was when the server signed this page out.
#[derive(Clone, Debug, PartialEq)]
pub struct Interrupted {
    /// The homeserver.
    pub server: Server,
    /// Who they are.
    pub user_id: String,
    /// The step, with nothing under way.
    pub step: Step,
    /// What had happened: signed out, or locked.
    pub problem: Problem,
    /// Whether they are signed in again, and the account is being looked at.
    pub is_back: bool,
}

/// An account that is being looked after, and where it lives.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// The homeserver.
    pub server: Server,
    /// The account as it was when looked at.
    pub account: Account,
    /// What is known beside it.
    pub known: Known,
    /// What was known before the person said more: the way back.
    pub earlier: Vec<Known>,
    /// What was written in this visit.
    pub written: Vec<Task>,
    /// Whether something else was changed: an app was confirmed, or keys of a file were saved.
    pub touched: bool,
    /// What the host has on offer.
    pub offers: Offers,
}

/// Something that the person chose to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The account it is done on.
    pub visit: Box<Visit>,
    /// What to do.
    pub action: Action,
}

/// What was just done, told with the findings after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// What was chosen.
    pub action: Action,
    /// What it wrote.
    pub written: Vec<Task>,
}

/// How far writing is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Work {
    /// The tasks that are done, in order.
    pub done: Vec<Task>,
    /// How far the present one is: room keys done, and how many there are.
    pub progress: Option<(u64, u64)>,
    /// Whether the person asked to stop.
    pub stopping: bool,
    /// Whether the person refused the proof, and what was written is to be taken back: from then on nothing is
    /// written any more.
    pub withdrawing: bool,
    /// Whether the server was faster than the person who refused its proof: what the engine still says of taking back
    /// is no news.
    pub overtaken: bool,
    /// The account as it was found afterwards.
    pub looked: Option<Account>,
    /// Whether all that was written and is not among the tasks that are done was put back.
    pub taken_back: bool,
}

/// What has been written when a visit ends too soon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// What surely was.
    pub tasks: Vec<Task>,
    /// What was being written at that moment.
    pub perhaps: Option<Task>,
    /// Whether something that was begun is not complete.
    pub cut_short: bool,
}

/// What became of the older versions of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// They are kept: nobody asked for anything else.
    Kept,
    /// The server is being asked.
    Asked,
    /// Those whose every key is in the fresh backup are gone.
    Done,
}

/// A recovery key that exists in this page only.
#[derive(Clone, Debug, PartialEq)]
pub struct MadeKey {
    /// The key as it is shown and printed.
    pub kit: Kit,
    /// Whether a phrase opens the backup, too.
    pub with_phrase: bool,
}

/// What is known about the phrase in the field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// The number of the last question to the engine; older answers are ignored.
    pub number: u32,
    /// The answer to it, once it came.
    pub judgement: Option<Judgement>,
    /// The phrase that was proposed last.
    pub suggestion: Option<Secret>,
    /// The phrase the person wants to go on with, while the engine judges it.
    pub choosing: Option<Secret>,
}

/// A way of keeping the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// As a file.
    Downloaded,
    /// On the clipboard, for a password manager.
    Copied,
    /// In the browser's own password manager, if the person said yes there.
    InManager,
    /// On paper, by printer.
    Printed,
    /// On paper, by hand.
    WrittenDown,
}

/// Why an entry does not prove that the key was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofMistake {
    /// It has not the form of a recovery key.
    Form(RecoveryKeyError),
    /// It is a recovery key, but another one.
    AnotherKey,
}

/// A proof that the server has asked the person for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What it wants.
    pub wanted: Wanted,
    /// Whether the person went to its page, and the server is being asked whether that is done.
    pub went: bool,
}

impl Asked {
    /// Nothing was done about it yet.
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, went: false }
    }
}

/// What holds writing up.
#[derive(Clone, Debug, PartialEq)]
pub enum Pause {
    /// The server wants a proof.
    Proof(Asked),
    /// What was written is being taken back.
    Withdrawing,
    /// A problem; trying again goes on where it stopped.
    Trouble(Problem),
}

/// How the number of saved room keys develops.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// The last number seen.
    pub room_keys: u64,
    /// What the server called that content.
    pub etag: String,
    /// How many counts in a row have brought the same number.
    pub unchanged: u32,
    /// For how long it has been the same, in milliseconds: the waits between these counts.
    pub still_ms: u32,
    /// How long was waited since the last count, in milliseconds.
    pub waited_ms: u32,
    /// Why the last count failed, if it did.
    pub trouble: Option<Problem>,
}

impl Arrival {
    /// Takes a count; how long to wait before the next one, in milliseconds.
    pub(super) fn count(&mut self, room_keys: u64, etag: String) -> u32 {
        let is_same = room_keys == self.room_keys && (self.etag.is_empty() || etag == self.etag);
        let unchanged = if is_same { self.unchanged.saturating_add(1) } else { 0 };
        let still_ms = if is_same { self.still_ms.saturating_add(self.waited_ms) } else { 0 };
        *self = Self { room_keys, etag, unchanged, still_ms, waited_ms: 0, trouble: None };
        pause_between_counts(unchanged)
    }

    /// A count failed: what happened meanwhile is not known.
    pub(super) fn fail(&mut self, problem: Problem) {
        *self =
            Self { unchanged: 0, still_ms: 0, waited_ms: 0, trouble: Some(problem), ..std::mem::take(self) };
    }

    /// Whether nothing has come in for half a minute.
    pub fn is_resting(&self) -> bool {
        self.still_for_seconds() >= 30
    }

    /// For how many seconds, roughly, the number has been the same.
    pub fn still_for_seconds(&self) -> u32 {
        self.still_ms / 1_000
    }
}

/// What has come in since backup is on, and what was seen of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Harvest {
    /// The account and its server.
    pub visit: Box<Visit>,
    /// What was proved last.
    pub proved: Proved,
    /// The last time that everything was opened once more.
    pub checked: Option<Checked>,
    /// How the number of saved keys develops.
    pub arrival: Arrival,
    /// What the last file brought.
    pub imported: Option<Imported>,
    /// Which messages are covered.
    pub survey: Survey,
    /// What became of the keys that only this page could read.
    pub mended: Option<Mended>,
    /// Whether a copy was taken home.
    pub copy: CopyHome,
}

impl Harvest {
    /// Whether messages were not looked at yet, or the backup has changed since: what was seen then may have been
    /// replaced, by an app's poorer key for example.
    pub fn has_to_look(&self) -> bool {
        let (seen, now) = (&self.survey.etag, &self.arrival.etag);
        self.survey.at_ms.is_none() || !now.is_empty() && now != seen
    }

    /// Takes in what was put back whole. What was seen before has to be held against the backup again.
    pub(super) fn took_mended(&mut self, mended: Mended) {
        self.mended = Some(mended);
        self.visit.touched |= mended.mended > 0;
    }

    /// Whether messages were seen whose keys only this page can read.
    pub fn has_mendable(&self) -> bool {
        self.survey.rooms.iter().any(|room| room.mendable > 0)
    }

    /// Whether the server keeps such keys as they are, so that only a fresh backup carries them along whole.
    pub fn needs_fresh_backup(&self) -> bool {
        self.has_mendable() && self.mended.is_some_and(|mended| mended.kept > 0)
    }

    /// Takes in what a file brought: what was seen of messages before is not true any more.
    pub(super) fn took(&mut self, imported: Imported) {
        self.imported = Some(imported);
        self.visit.touched = true;
        let room_keys = imported.room_keys;
        self.arrival = Arrival { room_keys, ..Arrival::default() };
        if imported.new + imported.better > 0 {
            self.survey = Survey::default();
            if matches!(self.copy, CopyHome::Taken(_)) {
                self.copy = CopyHome::Older;
            }
        }
    }
}

/// Which messages are covered, room by room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The rooms that were looked at.
    pub rooms: Vec<RoomCoverage>,
    /// When the last look came to its end, in milliseconds since 1970.
    pub at_ms: Option<u64>,
    /// What the server called the backup's content that was looked at.
    pub etag: String,
    /// Whether a look further back could tell more.
    pub more: bool,
    /// Whether the person wants no look further back for now.
    pub paused: bool,
    /// Why the look further back could not go on.
    pub trouble: Option<Problem>,
}

impl Survey {
    /// Whether the look further back rests until the person wants it to go on.
    pub fn rests(&self) -> bool {
        self.paused || self.trouble.is_some()
    }

    /// Adds a room, or what was seen of it after looking further.
    pub(super) fn add(&mut self, room: RoomCoverage) {
        match self.rooms.iter_mut().find(|known| known.room_id == room.room_id) {
            Some(known) => *known = room,
            None => self.rooms.push(room),
        }
    }
}

/// A copy of the backup that does not lie on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyHome {
    /// The person has not been asked yet.
    NotOffered,
    /// The person did without.
    Declined,
    /// It was made and read back.
    Taken(TakenHome),
    /// One was made, and keys of a file came in since.
    Older,
}

/// Something that takes its time and may be stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Long {
    /// How much is done, and of how much.
    pub progress: Option<(u64, u64)>,
    /// Whether the person asked to stop.
    pub stopping: bool,
    /// Whether keys are put back whole, rather than looked at.
    pub mends: bool,
}

/// What comparing emoji is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// The app has what this page needs.
    Receive(Box<Visit>),
    /// This page has what the app needs.
    Give(Box<Harvest>),
}

impl Goal {
    /// The account and its server.
    pub fn visit(&self) -> &Visit {
        match self {
            Self::Receive(visit) => visit,
            Self::Give(harvest) => &harvest.visit,
        }
    }
}

impl Harvest {
    /// Whether keys can be taken from a file. A host may withhold it only while an app can still send them, and
    /// no message was seen to lack its keys.
    pub fn offers_import(&self) -> bool {
        let visit = &self.visit;
        let app_can_send = !visit.account.devices.is_empty() && !visit.known.app_lost;
        let has_gaps = self.survey.rooms.iter().any(|room| room.missing + room.unopened > 0);
        visit.offers.import || !app_can_send || has_gaps
    }
}

impl Step {
    /// What was seen of messages, wherever that is known.
    pub(super) fn survey_mut(&mut self) -> Option<&mut Survey> {
        match self {
            Self::OldKeys { harvest, .. }
            | Self::Verify { goal: Goal::Give(harvest), .. }
            | Self::Import { harvest, .. }
            | Self::Coverage { harvest, .. }
            | Self::TakeHome { harvest, .. }
            | Self::Done { harvest, .. } => Some(&mut harvest.survey),
            _ => None,
        }
    }

    /// What has come in so far, where keys are counted.
    pub(super) fn harvest_mut(&mut self) -> Option<&mut Harvest> {
        match self {
            Self::OldKeys { harvest, .. } | Self::Done { harvest, .. } => Some(harvest),
            _ => None,
        }
    }
}

/// How far taking keys from a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Import {
    /// No file was chosen yet.
    Choosing,
    /// The file was chosen; its passphrase is asked for.
    Chosen {
        /// What it is called.
        name: String,
        /// How long it is.
        bytes: u64,
    },
    /// It is being opened, or its keys are being saved.
    Running {
        /// What it is called.
        name: String,
        /// How long it is.
        bytes: u64,
        /// How far that is.
        work: Long,
    },
    /// Its keys are in the backup.
    Done(Imported),
}

/// What becomes of devices that earlier visits of this page left in the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// Nothing, unless the person wants it.
    Offered,
    /// The server is being asked.
    Asked,
    /// The server wants a proof.
    Proof(Asked),
}

/// What the visit achieved.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Nothing was written.
    NothingChanged,
    /// Nothing was written, and the key was seen to open everything.
    Checked(Proved),
    /// Something was mended or changed; what was proved then, if everything fits.
    Changed(Option<Proved>),
    /// Backup is on, and this was proved.
    BackupOn(Proved),
    /// The last screen was reached: everything it says was seen.
    Done(Box<Harvest>),
}

/// The parts of the way, for the list of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Why.
    Start,
    /// Which account, and signing in.
    SignIn,
    /// What is the matter.
    Findings,
    /// Phrase and key.
    Key,
    /// Writing.
    TurnOn,
    /// The old messages' keys.
    OldMessages,
    /// Signed out.
    Finish,
}

/// All phases, in order.
pub const PHASES: [Phase; 7] = [
    Phase::Start,
    Phase::SignIn,
    Phase::Findings,
    Phase::Key,
    Phase::TurnOn,
    Phase::OldMessages,
    Phase::Finish,
];

impl Visit {
    /// An account that was just looked at.
    pub fn new(server: Server, account: Account) -> Box<Self> {
        let known = Known::default();
        let (earlier, written, offers) = (Vec::new(), Vec::new(), Offers::default());
        Box::new(Self { server, account, known, earlier, written, touched: false, offers })
    }

    /// What is the matter, by what is known now.
    pub fn diagnosis(&self) -> Diagnosis {
        diagnose(&self.account, &self.known)
    }

    /// What can be done about it.
    pub fn plan(&self) -> Plan {
        plan(self.diagnosis(), &self.account, &self.known)
    }

    /// What else can be chosen. A host may withhold something only from those for whom nothing has to be
    /// mended: what is recommended is on offer, and whatever may lead on where that fails.
    pub fn others(&self) -> Vec<Action> {
        let Plan { recommended, others } = self.plan();
        let is_well = matches!(recommended, Action::Cover | Action::BringKeys);
        others.iter().copied().filter(|action| !(is_well && self.offers.withhold(*action))).collect()
    }

    /// Whether this can be chosen now.
    pub fn offers(&self, action: Action) -> bool {
        self.plan().recommended == action || self.others().contains(&action)
    }

    /// What the entered key was seen to open, if that is everything.
    pub fn proved(&self) -> Option<&Proved> {
        match &self.known.key {
            KeyKnown::Tried(Opening::SecretStorage { found, .. }) if found.is_all_right() => {
                match &found.backup {
                    StoredBackupKey::Fits { proved, .. } => Some(proved),
                    StoredBackupKey::Missing
                    | StoredBackupKey::Damaged
                    | StoredBackupKey::Differs { .. }
                    | StoredBackupKey::NoBackup => None,
                }
            }
            KeyKnown::Tried(_) | KeyKnown::NotAsked | KeyKnown::Lost => None,
        }
    }

    /// Whether the key that an action works with has been entered.
    pub(super) fn has_key_for(&self, action: Action) -> bool {
        match &self.known.key {
            KeyKnown::Tried(Opening::SecretStorage { .. }) => true,
            KeyKnown::Tried(Opening::OlderSecretStorage { .. }) => action == Action::ChangeKey,
            KeyKnown::Tried(Opening::BackupDirectly { .. } | Opening::Nothing(_))
            | KeyKnown::NotAsked
            | KeyKnown::Lost => false,
        }
    }

    /// Whether nothing was changed in this visit.
    pub(super) fn is_as_it_was(&self) -> bool {
        self.written.is_empty() && !self.touched
    }

    /// What ending the visit now would leave.
    pub(super) fn outcome(&self) -> Outcome {
        match (self.proved().cloned(), self.is_as_it_was()) {
            (proved, false) => Outcome::Changed(proved),
            (Some(proved), true) => Outcome::Checked(proved),
            (None, true) => Outcome::NothingChanged,
        }
    }
}

impl Job {
    /// Whether the key is chosen right below the findings: there is nothing else to do.
    pub(super) fn is_all_there_is(&self) -> bool {
        self.action == Action::SetUp && self.visit.plan().recommended == Action::SetUp
    }
}
