//! Listens, counts and looks further back, whatever step the person is on.

use super::{
    Guide,
    input::{Effect, Input},
    state::Survey,
    step::Step,
    waits::COUNT_EVERY_MS,
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
        if memory.listening > 0 || memory.looking_back.is_some() {
            return Vec::new();
        }
        let listens = step.listens() && !memory.resting;
        if step.looks_back().is_some_and(Survey::goes_on) && (memory.has_listened || !listens) {
            memory.looking_back = Some(memory.run);
            memory.has_listened = false;
            return memory.tell(Command::GoFurther);
        }
        if listens {
            memory.listening = 1;
            memory.has_listened = true;
            return memory.tell(Command::Listen);
        }
        Vec::new()
    }

    /// Goes on at once when the person comes back to the page. A browser may have frozen it meanwhile, and the server's
    /// answer may have been lost; any command ends the question that still waits for it.
    pub(super) fn returned(&mut self) -> Vec<Effect> {
        self.memory.resting = false;
        match &self.step {
            Step::OldKeys(_) => self.memory.tell(Command::Count),
            Step::Verify(_) if self.memory.listening == 1 => {
                self.memory.listening = 2;
                self.memory.tell(Command::Listen)
            }
            _ => self.count_behind(),
        }
    }

    /// Counts, if more room keys may be coming in and the engine has nothing else to do.
    fn count_behind(&mut self) -> Vec<Effect> {
        match self.step.counts_behind() {
            Some((harvest, true)) if harvest.waits() && !self.memory.counting => {
                self.memory.counting = true;
                self.memory.tell(Command::Count)
            }
            Some((harvest, _)) => harvest.wake_to_count(),
            None => Vec::new(),
        }
    }

    /// Takes what the engine says about a count behind the step. Returns `None` if something else needs this input.
    pub(super) fn counted_behind(&mut self, input: &Input) -> Option<Vec<Effect>> {
        self.step.counts_behind()?;
        let event = match input {
            Input::TimePassed => return Some(self.count_behind()),
            Input::Engine(run, event) if *run == self.memory.run => event,
            _ => return None,
        };
        match event {
            Event::Counted { room_keys, etag } => {
                self.memory.counting = false;
                let pause = self.step.arrival_mut()?.count(*room_keys, etag.clone());
                Some(self.after_count(pause))
            }
            Event::Failed(problem) if self.memory.counting && problem.may_pass() => {
                self.memory.counting = false;
                self.step.arrival_mut()?.fail(problem.clone());
                Some(vec![Effect::Wake(COUNT_EVERY_MS.1)])
            }
            // The person answers on the step that counts.
            Event::Verification(talk) => {
                self.memory.heard_behind = Some(talk.clone());
                Some(Vec::new())
            }
            _ => None,
        }
    }

    /// Counts again later. Once no more room keys are expected, the messages are compared with those that came.
    fn after_count(&mut self, pause: u32) -> Vec<Effect> {
        if self.step.counts_behind().is_some_and(|(harvest, _)| harvest.waits()) {
            return vec![Effect::Wake(pause)];
        }
        match &mut self.step {
            Step::Coverage(step) => step.compare(&self.memory),
            _ => Vec::new(),
        }
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
