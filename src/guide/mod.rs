//! The person's way through the page: a state machine without input or output of its own.
//!
//! Like `OlmMachine`, it sends nothing by itself. The app calls [`Guide::handle`] with what the person did and what
//! the engine said. It then carries out the effects, and draws [`Guide::step`]. An input that does not fit the step
//! is ignored, and nothing here can panic.

mod action;
mod background;
pub mod done;
mod entrance;
mod failure;
mod harvest;
mod input;
mod key;
mod memory;
mod place;
pub mod remedy;
pub mod report;
pub mod source;
mod state;
pub mod step;
#[cfg(test)]
mod tests;
mod unused;
pub mod verdict;
mod waits;

pub use self::{
    input::{Effect, Input},
    state::{
        Arrival, AskedProof, Attempt, CopyHome, Course, Deletion, Draft, EntryMistake, Evidence, Goal,
        Harvest, Import, Job, Keeping, Long, MadeKey, News, Outcome, Part, Pause, Phase, Removal, Survey,
        Visit, Work, Written,
    },
    step::{Interrupted, Step},
};
use self::{memory::Memory, step::Turn};
use crate::{
    domain::{config::Config, plan::Action},
    protocol::messages::{Command, Event, Run},
};

/// The state of one visit.
#[derive(Debug)]
pub struct Guide {
    step: Step,
    memory: Memory,
}

impl Default for Guide {
    fn default() -> Self {
        Self::at(step::Intro)
    }
}

impl Guide {
    /// Makes a guide at some step, for fixtures.
    pub fn at(step: impl Into<Step>) -> Self {
        let step = step.into();
        let memory = Memory { phase: step.answers().phase, ..Memory::default() };
        Self { step, memory }
    }

    /// Makes a guide that waits for [`Input::Configured`]. Until then nobody can begin, since the host may accept one
    /// homeserver only.
    pub fn waiting() -> Self {
        let memory = Memory { is_configured: false, ..Memory::default() };
        Self { step: Step::Intro(step::Intro), memory }
    }

    /// Makes the same guide with a host's settings, for fixtures.
    #[must_use]
    pub fn with(mut self, config: Config) -> Self {
        self.memory.config = config;
        self
    }

    /// Makes the same guide after a key with this mark was saved and given up, for fixtures.
    #[must_use]
    pub fn with_unused(mut self, mark: &str) -> Self {
        self.memory.saved = vec![mark.to_owned()];
        self
    }

    /// The step that the person is on.
    pub fn step(&self) -> &Step {
        &self.step
    }

    /// Number of to-device messages that the engine has dropped because no device would send them.
    pub fn malformed(&self) -> u32 {
        self.memory.malformed
    }

    /// The run that is under way.
    pub fn run(&self) -> Run {
        self.memory.run
    }

    /// Takes an input, goes to the next step and returns what the page has to do.
    pub fn handle(&mut self, input: Input) -> Vec<Effect> {
        let memory = &mut self.memory;
        match &input {
            Input::Engine(run, Event::Heard { trouble }) if *run == memory.run => {
                memory.listening = memory.listening.saturating_sub(1);
                memory.resting = trouble.is_some();
            }
            Input::Engine(_, Event::Dropped { malformed }) => memory.malformed = *malformed,
            Input::TimePassed => {
                memory.resting = false;
                if let Some(arrival) = self.step.arrival_mut() {
                    arrival.waited_ms = arrival.waited_ms.saturating_add(memory.alarm_ms);
                }
            }
            _ => {}
        }
        let (leads_back, before) = (input.leads_back(), self.step.place());
        let mut effects = if self.went_further(&input) {
            Vec::new()
        } else {
            self.counted_behind(&input).unwrap_or_else(|| self.take(input))
        };
        let phase = self.step.answers().phase;
        let went_back = leads_back && self.step.place() != before;
        self.memory.phase = if went_back { phase } else { self.memory.phase.max(phase) };
        for effect in &effects {
            if let Effect::Wake(ms) = effect {
                self.memory.alarm_ms = *ms;
            }
        }
        effects.extend(self.go_on_behind());
        effects
    }

    fn take(&mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Configured(config) => return self.configure(*config),
            Input::FoundContacts(contacts) => return self.hear_of(contacts),
            Input::FoundLeastPhrase(least) => return self.require_length(least),
            // An engine that is ready serves any run; all other events belong to one.
            Input::Engine(run, ref event) if run != self.run() && !matches!(event, Event::Ready) => {
                return Vec::new();
            }
            Input::EngineLost(problem) => return self.lose_engine(problem),
            Input::Engine(_, Event::Failed(problem)) => return self.fail(problem),
            Input::Engine(
                _,
                Event::Heard { trouble: Some(problem) } | Event::WentFurther { trouble: Some(problem), .. },
            ) if problem.is_signed_out() => return self.fail(problem),
            Input::Returned => return self.returned(),
            Input::WantedSignOut => return self.sign_out(),
            Input::Chose(Action::End) if self.offers(Action::End) => return self.sign_out(),
            Input::WentBack if !self.can_go_back() => return Vec::new(),
            Input::WentBack => return self.turn(Step::back),
            _ => {}
        }
        self.turn(|step, memory| step.handle(memory, input))
    }

    /// Makes a move from the step to the next one. Whoever makes it has the step, and cannot see the one that stands
    /// in for it meanwhile.
    fn turn(&mut self, make: impl FnOnce(Step, &mut Memory) -> Turn) -> Vec<Effect> {
        let step = std::mem::replace(&mut self.step, Step::Intro(step::Intro));
        let Turn { step, effects } = make(step, &mut self.memory);
        self.step = step;
        effects
    }

    fn sign_out(&mut self) -> Vec<Effect> {
        self.turn(|step, memory| match step {
            Step::SignInAgain(step) => step.stop_here(memory),
            step => match step.outcome() {
                Some(outcome) => {
                    memory.leave_run();
                    Turn::to(step::SigningOut { outcome }).then(memory.tell(Command::SignOut))
                }
                None => Turn::to(step),
            },
        })
    }
}
