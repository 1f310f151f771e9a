//! The steps up to signing in, and the end if the engine does not load: everything that needs no engine.
//!
//! The page's first program file has [`Guide::enter`] and nothing else of the guide. [`Guide::handle`] comes with the
//! second one, together with the engine.

use super::{
    Guide, Waiting,
    input::{Effect, Input},
    step::{Attempt, Step, Written},
};
use crate::{
    domain::{
        address::{Address, AddressError, cleaned, login_name},
        config::{Config, Home},
        contact::Contact,
        discovery::Server,
        passphrase::Strength,
        problem::Problem,
    },
    protocol::messages::{Command, Event},
};

impl Guide {
    /// Does what [`Guide::handle`] does, as long as there is no engine.
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

    /// Takes the host's settings, the first time only.
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

    /// Takes the homeserver's contacts; those of the host are shown instead, if there are any.
    pub(super) fn hear_of(&mut self, contacts: Vec<Contact>) -> Vec<Effect> {
        self.contacts = contacts;
        Vec::new()
    }

    /// Goes from the first screen to the question for the homeserver, or past it if the host accepts one only.
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

    /// Makes every move that needs no engine. An input that does not fit the step changes nothing.
    pub(super) fn at_entrance(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
        match (step, input) {
            (Step::Intro, Input::Began) => self.begin_visit(),

            (Step::Server { .. }, Input::EnteredServer(entered)) => match self.config.locked() {
                Some(home) => look_for(home),
                None => match self.address(&entered) {
                    Ok(address) => {
                        // These are the contacts of the homeserver that was entered before.
                        self.contacts.clear();
                        (Step::Discovering { entered }, vec![Effect::Discover(address)])
                    }
                    Err(error) => (Step::Server { entered, trouble: Some(error.into()) }, Vec::new()),
                },
            },
            (Step::Discovering { .. }, Input::Discovered(Ok(server))) => {
                let effects = vec![Effect::LockAndStart(server.clone())];
                (Step::SignIn { server, engine_ready: false, attempt: Attempt::None, trouble: None }, effects)
            }
            (Step::Discovering { entered }, Input::Discovered(Err(problem))) => {
                (Step::Server { entered, trouble: Some(problem) }, Vec::new())
            }

            (Step::SignIn { server, engine_ready, attempt, trouble }, input) => {
                let user_id = server.user_id.as_ref();
                let (attempt, trouble, effects) = self.sign_in(&server, user_id, attempt, trouble, input);
                (Step::SignIn { server, engine_ready, attempt, trouble }, effects)
            }

            (step @ Step::Finished { .. }, Input::Began)
            | (step @ Step::Stopped { .. }, Input::Began | Input::TriedAgain) => (step, vec![Effect::Reload]),

            (step, _) => (step, Vec::new()),
        }
    }

    /// Handles an input while the person signs in. `user_id` is the one they entered, or must sign in with again.
    pub(super) fn sign_in(
        &mut self,
        server: &Server,
        user_id: Option<&String>,
        attempt: Attempt,
        trouble: Option<Problem>,
        input: Input,
    ) -> (Attempt, Option<Problem>, Vec<Effect>) {
        match (attempt, input) {
            (attempt @ Attempt::Asking { .. }, _) => (attempt, trouble, Vec::new()),
            (attempt, Input::EnteredPassword { user, password }) => {
                let user = match self.login_name(&user) {
                    Ok(user) => user,
                    Err(problem) => return (attempt, Some(problem), Vec::new()),
                };
                self.give_up(&attempt);
                let base_url = server.base_url.to_string();
                let mut effects = self.ask_more();
                effects.extend(attempt.close());
                effects.push(Effect::Tell(self.run, Command::SignIn { base_url, user, password }));
                (Attempt::Asking { window: None }, None, effects)
            }
            (attempt, Input::ChoseDoor { door, blocked }) => {
                self.give_up(&attempt);
                let mut effects = self.ask_more();
                effects.push(Effect::Authorize {
                    run: self.run,
                    base_url: server.base_url.to_string(),
                    door: door.clone(),
                    user_id: user_id.cloned(),
                });
                (Attempt::Window { door: Box::new(door), address: None, blocked }, None, effects)
            }
            (
                Attempt::Window { door, address: None, blocked },
                Input::Engine(_, Event::Authorize { address }),
            ) => {
                let effects = if blocked { Vec::new() } else { vec![Effect::ShowPage(address.clone())] };
                let trouble = blocked.then_some(Problem::WindowBlocked);
                (Attempt::Window { door, address: Some(address), blocked }, trouble, effects)
            }
            (window @ Attempt::Window { address: Some(_), .. }, Input::CameBack(answer)) => {
                let effects = vec![Effect::Tell(self.run, Command::Authorized { answer })];
                (Attempt::Asking { window: Some(Box::new(window)) }, None, effects)
            }
            (attempt @ Attempt::Window { .. }, Input::ClosedDoor) => {
                self.give_up(&attempt);
                (Attempt::None, None, vec![Effect::CloseWindow])
            }
            (attempt, _) => (attempt, trouble, Vec::new()),
        }
    }

    /// Ignores the answer to a window that was given up: it belongs to the run before.
    fn give_up(&mut self, attempt: &Attempt) {
        if matches!(attempt, Attempt::Window { .. }) {
            self.run.0 += 1;
        }
    }

    /// Tells the engine the strength that the host requires of phrases, if it is more than the page's own.
    fn ask_more(&self) -> Vec<Effect> {
        let strength = self.config.strength;
        if strength > Strength::default() {
            vec![Effect::Tell(self.run, Command::AskMore { strength: strength.power() })]
        } else {
            Vec::new()
        }
    }

    /// Reads the name that may go to the server with a password.
    fn login_name(&self, entered: &str) -> Result<String, Problem> {
        let user = login_name(entered)?;
        match &self.config.home {
            Some(home) if home.refuses(&user) => Err(Problem::AnotherServer { server: home.name.clone() }),
            Some(_) | None => Ok(user),
        }
    }

    /// Reads an entry. If the host proposes a server, a name without a server is a user of that one.
    fn address(&self, entered: &str) -> Result<Address, AddressError> {
        let name = self.config.home.as_ref().and_then(Home::server_name);
        match (Address::parse(entered), name) {
            (Err(AddressError::NoServer), Some(server)) => {
                let name = cleaned(entered);
                let name = name.trim_start_matches('@');
                Address::parse(&["@", name, ":", server.as_str()].concat())
            }
            (parsed, _) => parsed,
        }
    }

    /// Goes back from one of these steps.
    pub(super) fn back_at_entrance(&self, step: Step) -> (Step, Vec<Effect>) {
        match step {
            Step::Server { .. } => (Step::Intro, Vec::new()),
            Step::Discovering { .. } if self.config.locked().is_some() => (Step::Intro, Vec::new()),
            Step::Discovering { entered } => (Step::Server { entered, trouble: None }, Vec::new()),
            Step::SignIn { server, engine_ready, attempt, trouble } if !attempt.is_asking() => {
                let mut effects = attempt.close();
                effects.extend([Effect::EndEngine, Effect::Reload]);
                (Step::SignIn { server, engine_ready, attempt, trouble }, effects)
            }
            step => (step, Vec::new()),
        }
    }
}

impl Attempt {
    /// The state after a problem: a window stays open if only a stray answer came.
    pub(super) fn after(self, problem: &Problem) -> (Self, Vec<Effect>) {
        match self {
            Self::Asking { window: Some(window) } if *problem == Problem::StrayAnswer => {
                (*window, Vec::new())
            }
            attempt => (Self::None, attempt.close()),
        }
    }

    /// Closes the window of this attempt.
    pub(super) fn close(&self) -> Vec<Effect> {
        match self {
            Self::Window { .. } => vec![Effect::CloseWindow],
            Self::None | Self::Asking { .. } => Vec::new(),
        }
    }
}

/// Looks for the only homeserver that the host accepts.
fn look_for(home: &Home) -> (Step, Vec<Effect>) {
    (Step::Discovering { entered: home.name.clone() }, vec![Effect::Discover(home.address.clone())])
}
