//! Asks for the key of a set-up that was cut short.

use super::{Answers, Findings, IsStep, Turn, Writing, write};
use crate::{
    domain::{given::Given, plan::Action, problem::Problem, secret::Secret},
    guide::{Course, Input, Job, Outcome, Phase, Visit, Work, Written, memory::Memory},
    protocol::messages::Event,
};

/// Asks for the key that was kept when a set-up was begun, which was cut short.
#[derive(Clone, Debug, PartialEq)]
pub struct Resume {
    /// The account and its server.
    pub visit: Box<Visit>,
    /// The entry that the engine tries, or the problem with the last one.
    pub course: Course<Secret>,
}

impl IsStep for Resume {
    const NAME: &'static str = "resume";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        let Self { visit, course } = self;
        match (course, input) {
            (Course::Rest | Course::Failed(_), Input::EnteredKey(kept_key)) if !kept_key.is_blank() => {
                if let Some(problem) = Given::of(&kept_key).refused_as_key() {
                    return Turn::to(Self { visit, course: Course::Failed(problem) });
                }
                let effects = memory.tell(write(Action::Finish, &kept_key));
                Self { visit, course: Course::Running(kept_key) }.with(effects)
            }
            // The engine could open everything with the entry, and has begun to write.
            (Course::Running(kept_key), Input::Engine(_, Event::TaskDone(task))) => {
                let work = Work { done: vec![task], ..Work::default() };
                let job = Job { visit, action: Action::Finish };
                Turn::to(Writing { job, kept_key, work, pause: None })
            }
            (course, _) => Turn::to(Self { visit, course }),
        }
    }

    fn back(self, _: &mut Memory) -> Turn {
        Turn::to(Findings::of(self.visit))
    }

    /// No task is done yet, so the person may enter another key.
    fn fail(self, _: &mut Memory, problem: Problem) -> Turn {
        Turn::to(Self { course: Course::Failed(problem), ..self })
    }

    fn at_rest(self, _: &Problem) -> Turn {
        Turn::to(Self { course: Course::Rest, ..self })
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::Key,
            visit: Some(&self.visit),
            trouble: self.course.trouble(),
            can_go_back: !self.course.is_running(),
            has_changed_nothing: !self.course.is_running() && self.visit.has_changed_nothing(),
            has_something_to_lose: true,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        (!self.course.is_running()).then(|| self.visit.outcome())
    }

    /// The engine may have opened everything with the entry, and have begun to write.
    fn written(&self) -> Option<Written> {
        self.course.running().map(|_| Written { cut_short: true, ..Written::default() })
    }
}
