//! Goes back, step by step.

use super::{
    Effect, Guide,
    step::{Draft, Goal, Harvest, Job, Part, Step},
};
use crate::{
    domain::{plan::Action, verification::Move},
    protocol::messages::Command,
};

impl Guide {
    pub(super) fn go_back(&mut self) -> Vec<Effect> {
        if !self.can_go_back() {
            return Vec::new();
        }
        let step = std::mem::replace(&mut self.step, Step::Intro);
        let mut effects = Vec::new();
        self.step = match step {
            step @ (Step::Server { .. } | Step::Discovering { .. } | Step::SignIn { .. }) => {
                let (step, more) = self.back_at_entrance(step);
                effects = more;
                step
            }
            Step::Findings { mut visit, .. } => {
                if let Some(known) = visit.earlier.pop() {
                    visit.known = known;
                }
                Step::findings(visit)
            }
            Step::Check { visit, .. } | Step::Resume { visit, .. } => Step::findings(visit),
            Step::Verify { goal, talk, .. } => {
                self.leave_run();
                // Tells the other device, so that it does not wait for an answer.
                if talk.is_under_way() {
                    effects = self.tell(Command::Verify(Move::Cancel));
                }
                match goal {
                    Goal::Receive(visit) => Step::findings(visit),
                    Goal::Give(harvest) => {
                        let (step, more) = self.go_to(harvest, Part::OldKeys);
                        effects.extend(more);
                        step
                    }
                }
            }
            Step::OldKeys { harvest, .. }
            | Step::Import { harvest, .. }
            | Step::Coverage { harvest, .. }
            | Step::TakeHome { harvest, .. }
            | Step::Done { harvest, .. } => {
                // What is under way, as a count, has no use on another step.
                self.leave_run();
                let (step, more) = self.back_in_harvest(harvest);
                effects = more;
                step
            }
            step => back_before_writing(step),
        };
        effects
    }

    /// Goes back to where the person was before; from the first of these steps to the findings.
    fn back_in_harvest(&mut self, harvest: Box<Harvest>) -> (Step, Vec<Effect>) {
        match harvest.came_by.last() {
            Some(before) => {
                let before = *before;
                self.go_to(harvest, before)
            }
            None if harvest.visit.proved().is_some() => (Step::findings(harvest.visit), Vec::new()),
            // What the key opens is no longer known after writing.
            None => self.go_to(harvest, Part::OldKeys),
        }
    }
}

/// Goes back on the way to an order.
fn back_before_writing(step: Step) -> Step {
    match step {
        Step::Consent { job, .. } => Step::findings(job.visit),
        Step::Choose { job } if job.action == Action::Reset => Step::Consent { job, differed: false },
        Step::Choose { job } => Step::findings(job.visit),
        Step::Phrase { job, .. } => before_key(job),
        Step::Repeat { job, .. } => Step::Phrase { job, draft: Draft::default() },
        Step::Save { job, made, .. } => {
            if made.with_phrase {
                Step::Phrase { job, draft: Draft::default() }
            } else {
                before_key(job)
            }
        }
        Step::Prove { job, made, kept, .. } | Step::Confirm { job, made, kept, .. } => {
            Step::Save { job, made, kept }
        }
        step => step,
    }
}

/// The step on which the person chose between a key and a phrase.
fn before_key(job: Job) -> Step {
    if job.is_all_there_is() { Step::findings(job.visit) } else { Step::Choose { job } }
}
