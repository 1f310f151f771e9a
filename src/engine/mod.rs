//! The engine: signs in, looks, writes and proves. Holds every secret; shows one recovery key once.
//!
//! Runs in the page's worker (`src/bin/engine.rs`), and compiles natively so that it can be tested against a real
//! homeserver. Commands come one after another; each is answered by events.

mod account;
mod bell;
mod carrying;
mod connection;
mod coverage;
mod devices;
mod entrance;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod keys;
mod looking;
mod net;
mod opening;
mod queue;
mod session;
mod sign_in;
mod write;
mod writing;

use std::{
    cell::{Cell, OnceCell},
    future::poll_fn,
    pin::pin,
    rc::Rc,
};

use matrix_sdk::ruma::OwnedDeviceId;

#[cfg(feature = "native")]
pub use self::net::timing::hurry;
pub use self::{bell::Bell, connection::DEVICE_NAME, queue::Queue};
use self::{
    net::{homeserver::TokenNews, oauth::Registration},
    session::Session,
    sign_in::{attempt::Attempt, remembered::Remembered, uia},
    write::phrase::{self, Demands},
};
use crate::{
    domain::{
        passphrase::{Estimate, Strength},
        problem::Problem,
        secret::Secret,
        verification::Move,
    },
    protocol::messages::{Command, Event},
};

/// One visit, from signing in to signing out.
#[derive(Default)]
pub struct Engine {
    session: Option<Session>,
    /// Chosen once, so that signing in again after a lost response is the same device.
    device_id: OnceCell<OwnedDeviceId>,
    /// The sign-in on a page of the server's that waits for its answer.
    attempt: Option<Attempt>,
    /// This page's registration as a client of an authorization server.
    registration: Registration,
    /// The farewell of the newest token, to be told as soon as there is one.
    news: TokenNews,
    /// Set from outside while a command is carried out, or before it is begun.
    stop: Rc<Cell<bool>>,
    /// Rung from outside when the next command waits.
    bell: Rc<Bell>,
    /// The phrase that the engine proposed last, with its estimate; the empty one at first.
    estimated: (Secret, Estimate),
}

impl Engine {
    /// The flag that [`Command::Stop`] sets at once, since the engine itself is busy then. The engine lowers it after
    /// each command, so that it does not stop the next one. It does not lower it before a command, which may have been
    /// stopped while it waited.
    pub fn stop(&self) -> Rc<Cell<bool>> {
        Rc::clone(&self.stop)
    }

    /// The bell that ends these early, to be rung when the next command comes: [`Command::Listen`],
    /// [`Command::Cover`] and [`Command::GoFurther`]; and in [`Command::GiveProof`] and
    /// [`Command::RemoveLeftOver`], the wait for what the person does on a page of the server's.
    pub fn bell(&self) -> Rc<Bell> {
        Rc::clone(&self.bell)
    }

    /// Carries out a command, and tells each event as it happens.
    pub async fn handle(&mut self, command: Command, tell: &impl Fn(Event)) {
        let is_done = command != Command::Stop;
        let news = self.news();
        let result = {
            let mut work = pin!(self.carry_out(command, tell));
            // The page may be closed at any moment, and then needs the newest token for its farewell.
            poll_fn(|context| {
                let result = work.as_mut().poll(context);
                if let Some(farewell) = news.borrow_mut().take() {
                    tell(Event::Farewell(farewell));
                }
                result
            })
            .await
        };
        if let Err(problem) = result {
            tell(Event::Failed(problem));
        }
        if is_done {
            self.stop.set(false);
        }
    }

    // Each arm is boxed: otherwise every command would need the stack of the largest one.
    async fn carry_out(&mut self, command: Command, tell: &impl Fn(Event)) -> Result<(), Problem> {
        if let Some(session) = self.session.as_mut().filter(|_| tells_again(&command)) {
            session.hearing.receiving.tell_again();
        }
        match command {
            Command::SignIn { base_url, user, password } => {
                Box::pin(self.sign_in(base_url, &user, password, tell)).await
            }
            Command::Authorize { base_url, door, user_id, callback } => {
                Box::pin(self.authorize(base_url, door, user_id, callback, tell)).await
            }
            Command::Authorized { answer } => Box::pin(self.authorized(&answer, tell)).await,
            Command::SignOut => Box::pin(self.sign_out(tell)).await,
            Command::Look => Box::pin(self.look(tell)).await,
            Command::TryKey { entry } => Box::pin(self.try_entered(&entry, tell)).await,
            Command::Count => Box::pin(self.count(tell)).await,
            Command::Cover { further } => Box::pin(self.cover(further, tell)).await,
            Command::GoFurther => Box::pin(self.go_further(tell)).await,
            Command::Check => Box::pin(self.check(tell)).await,
            Command::Listen => {
                let trouble = Box::pin(self.listen(tell)).await.err();
                tell(Event::Heard { trouble });
                Ok(())
            }
            Command::Verify(made) => Box::pin(self.verify(made, tell)).await,
            Command::Judge { number, phrase, estimate, strength, least } => {
                let demands = Demands { strength: Strength::at_least(strength), least };
                self.judge(number, phrase, estimate, demands, tell)
            }
            Command::Suggest { least } => {
                let phrase = phrase::suggest(least);
                self.estimated = (phrase.clone(), phrase::estimate_of_suggested());
                tell(Event::Suggested(phrase));
                Ok(())
            }
            Command::MakeKey { phrase } => Box::pin(self.make_key(phrase, tell)).await,
            Command::ShowKit => Box::pin(self.show_kit(tell)).await,
            Command::Write { action, kept_key } => Box::pin(self.accept_order(action, kept_key, tell)).await,
            Command::GiveProof(proof) => Box::pin(self.give_proof(proof, tell)).await,
            Command::Withdraw => Box::pin(self.withdraw(tell)).await,
            Command::DeleteOlder { versions } => Box::pin(self.delete_older(&versions, tell)).await,
            Command::RemoveLeftOver { proof } => Box::pin(self.remove_left_over(proof, tell)).await,
            Command::Stop => {
                self.stop.set(true);
                Ok(())
            }
            Command::FilePart { first, bytes } => {
                self.session_mut()?.import.receive(first, &bytes);
                Ok(())
            }
            Command::Import { passphrase } => Box::pin(self.import(&passphrase, tell)).await,
            Command::Mend => Box::pin(self.mend(tell)).await,
            Command::TakeHome { passphrase } => Box::pin(self.take_home(&passphrase, tell)).await,
        }
    }

    #[track_caller]
    fn session(&self) -> Result<&Session, Problem> {
        self.session.as_ref().ok_or(Problem::out_of_order())
    }

    #[track_caller]
    fn session_mut(&mut self) -> Result<&mut Session, Problem> {
        self.session.as_mut().ok_or(Problem::out_of_order())
    }

    /// The place at which a homeserver leaves the newest farewell.
    fn news(&self) -> TokenNews {
        Rc::clone(&self.news)
    }

    /// Refuses an entry that opens the backup in place of the account password. The password of the sign-in is allowed:
    /// the server has it already.
    fn require_no_key(&self, entry: &Secret) -> Result<(), Problem> {
        match &self.session {
            Some(session) if session.keyring.password == *entry => Ok(()),
            Some(session) => uia::require_no_key(entry, &session.keyring.remembered),
            None => uia::require_no_key(entry, &Remembered::default()),
        }
    }
}

/// Tells whether, after this command, the next listening tells once more what an app has handed over: the
/// page may have left the step that shows it.
fn tells_again(command: &Command) -> bool {
    match command {
        Command::Verify(made) => *made == Move::Ask,
        // These come in between while the page listens on that step.
        Command::Listen | Command::Count | Command::GoFurther | Command::Stop => false,
        _ => true,
    }
}
