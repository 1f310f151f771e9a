//! Listening and looking further back, which go on behind the screen.

use crate::{
    domain::problem::Problem,
    guide::{
        Effect, Guide, Input,
        step::{Removal, Step},
    },
    protocol::messages::{Command, Event},
};

/// Whether this step listens to other devices.
fn listens(step: &Step) -> bool {
    matches!(step, Step::OldKeys { .. } | Step::Verify { .. })
}

/// Whether messages may be looked at further back behind this step: not while the engine does what the person waits
/// for, or waits itself until the next command comes.
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
    /// What goes on behind the screen: listening, and looking further back. One of them at a time, since each ends as
    /// soon as the engine is told something else; in turns where both are wanted.
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

    /// Takes in what is told of looking further back, wherever the person is by now. Returns whether it was that, and
    /// nothing else has to know.
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
