//! The steps from "backup is on" to "you're safe". Room keys come in and are counted, messages are looked at, a copy
//! is taken home, and everything is checked once more.

mod background;
mod coverage;
mod done;
mod import;
mod old_keys;
mod take_home;
mod verify;

use self::background::wake_to_count;
pub(super) use self::verify::verify;

use super::{
    Effect, Guide, Input,
    done::Copy,
    step::{CopyHome, Draft, Goal, Harvest, Import, Long, Removal, Step, Survey},
    waits::COUNT_EVERY_MS,
};
use crate::{
    domain::{
        plan::Action,
        verification::{Move, Verification},
    },
    protocol::messages::Command,
};

/// A step among these that the person can go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Counting the room keys as they come in.
    OldKeys,
    /// Comparing emoji with an app.
    Verify,
    /// Importing a key file.
    Import,
    /// Seeing which messages are covered.
    Coverage,
    /// Taking home a copy of the whole backup.
    TakeHome,
    /// The checklist at the end.
    Done,
}

impl Guide {
    /// Begins one of these steps anew.
    pub(super) fn go_to(&mut self, mut harvest: Box<Harvest>, part: Part) -> (Step, Vec<Effect>) {
        match part {
            Part::OldKeys => {
                // Listening begins after the first count, which spares the homeserver requests if the person leaves
                // at once. An app that was compared with asks for the key now.
                self.resting = harvest.told.is_none();
                let talk = self.heard_behind.take().unwrap_or_default();
                (Step::OldKeys { harvest, talk }, vec![Effect::Wake(COUNT_EVERY_MS.0)])
            }
            // The person has opened the app already, so that it is asked at once.
            Part::Verify => {
                self.resting = false;
                let (step, mut effects) = verify(Goal::Give(harvest), Verification::Asked);
                effects.extend(self.tell(Command::Verify(Move::Ask)));
                (step, effects)
            }
            Part::Import => (Step::Import { harvest, import: Import::Choosing, trouble: None }, Vec::new()),
            Part::Coverage => {
                let has_to_look = harvest.has_to_look();
                // Messages that were seen before are compared with the backup again, not loaded again.
                let further = harvest.survey.at_ms.is_some();
                let mut effects =
                    if has_to_look { self.tell(Command::Cover { further }) } else { Vec::new() };
                effects.extend(wake_to_count(&harvest));
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
                let (draft, effects) = (Draft::default(), wake_to_count(&harvest));
                (Step::TakeHome { harvest, draft, work: None, trouble: None }, effects)
            }
            Part::Done => {
                let effects = self.tell(Command::Check);
                (done(harvest), effects)
            }
        }
    }

    /// Makes every move among these steps. An input that does not fit the step changes nothing.
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
