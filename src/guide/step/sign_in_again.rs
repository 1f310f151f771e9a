//! Signs in again after the server signed this page out, and goes on where the person was.
//!
//! Source: specification, "Soft logout", and the error codes `M_UNKNOWN_TOKEN` and `M_USER_LOCKED`.

use super::{Answers, IsStep, Step, Stopped, Turn};
use crate::{
    domain::{discovery::Server, problem::Problem},
    guide::{Attempt, Effect, Input, Outcome, Written, memory::Memory},
    protocol::messages::{Command, Event},
};

/// Asks the person to sign in again, since the server signed this page out; then goes on where they were.
#[derive(Clone, Debug, PartialEq)]
pub struct SignInAgain {
    /// The step where they were, and the account.
    pub place: Box<Interrupted>,
    /// The attempt to sign in.
    pub attempt: Attempt,
    /// The problem of the last attempt.
    pub trouble: Option<Problem>,
}

/// The step where a person was when the server signed this page out.
#[derive(Clone, Debug, PartialEq)]
pub struct Interrupted {
    /// The homeserver.
    pub server: Server,
    /// Full Matrix ID.
    pub user_id: String,
    /// The step, with nothing under way.
    pub step: Step,
    /// The problem that ended the sign-in: signed out, or locked.
    pub problem: Problem,
    /// Set if the person has signed in again, and the engine is reading the account.
    pub is_back: bool,
}

impl SignInAgain {
    /// The homeserver and the user ID to sign in with again. `None` on a step without an account, and while the person
    /// is already signing in again.
    pub(in crate::guide) fn whose(step: &Step) -> Option<(Server, String)> {
        match step {
            Step::SignInAgain(_) => None,
            Step::Looking(looking) => Some((looking.server.clone(), looking.user_id.clone())),
            step => step.answers().visit.map(|visit| (visit.server.clone(), visit.account.user_id.clone())),
        }
    }

    /// Keeps the step with nothing under way, and asks the person to sign in again.
    pub(in crate::guide) fn interrupt(
        step: Step,
        memory: &mut Memory,
        (server, user_id): (Server, String),
        problem: Problem,
    ) -> Turn {
        memory.leave_run();
        memory.heard_behind = None;
        let trouble = Some(problem.clone()).filter(|problem| *problem == Problem::Locked);
        let Turn { step, effects } = step.at_rest(&problem);
        let place = Box::new(Interrupted { server, user_id, step, problem, is_back: false });
        Self { place, attempt: Attempt::None, trouble }.with(effects)
    }

    /// Ends the visit of a person who does not want to sign in again.
    pub(in crate::guide) fn stop_here(self, memory: &mut Memory) -> Turn {
        let Self { place, attempt, trouble } = self;
        memory.run.0 += 1;
        // After a new sign-in there is a device again, which has to be removed.
        let end = if place.is_back { memory.tell(Command::SignOut) } else { vec![Effect::EndEngine] };
        let written = place.step.written();
        // A problem with signing in again is more recent than the one that made it necessary.
        let problem = trouble.unwrap_or(place.problem);
        Turn::to(Stopped { problem, written }).then(end).then(attempt.close())
    }

    fn read_account(place: Box<Interrupted>) -> Self {
        Self { place, attempt: Attempt::Asking { window: None }, trouble: None }
    }
}

impl IsStep for SignInAgain {
    const NAME: &'static str = "sign-in-again";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        let Self { mut place, attempt, trouble } = self;
        match (attempt, input) {
            (Attempt::Asking { .. }, Input::Engine(_, Event::SignedIn { user_id, .. }))
                if user_id == place.user_id =>
            {
                place.is_back = true;
                Self::read_account(place).stay()
            }
            (Attempt::Asking { .. }, Input::Engine(_, Event::Looked(account))) if place.is_back => {
                place.step.go_on(memory, account)
            }
            // The sign-in worked, but the account could not be read.
            (Attempt::None, Input::TriedAgain) if place.is_back => {
                Self::read_account(place).with(memory.tell(Command::Look))
            }
            (attempt, input) => {
                let user_id = Some(&place.user_id);
                let (attempt, trouble, effects) =
                    memory.sign_in(&place.server, user_id, attempt, trouble, input);
                Self { place, attempt, trouble }.with(effects)
            }
        }
    }

    fn fail(mut self, _: &mut Memory, problem: Problem) -> Turn {
        self.place.is_back &= !problem.is_signed_out();
        let (attempt, effects) = self.attempt.after(&problem);
        Self { attempt, trouble: Some(problem), ..self }.with(effects)
    }

    fn answers(&self) -> Answers<'_> {
        let Answers { phase, visit, .. } = self.place.step.answers();
        Answers {
            phase,
            visit,
            trouble: self.trouble.as_ref(),
            can_go_back: false,
            has_changed_nothing: false,
            has_something_to_lose: true,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        None
    }

    fn written(&self) -> Option<Written> {
        Some(self.place.step.written())
    }

    fn server(&self) -> Option<&Server> {
        Some(&self.place.server)
    }

    fn attempt(&self) -> Option<&Attempt> {
        Some(&self.attempt)
    }

    /// The order may have been written in part, so nothing is said of its key.
    fn holds_saved_key(&self) -> bool {
        true
    }
}
