//! Signs in again after the server signed this page out, and goes on where the person was.
//!
//! Source: specification, "Soft logout", and the error codes `M_UNKNOWN_TOKEN` and `M_USER_LOCKED`.

use super::{
    Effect, Guide, Input,
    step::{Attempt, Deletion, Goal, Import, Interrupted, Pause, Removal, Step, Visit},
    waits::{COUNT_EVERY_MS, TICK_MS},
};
use crate::{
    domain::{account::Account, discovery::Server, problem::Problem, verification::Verification},
    protocol::messages::{Command, Event},
};

impl Guide {
    /// The homeserver and the user ID to sign in with again. `None` on a step without an account, and while the person
    /// is already signing in again.
    pub(super) fn whose(&self) -> Option<(Server, String)> {
        match &self.step {
            Step::SignInAgain { .. } => None,
            Step::Looking { server, user_id, .. } => Some((server.clone(), user_id.clone())),
            step => step.visit().map(|visit| (visit.server.clone(), visit.account.user_id.clone())),
        }
    }

    /// Keeps the step with nothing under way, and asks the person to sign in again.
    pub(super) fn interrupt(&mut self, (server, user_id): (Server, String), problem: Problem) -> Vec<Effect> {
        self.leave_run();
        self.heard_behind = None;
        let step = std::mem::replace(&mut self.step, Step::Intro);
        // A file that was not finished is made anew.
        let effects = match &step {
            Step::TakeHome { work: Some(_), .. } => vec![Effect::ForgetMade],
            _ => Vec::new(),
        };
        let trouble = Some(problem.clone()).filter(|problem| *problem == Problem::Locked);
        let step = at_rest(step, &problem);
        let place = Box::new(Interrupted { server, user_id, step, problem, is_back: false });
        self.step = Step::SignInAgain { place, attempt: Attempt::None, trouble };
        effects
    }

    /// Handles an input while the person signs in again.
    pub(super) fn sign_in_again(
        &mut self,
        mut place: Box<Interrupted>,
        attempt: Attempt,
        trouble: Option<Problem>,
        input: Input,
    ) -> (Step, Vec<Effect>) {
        match (attempt, input) {
            (Attempt::Asking { .. }, Input::Engine(_, Event::SignedIn { user_id, .. }))
                if user_id == place.user_id =>
            {
                place.is_back = true;
                (
                    Step::SignInAgain { place, attempt: Attempt::Asking { window: None }, trouble: None },
                    Vec::new(),
                )
            }
            (Attempt::Asking { .. }, Input::Engine(_, Event::Looked(account))) if place.is_back => {
                self.go_on(*place, account)
            }
            // The sign-in worked, but the account could not be read.
            (Attempt::None, Input::TriedAgain) if place.is_back => {
                let effects = self.tell(Command::Look);
                (
                    Step::SignInAgain { place, attempt: Attempt::Asking { window: None }, trouble: None },
                    effects,
                )
            }
            (attempt, input) => {
                let user_id = Some(&place.user_id);
                let (attempt, trouble, effects) =
                    self.sign_in(&place.server, user_id, attempt, trouble, input);
                (Step::SignInAgain { place, attempt, trouble }, effects)
            }
        }
    }

    /// Goes on with the step that was interrupted; shows the findings instead if the account has changed.
    fn go_on(&mut self, place: Interrupted, account: Account) -> (Step, Vec<Effect>) {
        let has_changed = |visit: &Visit| !account.is_as_it_was(&visit.account);
        match place.step {
            step @ Step::Looking { .. } => {
                let run = self.run;
                self.advance(step, Input::Engine(run, Event::Looked(account)))
            }
            step @ Step::Writing { pause: Some(Pause::Withdrawing), .. } => {
                (step, self.tell(Command::Withdraw))
            }
            // These read the account themselves, and can tell their own changes from others.
            step @ (Step::Writing { .. } | Step::Coverage { .. }) => self.advance(step, Input::TriedAgain),
            step @ Step::Done { .. } => (step, self.tell(Command::Check)),
            step @ (Step::OldKeys { .. } | Step::Verify { goal: Goal::Give(_), .. }) => {
                (step, vec![Effect::Wake(COUNT_EVERY_MS.0)])
            }
            step @ (Step::Import { .. } | Step::TakeHome { .. } | Step::Rotated { .. }) => (step, Vec::new()),
            Step::MakingKey { job, phrase } if !has_changed(&job.visit) => self.make_key(job, phrase),
            step => match step.visit() {
                Some(visit) if has_changed(visit) => {
                    let (written, touched) = (visit.written.clone(), visit.touched);
                    let fresh = *Visit::new(visit.server.clone(), account);
                    // Tasks of this visit stay written.
                    let visit = Visit { offers: visit.offers, written, touched, ..fresh };
                    (Step::findings(Box::new(visit)), Vec::new())
                }
                // The time that the other device takes counts from here.
                Some(_) if matches!(step, Step::Verify { .. }) => (step, vec![Effect::Wake(TICK_MS)]),
                Some(_) | None => (step, Vec::new()),
            },
        }
    }

    /// Ends the visit of a person who does not want to sign in again.
    pub(super) fn stop_here(&mut self) -> Vec<Effect> {
        let written = self.written();
        let mut effects = Vec::new();
        if let Step::SignInAgain { place, attempt, trouble } = std::mem::replace(&mut self.step, Step::Intro)
        {
            self.run.0 += 1;
            // After a new sign-in there is a device again, which has to be removed.
            effects = if place.is_back { self.tell(Command::SignOut) } else { vec![Effect::EndEngine] };
            effects.extend(attempt.close());
            // A problem with signing in again is more recent than the one that made it necessary.
            self.step = Step::Stopped { problem: trouble.unwrap_or(place.problem), written };
        }
        effects
    }
}

/// Returns the step with nothing under way, since the engine no longer answers what was asked before.
fn at_rest(step: Step, problem: &Problem) -> Step {
    match step {
        Step::Looking { server, user_id, .. } => Step::Looking { server, user_id, trouble: None },
        Step::Check { visit, then, .. } => {
            Step::Check { visit, then, trying: false, opening: None, trouble: None }
        }
        Step::Resume { visit, .. } => Step::Resume { visit, trying: None, trouble: None },
        Step::Phrase { job, mut draft } => {
            draft.choosing = None;
            Step::Phrase { job, draft }
        }
        Step::Writing { job, kept_key, mut work, .. } => {
            work.stopping = false;
            let pause = if work.withdrawing { Pause::Withdrawing } else { Pause::Trouble(problem.clone()) };
            Step::Writing { job, kept_key, work, pause: Some(pause) }
        }
        Step::Rotated { visit, proved, rotated, deletion, .. } => {
            let deletion = if deletion == Deletion::Asked { Deletion::Kept } else { deletion };
            Step::Rotated { visit, proved, rotated, deletion, trouble: None }
        }
        // The other device got no answer meanwhile.
        Step::Verify { goal, handed_over, .. } => {
            Step::Verify { goal, talk: Verification::Idle, handed_over, waited: 0, trouble: None }
        }
        Step::OldKeys { harvest, .. } => Step::OldKeys { harvest, talk: Verification::Idle },
        Step::Import { harvest, import: Import::Running { name, bytes, .. }, .. } => {
            Step::Import { harvest, import: Import::Chosen { name, bytes }, trouble: None }
        }
        Step::Coverage { harvest, .. } => Step::Coverage { harvest, work: None, trouble: None },
        Step::TakeHome { harvest, mut draft, .. } => {
            draft.choosing = None;
            Step::TakeHome { harvest, draft, work: None, trouble: None }
        }
        Step::Done { harvest, ticks, kit, .. } => {
            Step::Done { harvest, ticks, kit, removal: Removal::Offered, trouble: None }
        }
        step => step,
    }
}
