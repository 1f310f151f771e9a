//! The steps up to signing in, and the end if the engine does not come: all there can be without it.
//!
//! The page's first part holds no more of the guide than [`Guide::enter`]; [`Guide::handle`] comes
//! with the engine.

use super::{
    Guide, Waiting,
    input::{Effect, Input},
    step::{Step, Written},
};
use crate::{
    domain::{
        address::{Address, AddressError},
        config::{Config, Home},
        contact::Contact,
        passphrase::Strength,
        problem::Problem,
    },
    protocol::messages::Command,
};

impl Guide {
    /// What [`Guide::handle`] does as long as there is no engine.
    pub fn enter(&mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Configured(config) => return self.configure(*config),
            Input::FoundContacts(contacts) => return self.hear_of(contacts),
            _ => {}
        }
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
            Input::WentBack => self.back_at_entrance(step),
            input => self.at_entrance(step, input),
        };
        self.step = step;
        effects
    }

    /// What the host has set, once.
    pub(super) fn configure(&mut self, config: Config) -> Vec<Effect> {
        let Some(waiting) = self.waiting.take() else { return Vec::new() };
        self.config = config;
        if waiting == Waiting::ToBegin && self.step == Step::Intro {
            let (step, effects) = self.begin_visit();
            self.step = step;
            return effects;
        }
        Vec::new()
    }

    /// Whom the homeserver names. The host's own word comes first.
    pub(super) fn hear_of(&mut self, contacts: Vec<Contact>) -> Vec<Effect> {
        self.contacts = contacts;
        Vec::new()
    }

    /// From the first screen to the question for the homeserver, unless the host has answered it.
    fn begin_visit(&mut self) -> (Step, Vec<Effect>) {
        match (&self.waiting, &self.config.home) {
            (Some(_), _) => {
                self.waiting = Some(Waiting::ToBegin);
                (Step::Intro, Vec::new())
            }
            (None, Some(home)) if home.is_locked => look_for(home),
            (None, home) => {
                let entered = home.as_ref().map(|home| home.name.clone()).unwrap_or_default();
                (Step::Server { entered, trouble: None }, Vec::new())
            }
        }
    }

    /// Every move that needs no engine. Pairs that do not belong together leave the step as it is.
    pub(super) fn at_entrance(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
        match (step, input) {
            (Step::Intro, Input::Began) => self.begin_visit(),

            (Step::Server { .. }, Input::EnteredServer(entered)) => match self.config.locked() {
                Some(home) => look_for(home),
                None => match self.address(&entered) {
                    Ok(address) => {
                        // Whom another server named has nothing to do with this one.
                        self.contacts.clear();
                        (Step::Discovering { entered }, vec![Effect::Discover(address)])
                    }
                    Err(error) => (Step::Server { entered, trouble: Some(error.into()) }, Vec::new()),
                },
            },
            (Step::Discovering { .. }, Input::Discovered(Ok(server))) => {
                let effects = vec![Effect::LockAndStart(server.clone())];
                (Step::SignIn { server, engine_ready: false, waiting: false, trouble: None }, effects)
            }
            (Step::Discovering { entered }, Input::Discovered(Err(problem))) => {
                (Step::Server { entered, trouble: Some(problem) }, Vec::new())
            }

            (
                Step::SignIn { server, engine_ready, waiting: false, .. },
                Input::EnteredPassword { user, .. },
            ) if self.config.home.as_ref().is_some_and(|home| home.refuses(&user)) => {
                let home = self.config.home.as_ref().map(|home| home.name.clone()).unwrap_or_default();
                let trouble = Some(Problem::AnotherServer { server: home });
                (Step::SignIn { server, engine_ready, waiting: false, trouble }, Vec::new())
            }
            // Told as soon as the engine can hear it.
            (
                Step::SignIn { server, engine_ready, waiting: false, .. },
                Input::EnteredPassword { user, password },
            ) => {
                let base_url = server.base_url.to_string();
                let mut effects = Vec::new();
                if self.config.strength > Strength::default() {
                    let strength = self.config.strength.power();
                    effects.push(Effect::Tell(self.run, Command::AskMore { strength }));
                }
                effects.push(Effect::Tell(self.run, Command::SignIn { base_url, user, password }));
                (Step::SignIn { server, engine_ready, waiting: true, trouble: None }, effects)
            }

            (step @ Step::Finished { .. }, Input::Began)
            | (step @ Step::Stopped { .. }, Input::Began | Input::TriedAgain) => (step, vec![Effect::Reload]),

            (step, _) => (step, Vec::new()),
        }
    }

    /// What an entry means. Where a server is proposed, a name alone is somebody's there.
    fn address(&self, entered: &str) -> Result<Address, AddressError> {
        let name = self.config.home.as_ref().and_then(Home::server_name);
        match (Address::parse(entered), name) {
            (Err(AddressError::NoServer), Some(server)) => {
                let name = entered.trim().trim_start_matches('@');
                Address::parse(&["@", name, ":", server.as_str()].concat())
            }
            (parsed, _) => parsed,
        }
    }

    /// The way back from these steps.
    pub(super) fn back_at_entrance(&self, step: Step) -> (Step, Vec<Effect>) {
        match step {
            Step::Server { .. } => (Step::Intro, Vec::new()),
            Step::Discovering { .. } if self.config.locked().is_some() => (Step::Intro, Vec::new()),
            Step::Discovering { entered } => (Step::Server { entered, trouble: None }, Vec::new()),
            step @ Step::SignIn { waiting: false, .. } => (step, vec![Effect::EndEngine, Effect::Reload]),
            step => (step, Vec::new()),
        }
    }
}

/// Looks for the one homeserver there is.
fn look_for(home: &Home) -> (Step, Vec<Effect>) {
    (Step::Discovering { entered: home.name.clone() }, vec![Effect::Discover(home.address.clone())])
}
