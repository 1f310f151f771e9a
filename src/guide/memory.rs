//! Everything that the guide keeps from step to step.

use super::{input::Effect, state::Phase};
use crate::{
    domain::{config::Config, contact::Contact, plan::Action, verification::Verification},
    protocol::messages::{Command, Run},
};

/// Everything that the guide keeps from step to step, while the person is on any of them.
#[derive(Debug)]
pub(super) struct Memory {
    pub run: Run,
    /// The furthest phase that the person has come to, since they last went back.
    pub phase: Phase,
    /// Number of times that the engine was told to listen to other devices and has not answered yet. It listens once at
    /// a time: the second command ends what came of the first.
    pub listening: u8,
    /// Set if the engine may not listen before [`Input::TimePassed`](super::Input::TimePassed).
    pub resting: bool,
    /// The run in which the engine was told to look further back, until it answers.
    pub looking_back: Option<Run>,
    /// Set if the engine has listened since it last looked further back.
    pub has_listened: bool,
    /// Set while the engine counts behind a step, or was told to.
    pub counting: bool,
    /// The verification of which the page heard behind a step that has no place for it.
    pub heard_behind: Option<Verification>,
    /// Number of phrases that were to be judged.
    pub judged: u32,
    /// Number of to-device messages that the engine has dropped.
    pub malformed: u32,
    /// The time of the last [`Effect::Wake`], in milliseconds.
    pub alarm_ms: u32,
    /// The marks of the recovery keys that the person has saved in this visit, but for those that came into use.
    pub saved: Vec<String>,
    pub config: Config,
    /// Set once the host's settings are known.
    pub is_configured: bool,
    /// Set while the person has begun, and something is missing yet.
    pub is_held_up: bool,
    /// The homeserver's contacts.
    pub contacts: Vec<Contact>,
    /// The least number of characters that the homeserver asks of phrases.
    pub least_phrase: u8,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            run: Run(1),
            phase: Phase::default(),
            listening: 0,
            resting: false,
            looking_back: None,
            has_listened: false,
            counting: false,
            heard_behind: None,
            judged: 0,
            malformed: 0,
            alarm_ms: 0,
            saved: Vec::new(),
            config: Config::default(),
            is_configured: true,
            is_held_up: false,
            contacts: Vec::new(),
            least_phrase: 0,
        }
    }
}

impl Memory {
    pub fn tell(&self, command: Command) -> Vec<Effect> {
        vec![Effect::Tell(self.run, command)]
    }

    /// Begins another run, so that late answers to earlier commands are ignored.
    pub fn leave_run(&mut self) {
        self.run.0 += 1;
        self.listening = 0;
        self.counting = false;
    }

    /// Takes note that the key which the person saved last is in use.
    pub fn came_into_use(&mut self, action: Action) {
        if action.makes_key() {
            self.saved.pop();
        }
    }
}
