//! Plays a visit to the page without the page: gives the engine commands, and keeps the events.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use matrixbackup::{
    domain::{
        account,
        handed_over::HandedOver,
        opening::Opening,
        plan::{Action, Task},
        problem::Problem,
        proof::{Last, Proof, ProofWay, Wanted},
        proved::Proved,
        secret::Secret,
        verification::{Move, Shown, Verification},
    },
    engine::Engine,
    protocol::messages::{Command, Event},
};

use crate::support::account::Account;

/// Engine, and every event it has told.
#[derive(Default)]
pub struct Visit {
    pub engine: Engine,
    pub told: Vec<Event>,
}

/// Builds the page's command to sign in at this address with the account's password.
pub fn sign_in(base_url: &str, account: &Account) -> Command {
    Command::SignIn {
        base_url: base_url.to_owned(),
        user: account.user_id.clone(),
        password: Secret::from(account.password.as_str()),
    }
}

impl Visit {
    /// Gives a command and returns the events it brought.
    pub async fn tell(&mut self, command: Command) -> Vec<Event> {
        let events = RefCell::new(Vec::new());
        self.engine.handle(command, &|event| events.borrow_mut().push(event)).await;
        let events = events.into_inner();
        self.told.extend(events.clone());
        events
    }

    /// Signs in and returns what the engine saw of the account.
    pub async fn sign_in(base_url: &str, account: &Account) -> (Self, account::Account) {
        let mut visit = Self::default();
        let events = visit.tell(sign_in(base_url, account)).await;
        match &events[..] {
            [Event::SignedIn { user_id, .. }, Event::Looked(facts)] if *user_id == account.user_id => {
                (visit, facts.clone())
            }
            events => panic!("{events:?}"),
        }
    }

    /// Makes a key.
    pub async fn make_key(&mut self, phrase: Option<&str>) -> Secret {
        match &self.tell(Command::MakeKey { phrase: phrase.map(Secret::from) }).await[..] {
            [Event::KeyMade(kit)] => kit.recovery_key.clone(),
            events => panic!("{events:?}"),
        }
    }

    /// Writes the set-up; returns its outcome, and the tasks done in this attempt.
    pub async fn set_up(&mut self, kept_key: &Secret) -> (Result<Proved, Problem>, Vec<Task>) {
        let events = self.tell(Command::Write { action: Action::SetUp, kept_key: kept_key.clone() }).await;
        outcome(&events)
    }

    /// Finishes what an earlier visit began; returns its outcome.
    pub async fn resume(&mut self, kept_key: &str) -> Result<Proved, Problem> {
        let events =
            self.tell(Command::Write { action: Action::Finish, kept_key: Secret::from(kept_key) }).await;
        outcome(&events).0
    }

    /// Counts the keys in the backup.
    pub async fn count(&mut self) -> u64 {
        match &self.tell(Command::Count).await[..] {
            [Event::Counted { room_keys, .. }] => *room_keys,
            events => panic!("{events:?}"),
        }
    }

    /// Signs out; there must be no trouble.
    pub async fn sign_out(&mut self) {
        assert_eq!(self.tell(Command::SignOut).await, [Event::SignedOut]);
    }
}

/// Builds the event of a server that wants the account password and nothing else.
pub fn password_wanted(last: Last) -> Event {
    Event::ProofNeeded(Wanted { ways: vec![ProofWay::Password], last })
}

/// Reads the outcome of a set-up, and the tasks done, from its events.
pub fn outcome(events: &[Event]) -> (Result<Proved, Problem>, Vec<Task>) {
    let result = match events.last() {
        Some(Event::SetUpDone(proved)) => Ok(proved.clone()),
        Some(Event::Failed(problem)) => Err(problem.clone()),
        other => panic!("{other:?}"),
    };
    (result, tasks_in(events))
}

impl Visit {
    /// Tries a key or phrase; returns what it opens.
    pub async fn try_key(&mut self, entry: &str) -> Opening {
        match &self.tell(Command::TryKey { entry: Secret::from(entry) }).await[..] {
            [Event::Looked(_), Event::Tried(opening)] => opening.clone(),
            events => panic!("{events:?}"),
        }
    }

    /// Signs in as [`Self::sign_in`] does; returns the problem if there is one.
    pub async fn sign_in_or_fail(account: &Account) -> Result<Self, Problem> {
        let mut visit = Self::default();
        let events = visit.tell(sign_in(&account.homeserver, account)).await;
        match events.last() {
            Some(Event::Failed(problem)) => Err(problem.clone()),
            _ => Ok(visit),
        }
    }

    /// Tries as [`Self::try_key`] does; returns the problem if there is one.
    pub async fn try_key_or_fail(&mut self, entry: &str) -> Result<Opening, Problem> {
        match &self.tell(Command::TryKey { entry: Secret::from(entry) }).await[..] {
            [Event::Looked(_), Event::Tried(opening)] => Ok(opening.clone()),
            [.., Event::Failed(problem)] => Err(problem.clone()),
            events => panic!("{events:?}"),
        }
    }

    /// Orders an action with the key that was made for it, or with none.
    pub async fn write(&mut self, action: Action, kept_key: Option<&Secret>) -> Vec<Event> {
        let kept_key = kept_key.cloned().unwrap_or_default();
        self.tell(Command::Write { action, kept_key }).await
    }

    /// Gives the account password that the server asked for.
    pub async fn give_password(&mut self, password: &str) -> Vec<Event> {
        self.tell(Command::GiveProof(Proof::Password(Secret::from(password)))).await
    }
}

/// Longest wait for an event.
const PATIENCE: Duration = Duration::from_secs(120);

impl Visit {
    /// Listens until `wanted` finds something in an event; returns that.
    pub async fn hear<T>(&mut self, wanted: impl Fn(&Event) -> Option<T>) -> T {
        let since = Instant::now();
        let mut heard = Vec::new();
        while since.elapsed() < PATIENCE {
            let events = self.tell(Command::Listen).await;
            assert_eq!(events.last(), Some(&Event::Heard { trouble: None }), "{events:?}");
            let found = events.iter().find_map(&wanted);
            heard.extend(events);
            if let Some(found) = found {
                return found;
            }
        }
        panic!("never heard: {heard:?}")
    }

    /// Listens for a second at the most.
    pub async fn listen_a_while(&mut self) -> Vec<Event> {
        let bell = self.engine.bell();
        let ring = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            bell.ring();
        };
        let (events, ()) = tokio::join!(self.tell(Command::Listen), ring);
        bell.reset();
        events
    }

    /// Makes a move; returns the state of the verification after it.
    pub async fn verify(&mut self, made: Move) -> Verification {
        match &self.tell(Command::Verify(made)).await[..] {
            [Event::Verification(talk)] => talk.clone(),
            events => panic!("{events:?}"),
        }
    }

    /// Listens until both devices show emoji; returns their names on this page.
    pub async fn emoji(&mut self) -> Vec<String> {
        let shown = |event: &Event| match event {
            Event::Verification(Verification::Comparing { shown, .. }) => Some(shown.clone()),
            _ => None,
        };
        self.hear(shown).await.emoji().iter().map(|emoji| emoji.name.clone()).collect()
    }

    /// Returns what the page shows for a comparison, if it shows that now.
    pub fn shown(&self) -> Option<Shown> {
        let talk = self.told.iter().rev().find_map(|event| match event {
            Event::Verification(talk) => Some(talk),
            _ => None,
        });
        match talk {
            Some(Verification::Comparing { shown, .. }) => Some(shown.clone()),
            _ => None,
        }
    }

    /// Says that what the page shows is what the other device shows.
    pub async fn say_they_match(&mut self) -> Verification {
        let shown = self.shown().expect("nothing to compare");
        self.verify(Move::Match(shown)).await
    }

    /// Listens until the verification has ended, one way or the other.
    pub async fn ended(&mut self) -> Verification {
        let ended = |event: &Event| match event {
            Event::Verification(talk @ (Verification::Done(_) | Verification::Cancelled { .. })) => {
                Some(talk.clone())
            }
            _ => None,
        };
        self.hear(ended).await
    }

    /// Listens until everything that is wanted was handed over.
    pub async fn handed_over(&mut self) -> HandedOver {
        let came = |event: &Event| match event {
            Event::HandedOver(came) if came.is_complete() => Some(*came),
            _ => None,
        };
        self.hear(came).await
    }
}

/// Returns the tasks that these events tell as done.
pub fn tasks_in(events: &[Event]) -> Vec<Task> {
    let task = |event: &Event| match event {
        Event::TaskDone(task) => Some(*task),
        _ => None,
    };
    events.iter().filter_map(task).collect()
}
