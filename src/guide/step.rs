//! Where a person can be, with exactly the data that each place has. Beside it, in `step/`: what steps are made of.

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
    /// The findings about an account, by what is known now.
    pub(super) fn findings(visit: Box<Visit>) -> Self {
        let diagnosis = visit.diagnosis();
        Self::Findings { visit, diagnosis, news: None }
    }

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
