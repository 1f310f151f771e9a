//! The steps a person can be on, each with exactly the data it needs. The folder `step/` has what they are made of.

mod arrival;
mod asked;
mod attempt;
mod deletion;
mod draft;
mod goal;
mod harvest;
mod import;
mod interrupted;
mod job;
mod long;
mod made_key;
mod outcome;
mod phase;
mod survey;
mod visit;
mod work;

pub use self::{
    arrival::Arrival,
    asked::Asked,
    attempt::Attempt,
    deletion::{Deletion, Removal},
    draft::Draft,
    goal::Goal,
    harvest::{CopyHome, Harvest},
    import::Import,
    interrupted::Interrupted,
    job::{Job, News},
    long::Long,
    made_key::{Keeping, MadeKey, ProofMistake},
    outcome::Outcome,
    phase::{PHASES, Phase},
    survey::Survey,
    visit::Visit,
    work::{Pause, Work, Written},
};
use crate::domain::{
    diagnosis::Diagnosis, discovery::Server, handed_over::HandedOver, kit::Kit, opening::Opening,
    plan::Action, problem::Problem, proved::Proved, rotation::Rotated, secret::Secret,
    verification::Verification,
};

/// A step of the person's way, with exactly the data it needs.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Says what the page does, and what the person needs for it.
    Intro,
    /// Asks for the homeserver.
    Server {
        /// The previous entry, to be corrected.
        entered: String,
        /// The problem with that entry.
        trouble: Option<Problem>,
    },
    /// Looks for the homeserver.
    Discovering {
        /// The entry.
        entered: String,
    },
    /// Shows the homeserver and offers its ways to sign in. From here on, the content security policy allows no
    /// other.
    SignIn {
        /// The homeserver.
        server: Server,
        /// Set if the engine has started.
        engine_ready: bool,
        /// The attempt to sign in.
        attempt: Attempt,
        /// The problem of the last attempt.
        trouble: Option<Problem>,
    },
    /// Asks the person to sign in again, since the server signed this page out; then goes on where they were.
    SignInAgain {
        /// The step where they were, and the account.
        place: Box<Interrupted>,
        /// The attempt to sign in.
        attempt: Attempt,
        /// The problem of the last attempt.
        trouble: Option<Problem>,
    },
    /// Reads the account.
    Looking {
        /// The homeserver.
        server: Server,
        /// Full Matrix ID.
        user_id: String,
        /// The problem that kept the engine from reading it.
        trouble: Option<Problem>,
    },
    /// Shows the diagnosis and what can be done about it.
    Findings {
        /// The account and its server.
        visit: Box<Visit>,
        /// The conclusion.
        diagnosis: Diagnosis,
        /// The action that was just carried out.
        news: Option<News>,
    },
    /// Tries a recovery key or phrase, without writing anything.
    Check {
        /// The account and its server.
        visit: Box<Visit>,
        /// The action that needs the key; `None` if the person only wants to see what it opens.
        then: Option<Action>,
        /// Set while the engine tries an entry.
        trying: bool,
        /// The result of the last entry, if the person cannot go on with it.
        opening: Option<Opening>,
        /// The problem that kept the engine from trying the last entry.
        trouble: Option<Problem>,
    },
    /// Compares emoji with one of the person's apps.
    Verify {
        /// The reason to compare.
        goal: Goal,
        /// State of the verification.
        talk: Verification,
        /// The secrets that the app has handed over.
        handed_over: Option<HandedOver>,
        /// Time in which nothing has happened, in seconds.
        waited: u32,
        /// The problem of the last move.
        trouble: Option<Problem>,
    },
    /// Says what an action does, and asks whether to do it.
    Consent {
        /// The action.
        job: Job,
        /// Set if the person typed other words than the page asked for.
        differed: bool,
    },
    /// Asks whether the recovery key should be made from a phrase.
    Choose {
        /// The action that needs the key.
        job: Job,
    },
    /// Lets the person choose a phrase.
    Phrase {
        /// The action that needs the key.
        job: Job,
        /// State of the phrase in the field.
        draft: Draft,
    },
    /// Asks for the phrase once more.
    Repeat {
        /// The action that needs the key.
        job: Job,
        /// The phrase that was chosen.
        phrase: Secret,
        /// Set if the last entry differed.
        differed: bool,
    },
    /// Waits for the engine to make the key, from the phrase if there is one.
    MakingKey {
        /// The action that needs the key.
        job: Job,
        /// The phrase, if there is one.
        phrase: Option<Secret>,
    },
    /// Shows the recovery key, so that the person can keep it.
    Save {
        /// The action that needs the key.
        job: Job,
        /// The key.
        made: MadeKey,
        /// The ways in which the person has kept it.
        kept: Vec<Keeping>,
    },
    /// Asks for the recovery key that the person kept.
    Prove {
        /// The action that needs the key.
        job: Job,
        /// The key.
        made: MadeKey,
        /// The ways in which the person has kept it.
        kept: Vec<Keeping>,
        /// The mistake in the last entry.
        mistake: Option<ProofMistake>,
    },
    /// Says what will be written, and asks for agreement.
    Confirm {
        /// The action that needs the key.
        job: Job,
        /// The key.
        made: MadeKey,
        /// The ways in which the person has kept it.
        kept: Vec<Keeping>,
        /// The key as the person entered it.
        proof: Secret,
    },
    /// Asks for the key that was kept when a set-up was begun, which was cut short.
    Resume {
        /// The account and its server.
        visit: Box<Visit>,
        /// The entry that the engine tries.
        trying: Option<Secret>,
        /// The problem with the last entry.
        trouble: Option<Problem>,
    },
    /// Waits for the engine to carry out an order.
    Writing {
        /// The order's action. Writing it again goes on where it stopped.
        job: Job,
        /// The key as the person entered it; empty if the action asks for none.
        kept_key: Secret,
        /// Progress of the order.
        work: Work,
        /// The reason why it does not go on.
        pause: Option<Pause>,
    },
    /// Says that the fresh backup is complete, and offers to delete older versions.
    Rotated {
        /// The account and its server.
        visit: Box<Visit>,
        /// Evidence that the recovery key opens the fresh backup.
        proved: Proved,
        /// The comparison with the older versions.
        rotated: Rotated,
        /// State of the deletion of older versions.
        deletion: Deletion,
        /// The problem of the last attempt to delete them.
        trouble: Option<Problem>,
    },
    /// Says that backup is on, and counts the room keys that come in from the person's apps.
    OldKeys {
        /// Everything that has come in so far.
        harvest: Box<Harvest>,
        /// The verification that an app asks for, if one does.
        talk: Verification,
    },
    /// Imports a key file.
    Import {
        /// Everything that has come in so far.
        harvest: Box<Harvest>,
        /// State of the import.
        import: Import,
        /// The problem of the last attempt.
        trouble: Option<Problem>,
    },
    /// Shows for which messages the backup has the keys.
    Coverage {
        /// Everything that has come in so far, with the rooms that were looked at.
        harvest: Box<Harvest>,
        /// Progress of the look, while it goes on.
        work: Option<Long>,
        /// The problem that ended it.
        trouble: Option<Problem>,
    },
    /// Makes a file with a copy of the whole backup.
    TakeHome {
        /// Everything that has come in so far.
        harvest: Box<Harvest>,
        /// State of the passphrase in the field.
        draft: Draft,
        /// Progress of the export, while it goes on.
        work: Option<Long>,
        /// The problem that ended it.
        trouble: Option<Problem>,
    },
    /// Shows the checklist of six lines: what is safe now, and what is not.
    Done {
        /// Everything that has come in, and the last check.
        harvest: Box<Harvest>,
        /// Number of counts since everything was opened last.
        ticks: u32,
        /// The recovery key, if the person wanted to print it here.
        kit: Option<Kit>,
        /// State of the removal of devices that earlier visits left.
        removal: Removal,
        /// The problem of the last check.
        trouble: Option<Problem>,
    },
    /// Waits until this page's device is removed.
    SigningOut {
        /// The outcome, once it is.
        outcome: Outcome,
    },
    /// Says how the visit ended.
    Finished {
        /// The outcome.
        outcome: Outcome,
        /// The problem that kept the engine from removing the device, if there was one.
        trouble: Option<Problem>,
    },
    /// Shows a problem that ends the visit.
    Stopped {
        /// The problem.
        problem: Problem,
        /// The tasks that were written before it.
        written: Written,
    },
}

impl Step {
    /// The findings for an account, by what is known of it now.
    pub(super) fn findings(visit: Box<Visit>) -> Self {
        let diagnosis = visit.diagnosis();
        Self::Findings { visit, diagnosis, news: None }
    }

    /// Name of the step, for `<main data-step>`.
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

    /// Name of the step, and the number of times that it has followed itself. One screen draws all steps of the same
    /// place.
    pub fn place(&self) -> (&'static str, usize) {
        let again = if let Self::Findings { visit, .. } = self { visit.earlier.len() } else { 0 };
        (self.name(), again)
    }

    /// The messages that were looked at, on steps that know them.
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

    /// Everything that has come in, on steps that count room keys.
    pub(super) fn harvest_mut(&mut self) -> Option<&mut Harvest> {
        match self {
            Self::OldKeys { harvest, .. }
            | Self::Coverage { harvest, .. }
            | Self::TakeHome { harvest, .. }
            | Self::Done { harvest, .. } => Some(harvest),
            _ => None,
        }
    }
}
