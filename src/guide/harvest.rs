//! The steps from "backup is on" to "you're safe". Room keys come in and are counted, messages are looked at, a copy
//! is taken home, and everything is checked once more.

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
    step::{CopyHome, Draft, Goal, Harvest, Import, Long, Part, Removal, Step, Survey},
    waits::COUNT_EVERY_MS,
};
use crate::{
    domain::{plan::Action, verification::Verification},
    protocol::messages::Command,
};

impl Guide {
    /// Begins one of these steps anew.
    pub(super) fn go_to(&mut self, mut harvest: Box<Harvest>, part: Part) -> (Step, Vec<Effect>) {
        // Whoever comes to a step once more goes back from it to where they were before the first time.
        if let Some(at) = harvest.came_by.iter().position(|before| *before == part) {
            harvest.came_by.truncate(at);
        }
        match part {
            Part::OldKeys => {
                // Listening begins after the first count, which spares the homeserver requests if the person leaves
                // at once.
                self.resting = true;
                let step = Step::OldKeys { harvest, talk: Verification::Idle };
                (step, vec![Effect::Wake(COUNT_EVERY_MS.0)])
            }
            Part::Verify => verify(Goal::Give(harvest), Verification::Idle),
            Part::Import => (Step::Import { harvest, import: Import::Choosing, trouble: None }, Vec::new()),
            Part::Coverage => {
                let has_to_look = harvest.has_to_look();
                // Messages that were seen before are compared with the backup again, not loaded again.
                let further = harvest.survey.at_ms.is_some();
                let effects = if has_to_look { self.tell(Command::Cover { further }) } else { Vec::new() };
                let work = has_to_look.then(Long::default);
                if !further {
                    harvest.survey = Survey::default();
                }
                (Step::Coverage { harvest, work, trouble: None }, effects)
            }
            Part::TakeHome => {
                // The copy lacks keys, so the person is asked to make another, not whether they saved this one.
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

    /// Makes every move among these steps. An input that does not fit the step changes nothing.
    pub(super) fn harvest(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
        let here = step.part();
        match (step, input) {
            (
                Step::OldKeys { mut harvest, .. }
                | Step::Import { mut harvest, import: Import::Choosing | Import::Done(_), .. }
                | Step::Coverage { mut harvest, work: None, .. }
                | Step::TakeHome { mut harvest, work: None, .. }
                | Step::Done { mut harvest, .. },
                Input::WentTo(part),
            ) if part != Part::Import || harvest.offers_import() => {
                harvest.came_by.extend(here);
                self.leave_run();
                self.go_to(harvest, part)
            }
            // A fresh backup would have these entries whole. Rotation then begins as it does among the findings.
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
