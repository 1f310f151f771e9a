//! Makes a copy of the whole backup.

use super::{Answers, IsStep, Turn};
use crate::{
    domain::{account::Account, problem::Problem},
    guide::{
        Arrival, CopyHome, Course, Draft, Effect, Harvest, Input, Long, Outcome, Part, Phase, Survey,
        memory::Memory,
    },
    protocol::messages::{Command, Event},
};

/// The length that a file's passphrase must have: the homeserver asks only for one of what opens the account.
const ANY: u8 = 0;

/// Makes a file with a copy of the whole backup.
#[derive(Clone, Debug, PartialEq)]
pub struct TakeHome {
    /// Everything that has come in so far.
    pub harvest: Box<Harvest>,
    /// State of the passphrase in the field.
    pub draft: Draft,
    /// The export, with its progress.
    pub course: Course<Long>,
}

impl TakeHome {
    fn choose(self, memory: &mut Memory, input: Input) -> Turn {
        let Self { mut harvest, mut draft, mut course } = self;
        let mut effects = Vec::new();
        let user_id = harvest.visit.account.user_id.as_str();
        match input {
            Input::WentTo(part) if harvest.leads_to(part) => {
                return memory.leave_for(harvest, Part::TakeHome, part);
            }
            Input::TypedPhrase(phrase) => effects = memory.judge_typed(&mut draft, phrase, ANY, user_id),
            Input::WantedSuggestion => effects = memory.tell(Command::Suggest { least: ANY }),
            Input::Engine(_, Event::Suggested(phrase)) => {
                draft.suggestion = Some(phrase.clone());
                effects = memory.judge_typed(&mut draft, phrase, ANY, user_id);
            }
            Input::GavePassphrase(passphrase) if !passphrase.is_blank() => {
                effects = memory.judge_typed(&mut draft, passphrase.clone(), ANY, user_id);
                draft.choosing = Some(passphrase);
            }
            Input::Engine(_, Event::Judged { number, judgement }) if number == draft.number => {
                let acceptable = judgement.is_acceptable();
                draft.judgement = Some(judgement);
                if let Some(passphrase) = draft.choosing.take()
                    && acceptable
                {
                    course = Course::Running(Long::default());
                    effects = vec![Effect::ForgetMade];
                    // The page shows the passphrase again beside the file, which is worth nothing without it.
                    draft.suggestion = Some(passphrase.clone());
                    effects.extend(memory.tell(Command::TakeHome { passphrase }));
                }
            }
            // The browser may have lost the file.
            Input::WantedCopy if matches!(harvest.copy, CopyHome::Taken(_)) => {
                effects = vec![save(&harvest)];
            }
            Input::WentOn => {
                if !matches!(harvest.copy, CopyHome::Taken(_)) {
                    harvest.copy = CopyHome::Declined;
                }
                harvest.came_by.push(Part::TakeHome);
                return memory.go_to(harvest, Part::Done);
            }
            _ => {}
        }
        Self { harvest, draft, course }.with(effects)
    }
}

impl IsStep for TakeHome {
    const NAME: &'static str = "take-home";

    fn handle(mut self, memory: &mut Memory, input: Input) -> Turn {
        let Course::Running(work) = &mut self.course else { return self.choose(memory, input) };
        let mut effects = Vec::new();
        match input {
            Input::WantedStop if !work.stopping => {
                work.stopping = true;
                effects = memory.tell(Command::Stop);
            }
            Input::Engine(_, Event::Progress { done, total }) => work.progress = Some((done, total)),
            Input::Engine(_, Event::Stopped) => {
                effects = vec![Effect::ForgetMade];
                self.course = Course::Rest;
            }
            Input::Engine(_, Event::TakenHome(taken)) => {
                self.harvest.copy = CopyHome::Taken(taken);
                effects = vec![save(&self.harvest)];
                self.course = Course::Rest;
            }
            _ => {}
        }
        self.with(effects)
    }

    fn back(self, memory: &mut Memory) -> Turn {
        memory.leave_back(self.harvest)
    }

    fn fail(mut self, memory: &mut Memory, problem: Problem) -> Turn {
        if !problem.may_pass() {
            return self.stop(memory, problem);
        }
        self.draft.choosing = None;
        Self { course: Course::Failed(problem), ..self }.with(vec![Effect::ForgetMade])
    }

    fn at_rest(mut self, _: &Problem) -> Turn {
        // A file that was not finished is made anew.
        let effects = if self.course.is_running() { vec![Effect::ForgetMade] } else { Vec::new() };
        self.draft.choosing = None;
        self.course = Course::Rest;
        self.with(effects)
    }

    fn go_on(self, _: &mut Memory, _: Account) -> Turn {
        self.stay()
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::Copy,
            visit: Some(&self.harvest.visit),
            trouble: self.course.trouble(),
            can_go_back: !self.course.is_running(),
            has_changed_nothing: false,
            has_something_to_lose: true,
        }
    }

    /// The export has to be stopped first, so that its result is known.
    fn outcome(&self) -> Option<Outcome> {
        (!self.course.is_running()).then(|| self.harvest.outcome())
    }

    /// The app that was compared with may only now ask for the key.
    fn listens(&self) -> bool {
        !self.course.is_running() && self.harvest.compared_with.is_some() && self.harvest.waits()
    }

    fn counts_behind(&self) -> Option<(&Harvest, bool)> {
        Some((&self.harvest, !self.course.is_running()))
    }

    fn looks_back(&self) -> Option<&Survey> {
        (!self.course.is_running()).then_some(&self.harvest.survey)
    }

    fn survey_mut(&mut self) -> Option<&mut Survey> {
        Some(&mut self.harvest.survey)
    }

    fn arrival_mut(&mut self) -> Option<&mut Arrival> {
        Some(&mut self.harvest.arrival)
    }
}

/// Has the page save the copy that the engine has sent.
fn save(harvest: &Harvest) -> Effect {
    Effect::SaveFile { name: "matrix-keys", user_id: harvest.visit.account.user_id.clone() }
}
