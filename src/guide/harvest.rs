//! The steps from "backup is on" to "you're safe". Room keys come in and are counted, messages are looked at, a copy
//! is taken home, and everything is checked once more.

use super::{
    done::Copy,
    input::Effect,
    memory::Memory,
    state::{self, CopyHome, Course, Draft, Goal, Harvest, Long, Part, Removal, Survey},
    step::{Coverage, Done, Findings, Import, OldKeys, TakeHome, Turn, Verify},
    waits::COUNT_EVERY_MS,
};
use crate::{
    domain::verification::{Move, Verification},
    protocol::messages::Command,
};

impl Memory {
    /// Leaves one of these steps for another.
    pub(super) fn leave_for(&mut self, mut harvest: Box<Harvest>, here: Part, part: Part) -> Turn {
        harvest.came_by.push(here);
        self.leave_run();
        self.go_to(harvest, part)
    }

    /// Goes back to where the person was before; from the first of these steps to the findings.
    pub(super) fn leave_back(&mut self, harvest: Box<Harvest>) -> Turn {
        // What is under way, as a count, has no use on another step.
        self.leave_run();
        match harvest.came_by.last() {
            Some(before) => {
                let before = *before;
                self.go_to(harvest, before)
            }
            None if harvest.visit.proved().is_some() => Turn::to(Findings::of(harvest.visit)),
            // What the key opens is no longer known after writing.
            None => self.go_to(harvest, Part::OldKeys),
        }
    }

    /// Begins one of these steps anew.
    pub(super) fn go_to(&mut self, mut harvest: Box<Harvest>, part: Part) -> Turn {
        // Whoever comes to a step once more goes back from it to where they were before the first time.
        if let Some(at) = harvest.came_by.iter().position(|before| *before == part) {
            harvest.came_by.truncate(at);
        }
        match part {
            Part::OldKeys => {
                // Listening begins after the first count, which spares the homeserver requests if the person leaves
                // at once. An app that was compared with asks for the key now.
                self.resting = harvest.compared_with.is_none();
                let talk = self.heard_behind.take().unwrap_or_default();
                Turn::to(OldKeys { harvest, talk }).then(vec![Effect::Wake(COUNT_EVERY_MS.0)])
            }
            // The person has opened the app already, so that it is asked at once.
            Part::Verify => {
                self.resting = false;
                let ask = self.tell(Command::Verify(Move::Ask));
                Verify::begin(Goal::Give(harvest), Verification::Asked).then(ask)
            }
            Part::Import => Turn::to(Import { harvest, import: state::Import::Choosing, trouble: None }),
            Part::Coverage => {
                let has_to_look = harvest.has_to_look();
                // Messages that were seen before are compared with the backup again, not loaded again.
                let further = harvest.survey.at_ms.is_some();
                let mut effects =
                    if has_to_look { self.tell(Command::Cover { further }) } else { Vec::new() };
                effects.extend(harvest.wake_to_count());
                let course = if has_to_look { Course::Running(Long::default()) } else { Course::Rest };
                if !further {
                    harvest.survey = Survey::default();
                }
                Turn::to(Coverage { harvest, course }).then(effects)
            }
            Part::TakeHome => {
                // The copy lacks keys, so the person is asked to make another, not whether they saved this one.
                if matches!(Copy::of(&harvest), Copy::Lacks { .. }) {
                    harvest.copy = CopyHome::Older;
                }
                let effects = harvest.wake_to_count();
                Turn::to(TakeHome { harvest, draft: Draft::default(), course: Course::Rest }).then(effects)
            }
            Part::Done => {
                // Nothing is concluded before a count on that screen.
                harvest.arrival.begin_anew();
                let done = Done { harvest, ticks: 0, kit: None, removal: Removal::Offered, trouble: None };
                Turn::to(done).then(self.tell(Command::Check))
            }
        }
    }
}

impl Harvest {
    /// Wakes the page for its next count behind a step, as long as more room keys may be coming in.
    pub(super) fn wake_to_count(&self) -> Vec<Effect> {
        if self.waits() { vec![Effect::Wake(COUNT_EVERY_MS.0)] } else { Vec::new() }
    }

    /// Tells whether the person can go from here to one of these steps.
    pub(super) fn leads_to(&self, part: Part) -> bool {
        part != Part::Import || self.offers_import()
    }
}
