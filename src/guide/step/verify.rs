//! Compares emoji with an app, and takes the secrets that it hands over.

use super::{Answers, Findings, IsStep, Turn};
use crate::{
    domain::{
        account::Account,
        apps::App,
        diagnosis::KeyKnown,
        problem::Problem,
        verification::{Move, Verification},
    },
    guide::{
        Effect, Goal, Input, Outcome, Part, Phase, Survey,
        memory::Memory,
        waits::{COUNT_EVERY_MS, TICK_MS},
    },
    protocol::messages::{Command, Event},
};

/// Seconds without an answer after which the same question is asked again.
const ASK_AGAIN_SECONDS: u32 = 60;
/// Seconds after which it is not, since the person may have left. The SDK gives a question as long, too.
const ASKS_FOR_SECONDS: u32 = 600;

/// Compares emoji with one of the person's apps.
#[derive(Clone, Debug, PartialEq)]
pub struct Verify {
    /// The reason to compare.
    pub goal: Goal,
    /// State of the verification.
    pub talk: Verification,
    /// Time in which nothing has happened, in seconds.
    pub waited: u32,
    /// The problem of the last move.
    pub trouble: Option<Problem>,
}

impl Verify {
    pub(in crate::guide) fn begin(goal: Goal, talk: Verification) -> Turn {
        let step = Self { goal, talk, waited: 0, trouble: None };
        step.with(vec![Effect::Wake(TICK_MS)])
    }

    fn hear(&mut self, next: Verification) {
        // The time that the other device takes is counted anew in each state.
        if std::mem::discriminant(&next) != std::mem::discriminant(&self.talk) {
            self.waited = 0;
        }
        self.talk = next;
    }

    fn wait(mut self, memory: &Memory) -> Turn {
        self.waited = self.waited.saturating_add(TICK_MS / 1_000);
        let mut effects = vec![Effect::Wake(TICK_MS)];
        // An app that was reloaded has forgotten the question, and nothing tells the page so.
        if self.talk == Verification::Asked
            && self.waited <= ASKS_FOR_SECONDS
            && self.waited.is_multiple_of(ASK_AGAIN_SECONDS)
        {
            effects.extend(memory.tell(Command::Verify(Move::Ask)));
        }
        self.with(effects)
    }

    /// Goes back to the findings with the secrets that the app handed over.
    fn receive(mut self, memory: &mut Memory) -> Turn {
        if let Goal::Receive { visit, came } = &mut self.goal {
            visit.known.handed_over = *came;
            // The engine keeps the secrets, so the findings from before no longer hold.
            visit.earlier.clear();
        }
        memory.leave_run();
        self.leave(memory)
    }

    /// Goes to where the person came from.
    fn leave(self, memory: &mut Memory) -> Turn {
        match self.goal {
            Goal::Receive { visit, .. } => Turn::to(Findings::of(visit)),
            Goal::Give(harvest) => memory.go_to(harvest, Part::OldKeys),
        }
    }
}

impl IsStep for Verify {
    const NAME: &'static str = "verify";

    fn handle(mut self, memory: &mut Memory, input: Input) -> Turn {
        match (input, &mut self.goal) {
            (Input::Moved(made), _) if may(&self.talk, &made) => {
                self.trouble = None;
                // Said at once: the engine says so only after the server has taken the question.
                if made == Move::Ask {
                    self.hear(Verification::Asked);
                }
                return self.with(memory.tell(Command::Verify(made)));
            }
            // Nothing is left to do here: the app asks for the key, and its room keys are counted.
            (Input::Engine(_, Event::Verification(Verification::Done(partner))), Goal::Give(harvest)) => {
                harvest.note_compared(App::of(partner.name.as_deref()));
                return self.leave(memory);
            }
            (Input::Engine(_, Event::Verification(next)), _) => self.hear(next),
            (Input::TimePassed, _) => return self.wait(memory),
            (Input::Engine(_, Event::HandedOver(now)), Goal::Receive { came, .. }) => {
                *came = Some(now);
                if now.is_complete() {
                    return self.receive(memory);
                }
            }
            // The engine tried the entered key again, now that secrets have come, and read the account first.
            (Input::Engine(_, Event::Looked(account)), Goal::Receive { visit, .. }) => {
                visit.account = account
            }
            // With the secrets that came, the entered key may open more.
            (Input::Engine(_, Event::Tried(opening)), Goal::Receive { visit, .. }) => {
                if matches!(visit.known.key, KeyKnown::Tried(_)) {
                    visit.known.key = KeyKnown::Tried(opening);
                }
            }
            // The identity is enough to go on with, even if the backup's key is missing.
            (Input::WentOn, Goal::Receive { came: Some(came), .. }) if came.identity => {
                return self.receive(memory);
            }
            _ => {}
        }
        self.stay()
    }

    fn back(self, memory: &mut Memory) -> Turn {
        memory.leave_run();
        // Tells the other device, so that it does not wait for an answer.
        let cancels = self.talk.is_under_way();
        let effects = if cancels { memory.tell(Command::Verify(Move::Cancel)) } else { Vec::new() };
        self.leave(memory).after(effects)
    }

    fn fail(mut self, memory: &mut Memory, problem: Problem) -> Turn {
        if problem.may_pass() {
            // The app was not asked, or nobody knows: the person can ask anew.
            if self.talk == Verification::Asked {
                self.talk = Verification::Idle;
            }
            Turn::to(Self { trouble: Some(problem), ..self })
        } else {
            self.stop(memory, problem)
        }
    }

    /// The other device got no answer meanwhile.
    fn at_rest(self, _: &Problem) -> Turn {
        Turn::to(Self { talk: Verification::Idle, waited: 0, trouble: None, ..self })
    }

    fn go_on(self, _: &mut Memory, account: Account) -> Turn {
        match &self.goal {
            Goal::Give(_) => self.with(vec![Effect::Wake(COUNT_EVERY_MS.0)]),
            Goal::Receive { visit, .. } if visit.has_changed(&account) => {
                Findings::unless_changed(self.into(), account)
            }
            // The time that the other device takes counts from here.
            Goal::Receive { .. } => self.with(vec![Effect::Wake(TICK_MS)]),
        }
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: match self.goal {
                Goal::Receive { .. } => Phase::Account,
                Goal::Give(_) => Phase::OldMessages,
            },
            visit: Some(self.goal.visit()),
            trouble: self.trouble.as_ref(),
            can_go_back: true,
            has_changed_nothing: self.goal.visit().has_changed_nothing(),
            has_something_to_lose: true,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        Some(match &self.goal {
            Goal::Receive { visit, .. } => visit.outcome(),
            Goal::Give(harvest) => harvest.outcome(),
        })
    }

    fn listens(&self) -> bool {
        true
    }

    fn survey_mut(&mut self) -> Option<&mut Survey> {
        match &mut self.goal {
            Goal::Receive { .. } => None,
            Goal::Give(harvest) => Some(&mut harvest.survey),
        }
    }
}

/// Tells whether a move is possible in this state of the verification.
fn may(talk: &Verification, wanted: &Move) -> bool {
    match wanted {
        Move::Ask => !talk.is_under_way(),
        Move::Accept => matches!(talk, Verification::AskedBy(_)),
        Move::Match(_) | Move::Differ => matches!(talk, Verification::Comparing { .. }),
        Move::Cancel => talk.is_under_way(),
    }
}
