//! The steps a person can be on: this list, and a file for each.
//!
//! A step's file has its data, its moves and its answers. To add one, add it to the three lists below.

mod check;
mod choose;
mod confirm;
mod consent;
mod coverage;
mod discovering;
mod done;
mod findings;
mod finished;
mod import;
mod intro;
mod looking;
mod making_key;
mod old_keys;
mod phrase;
mod prove;
mod repeat;
mod resume;
mod rotated;
mod save;
mod server;
mod sign_in;
mod sign_in_again;
mod signing_out;
mod stopped;
mod take_home;
mod turn;
mod verify;
mod writing;

pub use self::{
    check::{Check, Entered},
    choose::Choose,
    confirm::Confirm,
    consent::Consent,
    coverage::Coverage,
    discovering::Discovering,
    done::Done,
    findings::Findings,
    finished::Finished,
    import::Import,
    intro::Intro,
    looking::Looking,
    making_key::MakingKey,
    old_keys::OldKeys,
    phrase::Phrase,
    prove::Prove,
    repeat::Repeat,
    resume::Resume,
    rotated::Rotated,
    save::Save,
    server::Server,
    sign_in::SignIn,
    sign_in_again::{Interrupted, SignInAgain},
    signing_out::SigningOut,
    stopped::Stopped,
    take_home::TakeHome,
    verify::Verify,
    writing::Writing,
};

pub(super) use self::{turn::Turn, writing::write};
use super::{
    input::{Effect, Input},
    memory::Memory,
    state::{Arrival, AskedProof, Attempt, Harvest, Job, Outcome, Phase, Survey, Visit, Written},
};
use crate::{
    domain::{account::Account, discovery, problem::Problem},
    protocol::messages::Command,
};

/// The moves of a step, and its answers to whatever the page asks of every step.
///
/// Moves take the step by value, so that none can be made from a step which the person has left.
pub(super) trait IsStep: Into<Step> {
    /// Name of the step, for `<main data-step>`.
    const NAME: &'static str;

    /// Takes an input. One that does not fit the step changes nothing.
    fn handle(self, memory: &mut Memory, input: Input) -> Turn;

    /// Takes the failure of a command. Most steps show a problem that may pass, to be tried again, and end
    /// the visit by [`Self::stop`] for any other; those that can be done otherwise go on.
    fn fail(self, memory: &mut Memory, problem: Problem) -> Turn;

    /// Answers the questions that the page asks of every step.
    fn answers(&self) -> Answers<'_>;

    /// The outcome if the visit ended now; `None` where it cannot be ended.
    fn outcome(&self) -> Option<Outcome>;

    /// Goes back, if [`Answers::can_go_back`] says so.
    fn back(self, _: &mut Memory) -> Turn {
        self.stay()
    }

    /// Rests with nothing under way: the server signed this page out with this problem, so the engine no longer
    /// answers what was asked before.
    fn at_rest(self, _: &Problem) -> Turn {
        self.stay()
    }

    /// Goes on after the person has signed in again, with the account as it is now.
    fn go_on(self, _: &mut Memory, account: Account) -> Turn {
        Findings::unless_changed(self.into(), account)
    }

    /// Everything that was written, if the visit ended now; `None` if the visit knows it.
    fn written(&self) -> Option<Written> {
        None
    }

    /// The homeserver that the content security policy allows; `None` if the visit knows it.
    fn server(&self) -> Option<&discovery::Server> {
        None
    }

    /// The attempt to sign in.
    fn attempt(&self) -> Option<&Attempt> {
        None
    }

    /// The proof that the server waits for.
    fn asked(&self) -> Option<&AskedProof> {
        None
    }

    /// Tells whether the key that the person saved last may come into use from here.
    fn holds_saved_key(&self) -> bool {
        false
    }

    /// Tells whether the page listens to other devices.
    fn listens(&self) -> bool {
        false
    }

    /// Everything that came in, on steps behind which the page counts room keys; and whether the engine has nothing
    /// else to do.
    fn counts_behind(&self) -> Option<(&Harvest, bool)> {
        None
    }

    /// The messages that were looked at, if the page may look further back now. It does not while the person waits
    /// for the engine, or while the engine waits for the next command.
    fn looks_back(&self) -> Option<&Survey> {
        None
    }

    /// The messages that were looked at, on steps that know them.
    fn survey_mut(&mut self) -> Option<&mut Survey> {
        None
    }

    /// The counts, on steps that count room keys.
    fn arrival_mut(&mut self) -> Option<&mut Arrival> {
        None
    }

    /// Number of times that the step has followed itself.
    fn again(&self) -> usize {
        0
    }

    /// Stays on the step.
    fn stay(self) -> Turn {
        Turn::to(self)
    }

    /// Stays on the step, and has the page do something.
    fn with(self, effects: Vec<Effect>) -> Turn {
        Turn { step: self.into(), effects }
    }

    /// Ends the visit, since trying again would fail the same way.
    fn stop(self, memory: &Memory, problem: Problem) -> Turn {
        stop(&self.into(), memory, problem)
    }
}

fn stop(step: &Step, memory: &Memory, problem: Problem) -> Turn {
    // Signing out leaves no device of this page in the person's list.
    Turn::to(Stopped { problem, written: step.written() }).then(memory.tell(Command::SignOut))
}

/// The answers to the questions that the page asks of every step.
#[derive(Debug)]
pub(super) struct Answers<'a> {
    /// The phase that the step belongs to.
    pub phase: Phase,
    /// The account of this visit, once it was read.
    pub visit: Option<&'a Visit>,
    /// The problem of the last attempt, if it can be tried again.
    pub trouble: Option<&'a Problem>,
    /// Set if [`Input::WentBack`] leads anywhere.
    pub can_go_back: bool,
    /// Set if the page can promise that the account is unchanged.
    pub has_changed_nothing: bool,
    /// Set if closing the tab now would lose something.
    pub has_something_to_lose: bool,
}

impl<'a> Answers<'a> {
    /// The answers on the way to an order that needs a key, before anything of it is written.
    fn before_writing(job: &'a Job) -> Self {
        Self {
            phase: Phase::Key,
            visit: Some(&job.visit),
            trouble: None,
            can_go_back: true,
            has_changed_nothing: job.visit.has_changed_nothing(),
            has_something_to_lose: true,
        }
    }
}

/// Makes [`Step`], and has each variant answer for itself.
macro_rules! steps {
    ($($step:ident),* $(,)?) => {
        /// A step of the person's way, with exactly the data it needs.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Step {
            $(#[doc = concat!("See [`struct@", stringify!($step), "`].")] $step($step),)*
        }

        $(impl From<$step> for Step {
            fn from(step: $step) -> Self {
                Self::$step(step)
            }
        })*

        impl Step {
            /// Name of the step, for `<main data-step>`.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$step(_) => $step::NAME,)* }
            }

            /// Name of the step, and the number of times that it has followed itself. One screen draws all steps of
            /// the same place.
            pub fn place(&self) -> (&'static str, usize) {
                (self.name(), match self { $(Self::$step(step) => step.again(),)* })
            }

            /// The attempt to sign in, on the two steps that have one.
            pub fn attempt(&self) -> Option<&Attempt> {
                match self { $(Self::$step(step) => step.attempt(),)* }
            }

            /// The proof that the server waits for.
            pub fn asked(&self) -> Option<&AskedProof> {
                match self { $(Self::$step(step) => step.asked(),)* }
            }

            pub(super) fn handle(self, memory: &mut Memory, input: Input) -> Turn {
                match self { $(Self::$step(step) => step.handle(memory, input),)* }
            }

            pub(super) fn fail(self, memory: &mut Memory, problem: Problem) -> Turn {
                match self { $(Self::$step(step) => step.fail(memory, problem),)* }
            }

            pub(super) fn back(self, memory: &mut Memory) -> Turn {
                match self { $(Self::$step(step) => step.back(memory),)* }
            }

            pub(super) fn at_rest(self, problem: &Problem) -> Turn {
                match self { $(Self::$step(step) => step.at_rest(problem),)* }
            }

            pub(super) fn go_on(self, memory: &mut Memory, account: Account) -> Turn {
                match self { $(Self::$step(step) => step.go_on(memory, account),)* }
            }

            pub(super) fn answers(&self) -> Answers<'_> {
                match self { $(Self::$step(step) => step.answers(),)* }
            }

            pub(super) fn outcome(&self) -> Option<Outcome> {
                match self { $(Self::$step(step) => step.outcome(),)* }
            }

            pub(super) fn holds_saved_key(&self) -> bool {
                match self { $(Self::$step(step) => step.holds_saved_key(),)* }
            }

            pub(super) fn listens(&self) -> bool {
                match self { $(Self::$step(step) => step.listens(),)* }
            }

            pub(super) fn counts_behind(&self) -> Option<(&Harvest, bool)> {
                match self { $(Self::$step(step) => step.counts_behind(),)* }
            }

            pub(super) fn looks_back(&self) -> Option<&Survey> {
                match self { $(Self::$step(step) => step.looks_back(),)* }
            }

            pub(super) fn survey_mut(&mut self) -> Option<&mut Survey> {
                match self { $(Self::$step(step) => step.survey_mut(),)* }
            }

            pub(super) fn arrival_mut(&mut self) -> Option<&mut Arrival> {
                match self { $(Self::$step(step) => step.arrival_mut(),)* }
            }

            /// The homeserver that the content security policy allows, once it does.
            pub(super) fn server(&self) -> Option<&discovery::Server> {
                let server = match self { $(Self::$step(step) => step.server(),)* };
                server.or_else(|| self.answers().visit.map(|visit| &visit.server))
            }

            /// Everything that was written, if the visit ended now.
            pub(super) fn written(&self) -> Written {
                let written = match self { $(Self::$step(step) => step.written(),)* };
                written.unwrap_or_else(|| Written {
                    tasks: self.answers().visit.map(|visit| visit.written.clone()).unwrap_or_default(),
                    ..Written::default()
                })
            }
        }
    };
}

steps![
    Intro,
    Server,
    Discovering,
    SignIn,
    SignInAgain,
    Looking,
    Findings,
    Check,
    Verify,
    Consent,
    Choose,
    Phrase,
    Repeat,
    MakingKey,
    Save,
    Prove,
    Confirm,
    Resume,
    Writing,
    Rotated,
    OldKeys,
    Import,
    Coverage,
    TakeHome,
    Done,
    SigningOut,
    Finished,
    Stopped,
];
