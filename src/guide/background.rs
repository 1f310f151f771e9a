//! Listens and looks further back, whatever step the person is on.

use super::{
    Guide,
    input::{Effect, Input},
    state::Survey,
};
use crate::{
    domain::problem::Problem,
    protocol::messages::{Command, Event},
};

impl Guide {
    /// Lets the engine listen or look further back. It does one of them at a time, in turns, since each ends as soon
    /// as another command comes.
    pub(super) fn go_on_behind(&mut self) -> Vec<Effect> {
        let (step, memory) = (&self.step, &mut self.memory);
        if memory.listening || memory.looking_back.is_some() {
            return Vec::new();
        }
        let listens = step.listens() && !memory.resting;
        if step.looks_back().is_some_and(Survey::goes_on) && (memory.has_listened || !listens) {
            memory.looking_back = Some(memory.run);
            memory.has_listened = false;
            return memory.tell(Command::GoFurther);
        }
        if listens {
            memory.listening = true;
            memory.has_listened = true;
            return memory.tell(Command::Listen);
        }
        Vec::new()
    }

    /// Takes an answer about looking further back, whatever step the person is on. Returns `true` if nothing else
    /// needs this input.
    pub(super) fn went_further(&mut self, input: &Input) -> bool {
        let Input::Engine(run, event) = input else { return false };
        if self.memory.looking_back != Some(*run) {
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
                self.memory.looking_back = None;
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
