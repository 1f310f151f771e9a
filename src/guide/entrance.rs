//! The steps up to signing in: everything that needs no engine.

use super::{
    Guide,
    input::{Effect, Input},
    memory::Memory,
    state::Attempt,
    step::{self, Discovering, Step, Turn},
};
use crate::{
    domain::{
        address::{Address, AddressError, cleaned, login_name},
        config::{Config, Home},
        contact::Contact,
        discovery::Server,
        problem::Problem,
    },
    protocol::messages::{Command, Event},
};

impl Guide {
    /// Stands in for [`Guide::handle`] on the first screen, as long as the page has only the first part of its program:
    /// takes the host's settings, and notes that the person wants to begin.
    pub fn wait(&mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Configured(config) => self.memory.take(*config),
            Input::Began => self.memory.is_held_up = true,
            _ => {}
        }
        Vec::new()
    }

    /// Takes the host's settings, the first time only.
    pub(super) fn configure(&mut self, config: Config) -> Vec<Effect> {
        self.memory.take(config);
        if self.memory.is_held_up && matches!(self.step, Step::Intro(_)) {
            return self.turn(|_, memory| memory.begin_visit());
        }
        Vec::new()
    }

    /// Takes the homeserver's contacts; those of the host are shown instead, if there are any.
    pub(super) fn hear_of(&mut self, contacts: Vec<Contact>) -> Vec<Effect> {
        self.memory.contacts = contacts;
        Vec::new()
    }

    /// Takes the length that the homeserver asks of phrases.
    pub(super) fn require_length(&mut self, least: u8) -> Vec<Effect> {
        self.memory.least_phrase = least;
        Vec::new()
    }
}

impl Memory {
    fn take(&mut self, config: Config) {
        if !self.is_configured {
            self.is_configured = true;
            self.config = config;
        }
    }

    /// Goes from the first screen to the question for the homeserver, or past it if the host accepts one only.
    pub(super) fn begin_visit(&mut self) -> Turn {
        self.is_held_up = !self.is_configured;
        let turn = match (self.is_held_up, &self.config.home) {
            (true, _) => Turn::to(step::Intro),
            (false, Some(home)) if home.is_locked => look_for(home),
            (false, home) => {
                let entered = home.as_ref().map(|home| home.name.clone()).unwrap_or_default();
                Turn::to(step::Server { entered, trouble: None })
            }
        };
        turn.after(vec![Effect::FetchEngine])
    }

    /// Looks for the homeserver that the person entered, or for the only one that the host accepts.
    pub(super) fn look_up(&mut self, entered: String) -> Turn {
        if let Some(home) = self.config.locked() {
            return look_for(home);
        }
        match self.address(&entered) {
            Ok(address) => {
                // These are of the homeserver that was entered before.
                self.contacts.clear();
                self.least_phrase = 0;
                Turn::to(Discovering { entered }).then(vec![Effect::Discover(address)])
            }
            Err(error) => Turn::to(step::Server { entered, trouble: Some(error.into()) }),
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
                let mut effects = attempt.close();
                effects.push(Effect::Tell(self.run, Command::SignIn { base_url, user, password }));
                (Attempt::Asking { window: None }, None, effects)
            }
            (attempt, Input::ChoseDoor { door, blocked }) => {
                self.give_up(&attempt);
                let authorize = Effect::Authorize {
                    run: self.run,
                    base_url: server.base_url.to_string(),
                    door: door.clone(),
                    user_id: user_id.cloned(),
                };
                (Attempt::Window { door: Box::new(door), address: None, blocked }, None, vec![authorize])
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
fn look_for(home: &Home) -> Turn {
    let effects = vec![Effect::Discover(home.address.clone())];
    Turn::to(Discovering { entered: home.name.clone() }).then(effects)
}
