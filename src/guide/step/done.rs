//! The last screen, on which the engine checks everything from time to time.

use super::{Answers, IsStep, Turn};
use crate::{
    domain::{account::Account, kit::Kit, problem::Problem, proof::Proof},
    guide::{
        Arrival, AskedProof, Effect, Evidence, Harvest, Input, Outcome, Part, Phase, Removal, Survey,
        memory::Memory,
        waits::{COUNT_EVERY_MS, pause_between_counts},
    },
    protocol::messages::{Command, Event},
};

/// Number of counts on the last screen after which everything is opened again.
const CHECK_EVERY: u32 = 4;

/// Shows the checklist of six lines: what is safe now, and what is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// Everything that has come in, and the last check.
    pub harvest: Box<Harvest>,
    /// Number of counts since everything was opened last.
    pub ticks: u32,
    /// The recovery key, if the person wanted to print it here.
    pub kit: Option<Kit>,
    /// State of the removal of devices that earlier visits left.
    pub removal: Removal,
    /// The problem of the last check.
    pub trouble: Option<Problem>,
}

impl IsStep for Done {
    const NAME: &'static str = "done";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        let Self { mut harvest, mut ticks, mut kit, mut removal, mut trouble } = self;
        let mut effects = Vec::new();
        match input {
            Input::WentTo(part) if harvest.leads_to(part) => {
                return memory.leave_for(harvest, Part::Done, part);
            }
            Input::Engine(_, Event::Checked(checked)) => {
                trouble = None;
                removal = Removal::Offered;
                harvest.evidence = Evidence::Checked(checked);
                effects = vec![Effect::Wake(pause_between_counts(harvest.arrival.still_ms))];
            }
            Input::Engine(_, Event::Counted { room_keys, etag }) => {
                trouble = None;
                let pause = harvest.arrival.count(room_keys, etag);
                effects = vec![Effect::Wake(pause)];
            }
            Input::TimePassed if removal == Removal::Offered => {
                ticks = (ticks + 1) % CHECK_EVERY;
                effects = memory.tell(if ticks == 0 { Command::Check } else { Command::Count });
            }
            // The engine is removing devices, or the person is giving a proof.
            Input::TimePassed => effects = vec![Effect::Wake(COUNT_EVERY_MS.0)],
            Input::TriedAgain if trouble.is_some() => {
                trouble = None;
                effects = memory.tell(Command::Check);
            }
            Input::WantedKit if kit.is_none() => effects = memory.tell(Command::ShowKit),
            Input::Engine(_, Event::Kit(shown)) => kit = Some(shown),
            Input::WantedRemoval if removal == Removal::Offered => {
                removal = Removal::Running;
                effects = memory.tell(Command::RemoveLeftOver { proof: None });
            }
            Input::Engine(_, Event::ProofNeeded(wanted)) if removal != Removal::Offered => {
                removal = Removal::Proof(AskedProof::new(wanted));
            }
            Input::GaveProof(proof) => {
                if let Removal::Proof(asked) = &mut removal
                    && asked.wanted.takes(&proof)
                {
                    asked.went = proof == Proof::Page;
                    if !asked.went {
                        removal = Removal::Running;
                    }
                    effects = memory.tell(Command::RemoveLeftOver { proof: Some(proof) });
                }
            }
            Input::Withdrew if matches!(removal, Removal::Proof(_)) => removal = Removal::Offered,
            _ => {}
        }
        Self { harvest, ticks, kit, removal, trouble }.with(effects)
    }

    fn back(self, memory: &mut Memory) -> Turn {
        memory.leave_back(self.harvest)
    }

    fn fail(mut self, memory: &mut Memory, problem: Problem) -> Turn {
        if !problem.may_pass() && problem != Problem::KeyAsPassword {
            return self.stop(memory, problem);
        }
        if problem.may_pass() {
            self.harvest.arrival.fail(problem.clone());
        }
        match &mut self.removal {
            Removal::Running => self.removal = Removal::Offered,
            Removal::Proof(asked) => asked.went = false,
            Removal::Offered => {}
        }
        Self { trouble: Some(problem), ..self }.with(vec![Effect::Wake(COUNT_EVERY_MS.1)])
    }

    fn at_rest(self, _: &Problem) -> Turn {
        Turn::to(Self { removal: Removal::Offered, trouble: None, ..self })
    }

    fn go_on(self, memory: &mut Memory, _: Account) -> Turn {
        self.with(memory.tell(Command::Check))
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::Done,
            visit: Some(&self.harvest.visit),
            trouble: self.trouble.as_ref(),
            can_go_back: self.removal != Removal::Running,
            has_changed_nothing: false,
            has_something_to_lose: true,
        }
    }

    /// The engine has to remove the devices first, so that the result is known.
    fn outcome(&self) -> Option<Outcome> {
        (self.removal != Removal::Running).then(|| Outcome::Done(self.harvest.clone()))
    }

    fn asked(&self) -> Option<&AskedProof> {
        if let Removal::Proof(asked) = &self.removal { Some(asked) } else { None }
    }

    fn looks_back(&self) -> Option<&Survey> {
        (self.removal == Removal::Offered).then_some(&self.harvest.survey)
    }

    fn survey_mut(&mut self) -> Option<&mut Survey> {
        Some(&mut self.harvest.survey)
    }

    fn arrival_mut(&mut self) -> Option<&mut Arrival> {
        Some(&mut self.harvest.arrival)
    }
}
