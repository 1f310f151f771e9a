//! The way from "backup is on" to "you're safe": the old messages' keys come in and are counted, messages are
//! looked at, a copy is taken home, and everything is checked once more.

mod background;
mod coverage;
mod done;
mod import;
mod old_keys;
mod take_home;
mod verify;

pub(super) use self::verify::verify;

use super::{
    Effect, Guide, Input,
    done::Copy,
    step::{CopyHome, Draft, Goal, Harvest, Import, Long, Removal, Step, Survey},
    waits::COUNT_EVERY_MS,
};
use crate::{
    domain::{plan::Action, verification::Verification},
    protocol::messages::Command,
};

/// A place on this way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Where the keys are counted as they come in.
    OldKeys,
    /// Comparing emoji with an app.
    Verify,
    /// Taking keys from a file.
    Import,
    /// Which messages are covered.
    Coverage,
    /// A copy of the whole backup.
    TakeHome,
    /// The six lines.
    Done,
}

impl Guide {
    /// Begins at one of the places, as if nothing had been done there yet.
    pub(super) fn go_to(&mut self, mut harvest: Box<Harvest>, part: Part) -> (Step, Vec<Effect>) {
        match part {
            Part::OldKeys => {
                // Other apps are heard from the first count on, not before: whoever leaves at once asks less.
                self.resting = true;
                let step = Step::OldKeys { harvest, talk: Verification::Idle };
                (step, vec![Effect::Wake(COUNT_EVERY_MS.0)])
            }
            Part::Verify => verify(Goal::Give(harvest), Verification::Idle),
            Part::Import => (Step::Import { harvest, import: Import::Choosing, trouble: None }, Vec::new()),
            Part::Coverage => {
                let has_to_look = harvest.has_to_look();
                // What was seen before is only held against the backup as it is now.
                let further = harvest.survey.at_ms.is_some();
                let effects = if has_to_look { self.tell(Command::Cover { further }) } else { Vec::new() };
                let work = has_to_look.then(Long::default);
                if !further {
                    harvest.survey = Survey::default();
                }
                (Step::Coverage { harvest, work, trouble: None }, effects)
            }
            Part::TakeHome => {
                // Keys came in since: what is asked for is another copy, not whether this one was saved.
                if matches!(Copy::of(&harvest), Copy::Lacks { .. }) {
                    harvest.copy = CopyHome::Older;
                }
                let draft = Draft::default();
                (Step::TakeHome { harvest, draft, work: None, trouble: None }, Vec::new())
            }
            Part::Done => {
                let effects = self.tell(Command::Check);
                (done(harvest), effects)
            }
        }
    }

    /// Every move on this way. What does not belong to the step leaves it as it is.
    pub(super) fn harvest(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
        match (step, input) {
            (
                Step::OldKeys { harvest, .. }
                | Step::Import { harvest, import: Import::Choosing | Import::Done(_), .. }
                | Step::Coverage { harvest, work: None, .. }
                | Step::TakeHome { harvest, work: None, .. }
                | Step::Done { harvest, .. },
                Input::WentTo(part),
            ) if part != Part::Import || harvest.offers_import() => {
                self.leave_run();
                self.go_to(harvest, part)
            }
            // Carried along whole by a fresh backup: what is asked for that is asked as among the findings.
            (Step::Coverage { harvest, work: None, .. }, Input::Chose(Action::Rotate))
                if harvest.needs_fresh_backup() =>
            {
                self.leave_run();
                self.begin(harvest.visit, Action::Rotate)
            }
            (step @ Step::OldKeys { .. }, input) => self.count(step, input),
            (Step::Verify { goal, talk, handed_over, waited, trouble }, input) => {
                let state = (talk, handed_over, waited, trouble);
                self.verify(goal, state, input)
            }
            (Step::Import { harvest, import, trouble }, input) => {
                self.import(harvest, import, trouble, input)
            }
            (step @ Step::Coverage { .. }, input) => self.cover(step, input),
            (step @ Step::TakeHome { .. }, input) => self.take_home(step, input),
            (step @ Step::Done { .. }, input) => self.check(step, input),
            (step, _) => (step, Vec::new()),
        }
    }
}

fn done(harvest: Box<Harvest>) -> Step {
    Step::Done { harvest, ticks: 0, kit: None, removal: Removal::Offered, trouble: None }
}
