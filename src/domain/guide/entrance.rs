//! The steps up to signing in, and the end if the engine does not come: all there can be without it.
//!
//! The page's first part holds no more of the guide than [`Guide::enter`]; [`Guide::handle`] comes
//! with the engine.

use super::{
    Guide,
    input::{Effect, Input},
    step::{Step, Written},
};
use crate::{
    domain::address::Address,
    protocol::messages::{Command, Run},
};

impl Guide {
    /// What [`Guide::handle`] does as long as there is no engine.
    pub fn enter(&mut self, input: Input) -> Vec<Effect> {
        let step = std::mem::replace(&mut self.step, Step::Intro);
        let (step, effects) = match input {
            Input::Engine(..) => (step, Vec::new()),
            Input::EngineLost(problem) => {
                self.run.0 += 1;
                let stopped = match step {
                    stopped @ Step::Stopped { .. } => stopped,
                    _ => Step::Stopped { problem, written: Written::default() },
                };
                (stopped, vec![Effect::EndEngine])
            }
            Input::WentBack => back(step),
            input => advance(self.run, step, input),
        };
        self.step = step;
        effects
    }
}

/// Every move that needs no engine. Pairs that do not belong together leave the step as it is.
pub(super) fn advance(run: Run, step: Step, input: Input) -> (Step, Vec<Effect>) {
    match (step, input) {
        (Step::Intro, Input::Began) => (Step::Server { entered: String::new(), trouble: None }, Vec::new()),

        (Step::Server { .. }, Input::EnteredServer(entered)) => match Address::parse(&entered) {
            Ok(address) => (Step::Discovering { entered }, vec![Effect::Discover(address)]),
            Err(error) => (Step::Server { entered, trouble: Some(error.into()) }, Vec::new()),
        },
        (Step::Discovering { .. }, Input::Discovered(Ok(server))) => {
            let effects = vec![Effect::LockAndStart(server.clone())];
            (Step::SignIn { server, engine_ready: false, waiting: false, trouble: None }, effects)
        }
        (Step::Discovering { entered }, Input::Discovered(Err(problem))) => {
            (Step::Server { entered, trouble: Some(problem) }, Vec::new())
        }

        // Told as soon as the engine can hear it.
        (
            Step::SignIn { server, engine_ready, waiting: false, .. },
            Input::EnteredPassword { user, password },
        ) => {
            let base_url = server.base_url.to_string();
            let effects = vec![Effect::Tell(run, Command::SignIn { base_url, user, password })];
            (Step::SignIn { server, engine_ready, waiting: true, trouble: None }, effects)
        }

        (step @ Step::Finished { .. }, Input::Began)
        | (step @ Step::Stopped { .. }, Input::Began | Input::TriedAgain) => (step, vec![Effect::Reload]),

        (step, _) => (step, Vec::new()),
    }
}

/// The way back from these steps.
pub(super) fn back(step: Step) -> (Step, Vec<Effect>) {
    match step {
        Step::Server { .. } => (Step::Intro, Vec::new()),
        Step::Discovering { entered } => (Step::Server { entered, trouble: None }, Vec::new()),
        step @ Step::SignIn { waiting: false, .. } => (step, vec![Effect::EndEngine, Effect::Reload]),
        step => (step, Vec::new()),
    }
}
