//! Listens and looks further back, whatever step the person is on.

use crate::{
    domain::problem::Problem,
    guide::{
        Effect, Guide, Input,
        step::{Removal, Step},
    },
    protocol::messages::{Command, Event},
};

/// Tells whether the page listens to other devices on this step.
fn listens(step: &Step) -> bool {
    matches!(step, Step::OldKeys { .. } | Step::Verify { .. })
}

/// Tells whether the page looks further back on this step. It does not while the person waits for the engine, or
/// while the engine waits for the next command.
fn looks_back(step: &Step) -> bool {
    let harvest = match step {
        Step::OldKeys { harvest, .. }
        | Step::Coverage { harvest, work: None, .. }
        | Step::TakeHome { harvest, work: None, .. }
        | Step::Done { harvest, removal: Removal::Offered, .. } => harvest,
        _ => return false,
    };
    let survey = &harvest.survey;
    survey.at_ms.is_some() && survey.more && !survey.rests()
}

impl Guide {
    /// Lets the engine listen or look further back. It does one of them at a time, in turns, since each ends as soon
    /// as another command comes.
    pub(in crate::guide) fn go_on_behind(&mut self) -> Vec<Effect> {
        if self.listening || self.looking_back.is_some() {
            return Vec::new();
        }
        let listens = listens(&self.step) && !self.resting;
        if looks_back(&self.step) && (self.has_listened || !listens) {
            self.looking_back = Some(self.run);
            self.has_listened = false;
            return self.tell(Command::GoFurther);
        }
        if listens {
            self.listening = true;
            self.has_listened = true;
            return self.tell(Command::Listen);
        }
        Vec::new()
    }

    /// Takes an answer about looking further back, whatever step the person is on. Returns `true` if nothing else
    /// needs this input.
    pub(in crate::guide) fn went_further(&mut self, input: &Input) -> bool {
        let Input::Engine(run, event) = input else { return false };
        if self.looking_back != Some(*run) {
            return false;
        }
        match event {
            Event::RoomCovered(room) => {
                if let Some(survey) = self.step.survey_mut() {
                    survey.add(room.clone());
                }
                true
            }
            Event::WentFurther { more, trouble } => {
                self.looking_back = None;
                if let Some(survey) = self.step.survey_mut() {
                    survey.more = *more;
                    survey.trouble.clone_from(trouble);
                }
                !trouble.as_ref().is_some_and(Problem::is_signed_out)
            }
            _ => false,
        }
    }
}
