//! Handles the failure of a command, and the loss of the engine.

use super::{
    Guide,
    input::Effect,
    step::{Finished, SignInAgain, SigningOut, Step, Stopped, Turn},
};
use crate::domain::problem::Problem;

impl Guide {
    /// Handles a failed command: most steps show the problem and can be tried again.
    pub(super) fn fail(&mut self, problem: Problem) -> Vec<Effect> {
        self.turn(|step, memory| {
            let whose = if problem.is_signed_out() { SignInAgain::whose(&step) } else { None };
            match whose {
                Some(whose) => SignInAgain::interrupt(step, memory, whose, problem),
                None => step.fail(memory, problem),
            }
        })
    }

    pub(super) fn lose_engine(&mut self, problem: Problem) -> Vec<Effect> {
        self.turn(|step, memory| {
            memory.leave_run();
            memory.looking_back = None;
            let turn = match step {
                step @ (Step::Finished(_) | Step::Stopped(_)) => Turn::to(step),
                Step::SigningOut(SigningOut { outcome }) => {
                    Turn::to(Finished { outcome, trouble: Some(problem) })
                }
                step => Turn::to(Stopped { problem, written: step.written() }),
            };
            turn.then(vec![Effect::EndEngine])
        })
    }
}
