//! Compares emoji with an app, and takes the secrets that it hands over.

use super::Part;
use crate::{
    domain::{
        apps::App,
        diagnosis::KeyKnown,
        handed_over::HandedOver,
        problem::Problem,
        verification::{Move, Verification},
    },
    guide::{
        Effect, Guide, Input,
        step::{Goal, Step, Visit},
        waits::TICK_MS,
    },
    protocol::messages::{Command, Event},
};

impl Guide {
    pub(super) fn verify(
        &mut self,
        mut goal: Goal,
        (mut talk, mut handed_over, mut waited, mut trouble): (
            Verification,
            Option<HandedOver>,
            u32,
            Option<Problem>,
        ),
        input: Input,
    ) -> (Step, Vec<Effect>) {
        let mut effects = Vec::new();
        match (input, &mut goal) {
            (Input::Moved(step), _) if may(&talk, &step) => {
                trouble = None;
                effects = self.tell(Command::Verify(step));
            }
            // Nothing is left to do here: the app asks for the key, and its room keys are counted.
            (Input::Engine(_, Event::Verification(Verification::Done(partner))), Goal::Give(harvest)) => {
                let mut harvest = harvest.clone();
                harvest.told_app(App::of(partner.name.as_deref()));
                return self.go_to(harvest, Part::OldKeys);
            }
            (Input::Engine(_, Event::Verification(next)), _) => {
                // The time that the other device takes is counted anew in each state.
                if std::mem::discriminant(&next) != std::mem::discriminant(&talk) {
                    waited = 0;
                }
                talk = next;
            }
            (Input::Engine(_, Event::HandedOver(came)), Goal::Receive(_)) => {
                handed_over = Some(came);
                if came.is_complete()
                    && let Goal::Receive(visit) = goal
                {
                    return self.receive(visit, came);
                }
            }
            // The engine tried the entered key again, now that secrets have come, and read the account first.
            (Input::Engine(_, Event::Looked(account)), Goal::Receive(_)) => {
                if let Goal::Receive(visit) = &mut goal {
                    visit.account = account;
                }
            }
            // With the secrets that came, the entered key may open more.
            (Input::Engine(_, Event::Tried(opening)), Goal::Receive(_)) => {
                if let Goal::Receive(visit) = &mut goal
                    && matches!(visit.known.key, KeyKnown::Tried(_))
                {
                    visit.known.key = KeyKnown::Tried(opening);
                }
            }
            // The identity is enough to go on with, even if the backup's key is missing.
            (Input::WentOn, Goal::Receive(_)) if handed_over.is_some_and(|came| came.identity) => {
                if let (Goal::Receive(visit), Some(came)) = (goal, handed_over) {
                    return self.receive(visit, came);
                }
                return (Step::Intro, Vec::new());
            }
            (Input::TimePassed, _) => {
                waited = waited.saturating_add(TICK_MS / 1_000);
                effects = vec![Effect::Wake(TICK_MS)];
                // An app that was reloaded has forgotten the question, and nothing tells the page so.
                if talk == Verification::Asked
                    && waited <= ASKS_FOR_SECONDS
                    && waited.is_multiple_of(ASK_AGAIN_SECONDS)
                {
                    effects.extend(self.tell(Command::Verify(Move::Ask)));
                }
            }
            _ => {}
        }
        (Step::Verify { goal, talk, handed_over, waited, trouble }, effects)
    }

    /// Goes back to the findings with the secrets that an app handed over.
    fn receive(&mut self, mut visit: Box<Visit>, came: HandedOver) -> (Step, Vec<Effect>) {
        visit.known.handed_over = Some(came);
        // The engine keeps the secrets, so the findings from before no longer hold.
        visit.earlier.clear();
        self.leave_run();
        (Step::findings(visit), Vec::new())
    }
}

pub(in crate::guide) fn verify(goal: Goal, talk: Verification) -> (Step, Vec<Effect>) {
    let step = Step::Verify { goal, talk, handed_over: None, waited: 0, trouble: None };
    (step, vec![Effect::Wake(TICK_MS)])
}

/// Seconds without an answer after which the same question is asked again.
const ASK_AGAIN_SECONDS: u32 = 60;
/// Seconds after which it is not, since the person may have left. The SDK gives a question as long, too.
const ASKS_FOR_SECONDS: u32 = 600;

/// Tells whether a move is possible in this state of the verification.
fn may(talk: &Verification, step: &Move) -> bool {
    match step {
        Move::Ask => !talk.is_under_way(),
        Move::Accept => matches!(talk, Verification::AskedBy(_)),
        Move::Match(_) | Move::Differ => matches!(talk, Verification::Comparing { .. }),
        Move::Cancel => talk.is_under_way(),
    }
}
