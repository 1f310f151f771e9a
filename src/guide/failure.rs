//! Handles the failure of a command, and the loss of the engine.

use super::{
    Effect, Guide,
    step::{Deletion, Draft, Import, Pause, Removal, Step},
    waits::COUNT_EVERY_MS,
};
use crate::{
    domain::{problem::Problem, verification::Verification},
    protocol::messages::Command,
};

impl Guide {
    /// Handles a failed command: most steps show the problem and can be tried again.
    pub(super) fn fail(&mut self, problem: Problem) -> Vec<Effect> {
        if problem.is_signed_out()
            && let Some(whose) = self.whose()
        {
            return self.interrupt(whose, problem);
        }
        let written = self.written();
        let step = std::mem::replace(&mut self.step, Step::Intro);
        let mut effects = Vec::new();
        self.step = match step {
            Step::SignIn { server, engine_ready, attempt, .. } => {
                let (attempt, more) = attempt.after(&problem);
                effects = more;
                Step::SignIn { server, engine_ready, attempt, trouble: Some(problem) }
            }
            Step::SignInAgain { mut place, attempt, .. } => {
                place.is_back &= !problem.is_signed_out();
                let (attempt, more) = attempt.after(&problem);
                effects = more;
                Step::SignInAgain { place, attempt, trouble: Some(problem) }
            }
            Step::Looking { server, user_id, .. } if problem.may_pass() => {
                Step::Looking { server, user_id, trouble: Some(problem) }
            }
            // No task is done yet, so the person may enter another key.
            Step::Resume { visit, .. } => Step::Resume { visit, trying: None, trouble: Some(problem) },
            Step::Check { visit, then, .. } if problem.may_pass() => {
                Step::Check { visit, then, trying: false, opening: None, trouble: Some(problem) }
            }
            // The older versions are still there, so the person may go on.
            Step::Rotated { visit, proved, rotated, deletion, .. } => {
                let deletion = if deletion == Deletion::Asked { Deletion::Kept } else { deletion };
                Step::Rotated { visit, proved, rotated, deletion, trouble: Some(problem) }
            }
            // The identity was published before the engine could take the order back; this is its answer to that.
            Step::Writing { job, kept_key, mut work, pause }
                if work.overtaken && problem == Problem::OutOfOrder =>
            {
                work.overtaken = false;
                Step::Writing { job, kept_key, work, pause }
            }
            // The engine did not send what was entered, so the person is asked again.
            Step::Writing { job, kept_key, work, .. }
                if problem.may_pass() || problem == Problem::KeyAsPassword =>
            {
                Step::Writing { job, kept_key, work, pause: Some(Pause::Trouble(problem)) }
            }
            Step::OldKeys { mut harvest, talk } if !matches!(problem, Problem::BackupReplaced) => {
                effects = vec![Effect::Wake(COUNT_EVERY_MS.1)];
                harvest.arrival.fail(problem);
                Step::OldKeys { harvest, talk }
            }
            Step::Verify { goal, talk, handed_over, waited, .. } if problem.may_pass() => {
                // The app was not asked, or nobody knows: the person can ask anew.
                let talk = if talk == Verification::Asked { Verification::Idle } else { talk };
                Step::Verify { goal, talk, handed_over, waited, trouble: Some(problem) }
            }
            Step::Import { harvest, import: Import::Running { name, bytes, .. }, .. }
                if problem.may_pass() || matches!(problem, Problem::KeyFile(_)) =>
            {
                Step::Import { harvest, import: Import::Chosen { name, bytes }, trouble: Some(problem) }
            }
            Step::Coverage { harvest, .. } if problem.may_pass() => {
                Step::Coverage { harvest, work: None, trouble: Some(problem) }
            }
            Step::TakeHome { harvest, draft, .. } if problem.may_pass() => {
                effects = vec![Effect::ForgetMade];
                let draft = Draft { choosing: None, ..draft };
                Step::TakeHome { harvest, draft, work: None, trouble: Some(problem) }
            }
            Step::Done { mut harvest, ticks, kit, mut removal, .. }
                if problem.may_pass() || problem == Problem::KeyAsPassword =>
            {
                if problem.may_pass() {
                    harvest.arrival.fail(problem.clone());
                }
                effects = vec![Effect::Wake(COUNT_EVERY_MS.1)];
                match &mut removal {
                    Removal::Asked => removal = Removal::Offered,
                    Removal::Proof(asked) => asked.went = false,
                    Removal::Offered => {}
                }
                Step::Done { harvest, ticks, kit, removal, trouble: Some(problem) }
            }
            Step::SigningOut { outcome } => Step::Finished { outcome, trouble: Some(problem) },
            Step::Phrase { job, draft } => Step::Phrase { job, draft: Draft { choosing: None, ..draft } },
            step @ Step::Finished { .. } => step,
            // The engine could not sign out. Once it is ended, the page itself tries when the tab is closed.
            step @ Step::Stopped { .. } => {
                effects = vec![Effect::EndEngine];
                step
            }
            Step::Intro
            | Step::Server { .. }
            | Step::Discovering { .. }
            | Step::Looking { .. }
            | Step::Findings { .. }
            | Step::Check { .. }
            | Step::Verify { .. }
            | Step::Consent { .. }
            | Step::Choose { .. }
            | Step::Repeat { .. }
            | Step::MakingKey { .. }
            | Step::Save { .. }
            | Step::Prove { .. }
            | Step::Confirm { .. }
            | Step::Writing { .. }
            | Step::OldKeys { .. }
            | Step::Import { .. }
            | Step::Coverage { .. }
            | Step::TakeHome { .. }
            | Step::Done { .. } => {
                // Trying again would fail the same way. Signing out leaves no device of this page in the person's
                // list.
                effects = self.tell(Command::SignOut);
                Step::Stopped { problem, written }
            }
        };
        effects
    }

    pub(super) fn lose_engine(&mut self, problem: Problem) -> Vec<Effect> {
        self.leave_run();
        self.looking_back = None;
        let written = self.written();
        let step = std::mem::replace(&mut self.step, Step::Intro);
        self.step = match step {
            step @ (Step::Finished { .. } | Step::Stopped { .. }) => step,
            Step::SigningOut { outcome } => Step::Finished { outcome, trouble: Some(problem) },
            _ => Step::Stopped { problem, written },
        };
        vec![Effect::EndEngine]
    }
}
