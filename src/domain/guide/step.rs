//! Where a person can be, with exactly the data that each place has.

use super::pause_between_counts;
use crate::domain::{
    account::Account,
    diagnosis::{Diagnosis, Known},
    discovery::Server,
    passphrase::Judgement,
    plan::Task,
    problem::Problem,
    proved::Proved,
    recovery_key::RecoveryKeyError,
    secret::Secret,
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
    /// Name and password, for a homeserver that is shown. From here on the browser is locked to it.
    SignIn {
        /// The homeserver.
        server: Server,
        /// Whether the engine has started.
        engine_ready: bool,
        /// Whether the server is being asked.
        waiting: bool,
        /// Why the last attempt failed.
        trouble: Option<Problem>,
    },
    /// Reading the account.
    Looking {
        /// The homeserver.
        server: Server,
        /// The full Matrix ID.
        user_id: String,
    },
    /// What is the matter, and, where the page can help, how the backup shall be opened later.
    Findings {
        /// The account and its server.
        visit: Visit,
        /// The conclusion.
        diagnosis: Diagnosis,
    },
    /// Choosing a phrase.
    Phrase {
        /// The account and its server.
        visit: Visit,
        /// What is known about the phrase in the field.
        draft: Draft,
    },
    /// The phrase once more.
    Repeat {
        /// The account and its server.
        visit: Visit,
        /// What was chosen.
        phrase: Secret,
        /// Whether the last entry differed.
        differed: bool,
    },
    /// The engine makes the key (and derives it from the phrase).
    MakingKey {
        /// The account and its server.
        visit: Visit,
        /// The phrase, if there is one.
        phrase: Option<Secret>,
    },
    /// The recovery key, to be kept.
    Save {
        /// The account and its server.
        visit: Visit,
        /// What was made.
        made: MadeKey,
        /// What the person has done to keep it.
        kept: Vec<Keeping>,
    },
    /// The recovery key, shown back to the page.
    Prove {
        /// The account and its server.
        visit: Visit,
        /// What was made.
        made: MadeKey,
        /// What the person did to keep it.
        kept: Vec<Keeping>,
        /// Why the last entry was not it.
        mistake: Option<ProofMistake>,
    },
    /// What will be written, before it is.
    Confirm {
        /// The account and its server.
        visit: Visit,
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
        visit: Visit,
        /// The entry that is being tried.
        trying: Option<Secret>,
        /// Why the last entry did not finish it.
        trouble: Option<Problem>,
    },
    /// Writing.
    Writing {
        /// The account and its server.
        visit: Visit,
        /// What was asked for; asked again, it goes on where it stopped.
        order: Order,
        /// The tasks that are done, in order.
        done: Vec<Task>,
        /// What holds it up.
        pause: Option<Pause>,
    },
    /// What was proved, and that the old messages' keys are still in the person's app.
    OldKeys {
        /// The account and its server.
        visit: Visit,
        /// What was proved.
        proved: Proved,
        /// How the number of saved keys develops.
        arrival: Arrival,
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
        written: Vec<Task>,
    },
}

/// What the person agreed to have written, with the key as they entered it.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// The first set-up.
    SetUp(Secret),
    /// The rest of one that was cut short.
    Resume(Secret),
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
}

/// A recovery key that exists in this page only.
#[derive(Clone, Debug, PartialEq)]
pub struct MadeKey {
    /// Its text form, in groups of four as the engine returned it.
    pub recovery_key: Secret,
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

/// What holds writing up.
#[derive(Clone, Debug, PartialEq)]
pub enum Pause {
    /// The server wants the account password.
    Password {
        /// Whether one was given and refused.
        refused: bool,
    },
    /// A problem; trying again goes on where it stopped.
    Trouble(Problem),
}

/// How the number of saved room keys develops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The last number seen.
    pub room_keys: u64,
    /// How many counts in a row have brought the same number.
    pub unchanged: u32,
    /// Why the last count failed, if it did.
    pub trouble: Option<Problem>,
}

impl Arrival {
    /// For how many seconds, roughly, the number has been the same.
    pub fn still_for_seconds(&self) -> u32 {
        (0..self.unchanged).map(|count| pause_between_counts(count) / 1_000).fold(0, u32::saturating_add)
    }
}

/// What the visit achieved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was written.
    NothingChanged,
    /// Backup is on, and this was proved.
    BackupOn(Proved),
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
