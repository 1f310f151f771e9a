//! Counts the room keys as they come in.

use super::{Answers, Findings, IsStep, Turn, Verify};
use crate::{
    domain::{
        account::Account,
        problem::Problem,
        verification::{Move, Verification},
    },
    guide::{
        Arrival, Effect, Goal, Harvest, Input, Outcome, Phase, Survey, memory::Memory, waits::COUNT_EVERY_MS,
    },
    protocol::messages::{Command, Event},
};

/// Says that backup is on, and counts the room keys that come in from the person's apps.
#[derive(Clone, Debug, PartialEq)]
pub struct OldKeys {
    /// Everything that has come in so far.
    pub harvest: Box<Harvest>,
    /// The verification that an app asks for, if one does.
    pub talk: Verification,
}

impl IsStep for OldKeys {
    const NAME: &'static str = "old-keys";

    fn handle(mut self, memory: &mut Memory, input: Input) -> Turn {
        match input {
            Input::WentTo(part) if self.harvest.leads_to(part) => memory.leave_for(self.harvest, part),
            Input::TimePassed => self.with(memory.tell(Command::Count)),
            Input::Engine(_, Event::Counted { room_keys, etag }) => {
                let pause = self.harvest.arrival.count(room_keys, etag);
                self.with(vec![Effect::Wake(pause)])
            }
            // The person decides here whether to verify the app that asks.
            Input::Engine(_, Event::Verification(talk)) => Turn::to(Self { talk, ..self }),
            Input::Moved(step @ (Move::Accept | Move::Cancel))
                if matches!(self.talk, Verification::AskedBy(_)) =>
            {
                let declines = step == Move::Cancel;
                let effects = memory.tell(Command::Verify(step));
                if declines {
                    return Self { talk: Verification::Idle, ..self }.with(effects);
                }
                Verify::begin(Goal::Give(self.harvest), self.talk).then(effects)
            }
            _ => self.stay(),
        }
    }

    fn back(self, memory: &mut Memory) -> Turn {
        // A count may be under way, and its answer has no use here.
        memory.leave_run();
        Turn::to(Findings::of(self.harvest.visit))
    }

    fn fail(mut self, memory: &mut Memory, problem: Problem) -> Turn {
        if matches!(problem, Problem::BackupReplaced) {
            return self.stop(memory, problem);
        }
        self.harvest.arrival.fail(problem);
        self.with(vec![Effect::Wake(COUNT_EVERY_MS.1)])
    }

    fn at_rest(self, _: &Problem) -> Turn {
        Turn::to(Self { talk: Verification::Idle, ..self })
    }

    fn go_on(self, _: &mut Memory, _: Account) -> Turn {
        self.with(vec![Effect::Wake(COUNT_EVERY_MS.0)])
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::OldMessages,
            visit: Some(&self.harvest.visit),
            trouble: self.harvest.arrival.trouble.as_ref(),
            // Going back shows what the key opens, which is no longer known after writing.
            can_go_back: self.harvest.visit.proved().is_some(),
            has_changed_nothing: false,
            has_something_to_lose: true,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        Some(self.harvest.outcome())
    }

    fn listens(&self) -> bool {
        true
    }

    fn looks_back(&self) -> Option<&Survey> {
        Some(&self.harvest.survey)
    }

    fn survey_mut(&mut self) -> Option<&mut Survey> {
        Some(&mut self.harvest.survey)
    }

    fn arrival_mut(&mut self) -> Option<&mut Arrival> {
        Some(&mut self.harvest.arrival)
    }
}
