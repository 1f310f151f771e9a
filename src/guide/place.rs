//! Answers questions about the step that the person is on.

use super::{
    Guide, Waiting,
    step::{
        Asked, Attempt, Deletion, Goal, Harvest, Import, Outcome, Pause, Phase, Removal, Step, Visit, Written,
    },
};
use crate::domain::{config::Config, contact::Contact, discovery::Server, plan::tasks, problem::Problem};

impl Guide {
    /// Tells whether [`Input::WentBack`](super::Input::WentBack) leads anywhere.
    pub fn can_go_back(&self) -> bool {
        match &self.step {
            Step::Server { .. }
            | Step::Discovering { .. }
            | Step::Verify { .. }
            | Step::Consent { .. }
            | Step::Choose { .. }
            | Step::Phrase { .. }
            | Step::Repeat { .. }
            | Step::Save { .. }
            | Step::Prove { .. }
            | Step::Confirm { .. } => true,
            Step::Findings { visit, .. } => !visit.earlier.is_empty(),
            Step::Check { trying, .. } => !trying,
            Step::Resume { trying, .. } => trying.is_none(),
            Step::SignIn { attempt, .. } => !attempt.is_asking(),
            // Going back shows what the key opens, which is no longer known after writing.
            Step::OldKeys { harvest, .. } => !harvest.came_by.is_empty() || harvest.visit.proved().is_some(),
            Step::Import { import, .. } => !matches!(import, Import::Running { .. }),
            Step::Coverage { work, .. } | Step::TakeHome { work, .. } => work.is_none(),
            Step::Done { removal, .. } => *removal != Removal::Asked,
            Step::Intro
            | Step::SignInAgain { .. }
            | Step::Looking { .. }
            | Step::MakingKey { .. }
            | Step::Writing { .. }
            | Step::Rotated { .. }
            | Step::SigningOut { .. }
            | Step::Finished { .. }
            | Step::Stopped { .. } => false,
        }
    }

    /// Tells whether the person is signed in and may end the visit here without harm.
    pub fn can_sign_out(&self) -> bool {
        self.outcome().is_some()
    }

    /// Tells whether the page can promise that the account is unchanged.
    pub fn has_changed_nothing(&self) -> bool {
        match &self.step {
            Step::Intro
            | Step::Server { .. }
            | Step::Discovering { .. }
            | Step::SignIn { .. }
            | Step::Looking { .. } => true,
            Step::SignInAgain { .. } => false,
            Step::Resume { visit, trying, .. } => trying.is_none() && visit.is_as_it_was(),
            Step::Findings { .. }
            | Step::Check { .. }
            | Step::Verify { .. }
            | Step::Consent { .. }
            | Step::Choose { .. }
            | Step::Phrase { .. }
            | Step::Repeat { .. }
            | Step::MakingKey { .. }
            | Step::Save { .. }
            | Step::Prove { .. }
            | Step::Confirm { .. } => self.visit().is_some_and(Visit::is_as_it_was),
            Step::Writing { .. }
            | Step::Rotated { .. }
            | Step::OldKeys { .. }
            | Step::Import { .. }
            | Step::Coverage { .. }
            | Step::TakeHome { .. }
            | Step::Done { .. }
            | Step::SigningOut { .. }
            | Step::Finished { .. }
            | Step::Stopped { .. } => false,
        }
    }

    /// Tells whether closing the tab now would lose something.
    pub fn has_something_to_lose(&self) -> bool {
        match &self.step {
            Step::Intro
            | Step::Server { .. }
            | Step::Discovering { .. }
            | Step::Finished { .. }
            | Step::Stopped { .. } => false,
            Step::SignIn { attempt, .. } => *attempt != Attempt::None,
            Step::SignInAgain { .. } => true,
            Step::Looking { .. }
            | Step::Findings { .. }
            | Step::Check { .. }
            | Step::Verify { .. }
            | Step::Consent { .. }
            | Step::Choose { .. }
            | Step::Phrase { .. }
            | Step::Repeat { .. }
            | Step::MakingKey { .. }
            | Step::Save { .. }
            | Step::Prove { .. }
            | Step::Resume { .. }
            | Step::Confirm { .. }
            | Step::Writing { .. }
            | Step::Rotated { .. }
            | Step::OldKeys { .. }
            | Step::Import { .. }
            | Step::Coverage { .. }
            | Step::TakeHome { .. }
            | Step::Done { .. }
            | Step::SigningOut { .. } => true,
        }
    }

    /// The host's settings; the default until they are known.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The contacts to show: the host's own one, or else those of the homeserver.
    pub fn contacts(&self) -> Vec<Contact> {
        match &self.config.contact {
            Some(contact) => vec![contact.clone()],
            None => self.contacts.clone(),
        }
    }

    /// Tells whether the page shows a problem that only others can mend, and knows nobody to ask.
    pub fn lacks_contacts(&self) -> bool {
        let problem = match &self.step {
            Step::Stopped { problem, .. } => Some(problem),
            _ => self.trouble(),
        };
        self.config.contact.is_none()
            && self.contacts.is_empty()
            && problem.is_some_and(Problem::is_for_others)
    }

    /// Tells whether the person has begun, but has to wait for the host's settings.
    pub fn is_held_up(&self) -> bool {
        self.waiting == Some(Waiting::ToBegin)
    }

    /// The homeserver that the content security policy allows, once it does.
    pub fn locked_to(&self) -> Option<&Server> {
        match &self.step {
            Step::SignIn { server, .. } | Step::Looking { server, .. } => Some(server),
            Step::SignInAgain { place, .. } => Some(&place.server),
            _ => self.visit().map(|visit| &visit.server),
        }
    }

    /// The problem of the last attempt on this step, if it can be tried again.
    pub fn trouble(&self) -> Option<&Problem> {
        match &self.step {
            Step::Server { trouble, .. }
            | Step::SignIn { trouble, .. }
            | Step::SignInAgain { trouble, .. }
            | Step::Looking { trouble, .. }
            | Step::Check { trouble, .. }
            | Step::Resume { trouble, .. }
            | Step::Rotated { trouble, .. }
            | Step::Verify { trouble, .. }
            | Step::Import { trouble, .. }
            | Step::Coverage { trouble, .. }
            | Step::TakeHome { trouble, .. }
            | Step::Done { trouble, .. }
            | Step::Finished { trouble, .. } => trouble.as_ref(),
            Step::OldKeys { harvest, .. } => harvest.arrival.trouble.as_ref(),
            Step::Writing { pause: Some(Pause::Trouble(problem)), .. } => Some(problem),
            Step::Writing { .. }
            | Step::Intro
            | Step::Discovering { .. }
            | Step::Findings { .. }
            | Step::Consent { .. }
            | Step::Choose { .. }
            | Step::Phrase { .. }
            | Step::Repeat { .. }
            | Step::MakingKey { .. }
            | Step::Save { .. }
            | Step::Prove { .. }
            | Step::Confirm { .. }
            | Step::SigningOut { .. }
            | Step::Stopped { .. } => None,
        }
    }

    /// The account of this visit, once it was read.
    pub(super) fn visit(&self) -> Option<&Visit> {
        self.step.visit()
    }

    /// The phase that the person is in. Only they go back to an earlier one.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The phases of the way at hand.
    pub fn phases(&self) -> Vec<Phase> {
        self.step.phases()
    }

    /// Everything that was written, if the visit ended now.
    pub(super) fn written(&self) -> Written {
        self.step.written()
    }

    /// The outcome if the visit ended now; `None` where it cannot be ended.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        match &self.step {
            Step::Looking { trouble, .. } => trouble.as_ref().map(|_| Outcome::NothingChanged),
            Step::Findings { visit, .. } | Step::Check { visit, .. } => Some(visit.outcome()),
            Step::Verify { goal: Goal::Receive(visit), .. } => Some(visit.outcome()),
            Step::Consent { job, .. }
            | Step::Choose { job }
            | Step::Phrase { job, .. }
            | Step::Repeat { job, .. }
            | Step::Save { job, .. }
            | Step::Prove { job, .. }
            | Step::Confirm { job, .. } => Some(job.visit.outcome()),
            Step::Resume { visit, trying, .. } => trying.is_none().then(|| visit.outcome()),
            Step::Rotated { deletion: Deletion::Asked, .. } => None,
            Step::Rotated { visit, proved, .. } => {
                Some(Outcome::BackupOn(Harvest::new(visit.clone(), proved.clone())))
            }
            // These have to be stopped first, so that their result is known.
            Step::Import { import: Import::Running { .. }, .. }
            | Step::Coverage { work: Some(_), .. }
            | Step::TakeHome { work: Some(_), .. }
            | Step::Done { removal: Removal::Asked, .. } => None,
            Step::Done { harvest, .. } => Some(Outcome::Done(harvest.clone())),
            Step::Verify { goal: Goal::Give(harvest), .. }
            | Step::OldKeys { harvest, .. }
            | Step::Import { harvest, .. }
            | Step::Coverage { harvest, .. }
            | Step::TakeHome { harvest, .. } => {
                let harvest = harvest.clone();
                Some(if harvest.visit.is_as_it_was() {
                    Outcome::Checked(harvest)
                } else {
                    Outcome::BackupOn(harvest)
                })
            }
            Step::Intro
            | Step::Server { .. }
            | Step::Discovering { .. }
            | Step::SignIn { .. }
            | Step::SignInAgain { .. }
            | Step::MakingKey { .. }
            | Step::Writing { .. }
            | Step::SigningOut { .. }
            | Step::Finished { .. }
            | Step::Stopped { .. } => None,
        }
    }
}

impl Step {
    /// The account of this visit, once it was read.
    pub(super) fn visit(&self) -> Option<&Visit> {
        match self {
            Step::SignInAgain { place, .. } => place.step.visit(),
            Step::Findings { visit, .. }
            | Step::Check { visit, .. }
            | Step::Resume { visit, .. }
            | Step::Rotated { visit, .. } => Some(visit),
            Step::Verify { goal, .. } => Some(goal.visit()),
            Step::OldKeys { harvest, .. }
            | Step::Import { harvest, .. }
            | Step::Coverage { harvest, .. }
            | Step::TakeHome { harvest, .. }
            | Step::Done { harvest, .. } => Some(&harvest.visit),
            Step::Consent { job, .. }
            | Step::Choose { job }
            | Step::Phrase { job, .. }
            | Step::Repeat { job, .. }
            | Step::MakingKey { job, .. }
            | Step::Save { job, .. }
            | Step::Prove { job, .. }
            | Step::Confirm { job, .. }
            | Step::Writing { job, .. } => Some(&job.visit),
            Step::Intro
            | Step::Server { .. }
            | Step::Discovering { .. }
            | Step::SignIn { .. }
            | Step::Looking { .. }
            | Step::SigningOut { .. }
            | Step::Finished { .. }
            | Step::Stopped { .. } => None,
        }
    }

    /// The attempt to sign in, on the two steps that have one.
    pub fn attempt(&self) -> Option<&Attempt> {
        match self {
            Step::SignIn { attempt, .. } | Step::SignInAgain { attempt, .. } => Some(attempt),
            _ => None,
        }
    }

    /// The proof that the server waits for.
    pub fn asked(&self) -> Option<&Asked> {
        match self {
            Step::Writing { pause: Some(Pause::Proof(asked)), .. }
            | Step::Done { removal: Removal::Proof(asked), .. } => Some(asked),
            _ => None,
        }
    }

    /// Everything that was written, if the visit ended now.
    fn written(&self) -> Written {
        match self {
            Step::SignInAgain { place, .. } => place.step.written(),
            Step::Writing { job, work, .. } => {
                let all = tasks(job.action, &job.visit.account, &job.visit.known);
                let mut open = all.iter().filter(|task| !work.done.contains(task));
                let perhaps = open.next().filter(|task| task.writes() && !work.taken_back).copied();
                let written: Vec<_> = work.done.iter().filter(|task| task.writes()).copied().collect();
                Written {
                    cut_short: perhaps.is_some() || !written.is_empty() && open.any(|task| task.writes()),
                    tasks: job.visit.written.iter().copied().chain(written).collect(),
                    perhaps,
                }
            }
            // The engine may have opened everything with the entry, and have begun to write.
            Step::Resume { trying: Some(_), .. } => Written { cut_short: true, ..Written::default() },
            Step::Stopped { written, .. } => written.clone(),
            _ => Written {
                tasks: self.visit().map(|visit| visit.written.clone()).unwrap_or_default(),
                ..Written::default()
            },
        }
    }
}
