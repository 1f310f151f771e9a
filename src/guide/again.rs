//! The server has signed this page out, at whatever moment: signing in once more, and going on from there.
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
    /// Where there is a place to come back to: which server let in whom.
    pub(super) fn whose(&self) -> Option<(Server, String)> {
        match &self.step {
            Step::SignInAgain { .. } => None,
            Step::Looking { server, user_id, .. } => Some((server.clone(), user_id.clone())),
            step => step.visit().map(|visit| (visit.server.clone(), visit.account.user_id.clone())),
        }
    }

    /// Keeps the place, and asks to sign in.
    pub(super) fn interrupt(&mut self, (server, user_id): (Server, String), problem: Problem) -> Vec<Effect> {
        self.leave_run();
        let step = std::mem::replace(&mut self.step, Step::Intro);
        // What was half made is made anew.
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

    /// Signs in once more, looks at the account, and goes on.
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
            // Signed in, but the account could not be read.
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

    /// Goes on where the person was; from what was found, where it is not what they had seen.
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
            // These look themselves at what has changed, and at what of it is theirs.
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
                    // What this visit wrote stays written.
                    let visit = Visit { offers: visit.offers, written, touched, ..fresh };
                    (Step::findings(Box::new(visit)), Vec::new())
                }
                // How long the other device takes is counted from here.
                Some(_) if matches!(step, Step::Verify { .. }) => (step, vec![Effect::Wake(TICK_MS)]),
                Some(_) | None => (step, Vec::new()),
            },
        }
    }

    /// The person does not want to sign in again.
    pub(super) fn stop_here(&mut self) -> Vec<Effect> {
        let written = self.written();
        let mut effects = Vec::new();
        if let Step::SignInAgain { place, attempt, trouble } = std::mem::replace(&mut self.step, Step::Intro)
        {
            self.run.0 += 1;
            // Signed in once more, there is a device to take along.
            effects = if place.is_back { self.tell(Command::SignOut) } else { vec![Effect::EndEngine] };
            effects.extend(attempt.close());
            // What became of signing in again says more than that it was needed.
            self.step = Step::Stopped { problem: trouble.unwrap_or(place.problem), written };
        }
        effects
    }
}

/// A step with nothing under way: what was asked for is not answered any more.
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
        // The other device has waited for an answer that did not come.
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
