//! Counts the room keys as they come in.

use super::verify::verify;
use crate::{
    domain::verification::{Move, Verification},
    guide::{
        Effect, Guide, Input,
        step::{Goal, Step},
    },
    protocol::messages::{Command, Event},
};

impl Guide {
    pub(super) fn count(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
        let Step::OldKeys { mut harvest, talk } = step else { return (step, Vec::new()) };
        match input {
            Input::TimePassed => {
                let effects = self.tell(Command::Count);
                (Step::OldKeys { harvest, talk }, effects)
            }
            Input::Engine(_, Event::Counted { room_keys, etag }) => {
                let pause = harvest.arrival.count(room_keys, etag);
                (Step::OldKeys { harvest, talk }, vec![Effect::Wake(pause)])
            }
            // The person decides here whether to verify the app that asks.
            Input::Engine(_, Event::Verification(talk)) => (Step::OldKeys { harvest, talk }, Vec::new()),
            Input::Moved(step @ (Move::Accept | Move::Cancel))
                if matches!(talk, Verification::AskedBy(_)) =>
            {
                let declines = step == Move::Cancel;
                let effects = self.tell(Command::Verify(step));
                if declines {
                    return (Step::OldKeys { harvest, talk: Verification::Idle }, effects);
                }
                let (step, mut more) = verify(Goal::Give(harvest), talk);
                more.extend(effects);
                (step, more)
            }
            _ => (Step::OldKeys { harvest, talk }, Vec::new()),
        }
    }
}
