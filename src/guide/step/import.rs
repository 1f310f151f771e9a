//! Imports a key file.

use super::{Answers, IsStep, Turn};
use crate::{
    domain::{
        account::Account,
        key_file::{KeyFileError, LARGEST_FILE},
        problem::Problem,
    },
    guide::{Effect, Harvest, Input, Long, Outcome, Part, Phase, Survey, memory::Memory, state},
    protocol::messages::{Command, Event},
};

/// Imports a key file.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// Everything that has come in so far.
    pub harvest: Box<Harvest>,
    /// State of the import.
    pub import: state::Import,
    /// The problem of the last attempt.
    pub trouble: Option<Problem>,
}

impl IsStep for Import {
    const NAME: &'static str = "import";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        use state::Import::{Choosing, Chosen, Done, Running};
        let Self { mut harvest, mut import, mut trouble } = self;
        let mut effects = Vec::new();
        match (input, &mut import) {
            (Input::WentTo(part), Choosing | Done(_)) if harvest.leads_to(part) => {
                return memory.leave_for(harvest, part);
            }
            (Input::ChoseFile { name, bytes }, Choosing | Chosen { .. } | Done(_)) => {
                if bytes > LARGEST_FILE {
                    import = Choosing;
                    trouble = Some(Problem::KeyFile(KeyFileError::TooLarge));
                } else {
                    import = Chosen { name, bytes };
                    trouble = None;
                }
            }
            (Input::GavePassphrase(passphrase), Chosen { name, bytes }) if !passphrase.is_blank() => {
                trouble = None;
                effects = vec![Effect::SendFile(memory.run)];
                effects.extend(memory.tell(Command::Import { passphrase }));
                import = Running { name: std::mem::take(name), bytes: *bytes, work: Long::default() };
            }
            (Input::WantedStop, Running { work, .. }) if !work.stopping => {
                work.stopping = true;
                effects = memory.tell(Command::Stop);
            }
            (Input::Engine(_, Event::Progress { done, total }), Running { work, .. }) => {
                work.progress = Some((done, total));
            }
            (Input::Engine(_, Event::Stopped), Running { name, bytes, .. }) => {
                import = Chosen { name: std::mem::take(name), bytes: *bytes };
            }
            (Input::Engine(_, Event::Imported(imported)), Running { .. }) => {
                harvest.took(imported);
                // Only the chosen file is forgotten; the person may want to save their copy again.
                effects = vec![Effect::ForgetChosen];
                import = Done(imported);
            }
            _ => {}
        }
        Self { harvest, import, trouble }.with(effects)
    }

    fn back(self, memory: &mut Memory) -> Turn {
        memory.leave_for(self.harvest, Part::OldKeys)
    }

    fn fail(self, memory: &mut Memory, problem: Problem) -> Turn {
        match self.import {
            state::Import::Running { name, bytes, .. }
                if problem.may_pass() || matches!(problem, Problem::KeyFile(_)) =>
            {
                let import = state::Import::Chosen { name, bytes };
                Turn::to(Self { import, trouble: Some(problem), ..self })
            }
            import => Self { import, ..self }.stop(memory, problem),
        }
    }

    fn at_rest(self, _: &Problem) -> Turn {
        match self.import {
            state::Import::Running { name, bytes, .. } => {
                let import = state::Import::Chosen { name, bytes };
                Turn::to(Self { import, trouble: None, ..self })
            }
            import => Turn::to(Self { import, ..self }),
        }
    }

    fn go_on(self, _: &mut Memory, _: Account) -> Turn {
        self.stay()
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::OldMessages,
            visit: Some(&self.harvest.visit),
            trouble: self.trouble.as_ref(),
            can_go_back: !self.import.is_running(),
            has_changed_nothing: false,
            has_something_to_lose: true,
        }
    }

    /// The import has to be stopped first, so that its result is known.
    fn outcome(&self) -> Option<Outcome> {
        (!self.import.is_running()).then(|| self.harvest.outcome())
    }

    fn survey_mut(&mut self) -> Option<&mut Survey> {
        Some(&mut self.harvest.survey)
    }
}
