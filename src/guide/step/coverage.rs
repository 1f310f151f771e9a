//! Shows for which messages the backup has keys, and puts entries back whole.

use super::{Answers, IsStep, Turn};
use crate::{
    domain::{account::Account, plan::Action, problem::Problem},
    guide::{Arrival, Course, Effect, Harvest, Input, Long, Outcome, Part, Phase, Survey, memory::Memory},
    protocol::messages::{Command, Event},
};

/// Shows for which messages the backup has the keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    /// Everything that has come in so far, with the rooms that were looked at.
    pub harvest: Box<Harvest>,
    /// The look, with its progress.
    pub course: Course<Long>,
}

impl Coverage {
    /// Compares the messages that were looked at with the backup as it is now, if it has changed.
    pub(in crate::guide) fn compare(&mut self, memory: &Memory) -> Vec<Effect> {
        let is_idle = self.course == Course::Rest;
        if !is_idle || self.harvest.survey.at_ms.is_none() || !self.harvest.has_to_look() {
            return Vec::new();
        }
        self.course = Course::Running(Long::default());
        memory.tell(Command::Cover { further: true })
    }

    fn choose(self, memory: &mut Memory, input: Input) -> Turn {
        let Self { mut harvest, mut course } = self;
        let mut effects = Vec::new();
        match input {
            Input::WentTo(part) if harvest.leads_to(part) => {
                return memory.leave_for(harvest, Part::Coverage, part);
            }
            // A fresh backup would have these entries whole. Rotation then begins as it does among the findings.
            Input::Chose(Action::Rotate) if harvest.needs_fresh_backup() => {
                memory.leave_run();
                return memory.begin(harvest.visit, Action::Rotate);
            }
            Input::WantedFurther => {
                harvest.survey.paused = false;
                harvest.survey.trouble = None;
            }
            Input::WantedStop => harvest.survey.paused = true,
            Input::TriedAgain => {
                effects = memory.tell(Command::Cover { further: harvest.survey.at_ms.is_some() });
                course = Course::Running(Long::default());
            }
            Input::WantedNewLook => {
                // Answers to the look before are ignored from here on.
                memory.leave_run();
                memory.looking_back = None;
                harvest.survey = Survey::default();
                effects = memory.tell(Command::Cover { further: false });
                course = Course::Running(Long::default());
            }
            Input::WantedMending if harvest.has_mendable() => {
                effects = memory.tell(Command::Mend);
                course = Course::Running(Long { mends: true, ..Long::default() });
            }
            _ => {}
        }
        Self { harvest, course }.with(effects)
    }
}

impl IsStep for Coverage {
    const NAME: &'static str = "coverage";

    fn handle(mut self, memory: &mut Memory, input: Input) -> Turn {
        let Course::Running(work) = &mut self.course else { return self.choose(memory, input) };
        let mut effects = Vec::new();
        match input {
            Input::Engine(_, Event::Mended(mended)) => {
                self.harvest.took_mended(mended);
                effects = memory.tell(Command::Cover { further: true });
                *work = Long::default();
            }
            Input::WantedStop if !work.stopping => {
                work.stopping = true;
                effects = memory.tell(Command::Stop);
            }
            Input::Engine(_, Event::Progress { done, total }) => work.progress = Some((done, total)),
            Input::Engine(_, Event::RoomCovered(room)) => self.harvest.survey.add(room),
            Input::Engine(_, Event::Stopped) => self.course = Course::Rest,
            Input::Engine(_, Event::Covered { at_ms, etag }) => {
                let survey = &mut self.harvest.survey;
                survey.at_ms = Some(at_ms);
                survey.etag = etag;
                survey.more = survey.rooms.iter().any(|room| !room.is_whole);
                survey.trouble = None;
                self.course = Course::Rest;
            }
            _ => {}
        }
        self.with(effects)
    }

    fn back(self, memory: &mut Memory) -> Turn {
        memory.leave_back(self.harvest)
    }

    fn fail(self, memory: &mut Memory, problem: Problem) -> Turn {
        if problem.may_pass() {
            Turn::to(Self { course: Course::Failed(problem), ..self })
        } else {
            self.stop(memory, problem)
        }
    }

    fn at_rest(self, _: &Problem) -> Turn {
        Turn::to(Self { course: Course::Rest, ..self })
    }

    /// Looks again. The engine reads the account itself, and can tell its own changes from others.
    fn go_on(self, memory: &mut Memory, _: Account) -> Turn {
        self.handle(memory, Input::TriedAgain)
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::OldMessages,
            visit: Some(&self.harvest.visit),
            trouble: self.course.trouble(),
            can_go_back: !self.course.is_running(),
            has_changed_nothing: false,
            has_something_to_lose: true,
        }
    }

    /// The look has to be stopped first, so that its result is known.
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
