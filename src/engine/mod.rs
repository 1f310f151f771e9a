//! The engine: signs in, looks, writes and proves. Holds every secret; shows one recovery key once.
//!
//! Runs in the page's worker (`src/bin/engine.rs`), and compiles natively so that it can be tested against a real
//! homeserver. Commands come one after another; each is answered by events.

mod account;
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

use std::{cell::Cell, future::poll_fn, pin::pin, rc::Rc};

use matrix_sdk::ruma::OwnedDeviceId;

#[cfg(feature = "native")]
pub use self::net::timing::hurry;
use self::{
    account::stale_devices,
    devices::verification,
    keys::{import, mend, take_home},
    net::{homeserver::TokenNews, oauth::Client, stop::unless_stopped},
    session::Session,
    sign_in::{
        attempt::Attempt,
        remembered::Remembered,
        uia::{self, GivenProof},
    },
    write::{kit, phrase, set_up::SetUp, withdrawal},
};
pub use self::{connection::DEVICE_NAME, net::interrupt::Interrupt, queue::Queue};
use crate::{
    domain::{
        passphrase::Strength, plan::Action, problem::Problem, proof::Proof, secret::Secret,
        verification::Move,
    },
    protocol::messages::{Command, Event},
};

/// One visit, from signing in to signing out.
#[derive(Default)]
pub struct Engine {
    session: Option<Session>,
    /// Chosen once, so that signing in again after a lost response is the same device.
    device_id: Option<OwnedDeviceId>,
    /// The sign-in on a page of the server's that waits for its answer.
    attempt: Option<Attempt>,
    /// This page's registration as a client of an authorization server.
    client: Option<Rc<Client>>,
    /// The farewell of the newest token, to be told as soon as there is one.
    news: TokenNews,
    /// The order, with the key as the person entered it; kept while a proof is asked for.
    order: Option<(Action, Secret)>,
    /// The strength that phrases must have; it only grows.
    strength: Strength,
    /// The number of times in a row that the account password was refused as proof.
    refused: u32,
    /// Set from outside while a command is carried out, or before it is begun.
    stop: Rc<Cell<bool>>,
    /// Rung from outside when the next command waits.
    interrupt: Rc<Interrupt>,
}

impl Engine {
    /// The flag that [`Command::Stop`] sets at once, since the engine itself is busy then. The engine lowers it after
    /// each command, so that it does not stop the next one. It does not lower it before a command, which may have been
    /// stopped while it waited.
    pub fn stop(&self) -> Rc<Cell<bool>> {
        Rc::clone(&self.stop)
    }

    /// The bell that ends [`Command::Listen`], [`Command::Cover`] and [`Command::GoFurther`] early; to be raised when
    /// the next command comes.
    pub fn interrupt(&self) -> Rc<Interrupt> {
        Rc::clone(&self.interrupt)
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
        if let Some(session) = self.session.as_mut().filter(|_| ends_the_hearing(&command)) {
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
            Command::Look => Box::pin(self.look(tell)).await,
            Command::AskMore { strength } => {
                self.strength = self.strength.max(Strength::at_least(strength));
                Ok(())
            }
            Command::Judge { number, phrase } => {
                let Session { connection, keyring, .. } = self.session()?;
                let judgement = phrase::judge(&phrase, &keyring.password, &connection.user_id, self.strength);
                tell(Event::Judged { number, judgement });
                Ok(())
            }
            Command::Suggest => {
                tell(Event::Suggested(phrase::suggest()));
                Ok(())
            }
            Command::MakeKey { phrase } => {
                let session = self.session_mut()?;
                if session.orders.set_up.as_ref().is_some_and(SetUp::has_begun) {
                    return Err(Problem::OutOfOrder);
                }
                let set_up = Box::pin(SetUp::new(phrase)).await?;
                for made in set_up.phrase().into_iter().chain([&set_up.recovery_key()]) {
                    session.keyring.remembered.add(made);
                }
                tell(Event::KeyMade(set_up.kit()));
                session.orders.set_up = Some(set_up);
                Ok(())
            }
            Command::Write { action, kept_key } => {
                if self.order.as_ref().is_none_or(|(ordered, _)| *ordered != action)
                    && let Some(session) = &self.session
                {
                    session.orders.challenge.forget();
                }
                self.order = Some((action, kept_key));
                self.refused = 0;
                Box::pin(self.write(None, tell)).await
            }
            Command::GiveProof(proof) => {
                if let Proof::Password(password) = &proof {
                    self.require_no_key(password)?;
                }
                Box::pin(self.write(Some(proof), tell)).await
            }
            Command::Withdraw => {
                let Session { connection, orders, .. } = self.session_mut()?;
                let now = Box::pin(withdrawal::withdraw(connection, orders)).await?;
                self.order = None;
                tell(Event::Looked(now.account.clone()));
                self.session_mut()?.inspection = Some(now);
                tell(Event::Withdrawn);
                Ok(())
            }
            Command::Stop => {
                self.stop.set(true);
                Ok(())
            }
            Command::TryKey { entry } => {
                // It only reads, so that it may be dropped anywhere.
                let Session { connection, keyring, .. } = self.session()?;
                let trial = Box::pin(opening::try_entry(connection, keyring, &entry));
                match unless_stopped(&self.stop(), trial).await {
                    Some(trial) => Box::pin(self.tried(&entry, trial?, tell)).await,
                    None => {
                        tell(Event::Stopped);
                        Ok(())
                    }
                }
            }
            Command::DeleteOlder { versions } => {
                let session = self.session()?;
                let rotation = session.orders.rotation.as_ref().ok_or(Problem::OutOfOrder)?;
                Box::pin(rotation.delete_older(&session.connection, &versions)).await?;
                tell(Event::Deleted);
                Ok(())
            }
            Command::Count => {
                let Session { connection, keyring, .. } = self.session()?;
                let backup = keyring.ours.current(&connection.server).await?.0.facts;
                tell(Event::Counted { room_keys: backup.count, etag: backup.etag });
                Ok(())
            }
            Command::Cover { further } => {
                let (stop, interrupt) = (self.stop(), self.interrupt());
                let Session { connection, keyring, survey, .. } = self.session_mut()?;
                let (server, ours) = (&connection.server, &keyring.ours);
                Box::pin(coverage::cover(server, ours, survey, further, &stop, &interrupt, tell)).await
            }
            Command::GoFurther => {
                let (stop, interrupt) = (self.stop(), self.interrupt());
                let Session { connection, keyring, survey, .. } = self.session_mut()?;
                let (server, ours) = (&connection.server, &keyring.ours);
                Box::pin(coverage::go_further(server, ours, survey, &stop, &interrupt, tell)).await;
                Ok(())
            }
            Command::Listen => {
                let trouble = Box::pin(self.listen(tell)).await.err();
                tell(Event::Heard { trouble });
                Ok(())
            }
            Command::Verify(step) => {
                let session = self.session_mut()?;
                Box::pin(verification::make(&session.connection, &mut session.hearing, step)).await?;
                tell(Event::Verification(session.hearing.talk.tell()));
                Ok(())
            }
            Command::FilePart { first, bytes } => {
                self.session_mut()?.import.receive(first, &bytes);
                Ok(())
            }
            Command::Import { passphrase } => {
                let stop = self.stop();
                let Session { connection, keyring, import, .. } = self.session_mut()?;
                Box::pin(import::import(connection, &keyring.ours, import, &passphrase, &stop, tell)).await?;
                self.session_mut()?.keyring.remembered.add(&passphrase);
                Ok(())
            }
            Command::Mend => {
                let Session { connection, keyring, .. } = self.session()?;
                Box::pin(mend::mend(connection, &keyring.ours, &self.stop, tell)).await
            }
            Command::TakeHome { passphrase } => {
                self.session_mut()?.keyring.remembered.add(&passphrase);
                let Session { connection, keyring, .. } = self.session()?;
                Box::pin(take_home::take_home(connection, &keyring.ours, &passphrase, &self.stop, tell)).await
            }
            Command::Check => Box::pin(self.check(tell)).await,
            Command::RemoveLeftOver { proof } => {
                if let Some(Proof::Password(password)) = &proof {
                    self.require_no_key(password)?;
                }
                let (stop, interrupt) = (self.stop(), self.interrupt());
                if proof.is_none() {
                    self.refused = 0;
                    self.session()?.orders.challenge.forget();
                }
                let mut given = GivenProof { proof, stop: &stop, interrupt: &interrupt };
                let Session { connection, orders, left_over, .. } = self.session_mut()?;
                let challenge = &orders.challenge;
                match Box::pin(stale_devices::remove(connection, challenge, left_over, &mut given)).await {
                    Ok(()) => Box::pin(self.check(tell)).await,
                    halted => self.outcome(halted, tell),
                }
            }
            Command::ShowKit => {
                let Session { connection, keyring, orders, .. } = self.session()?;
                let made = orders.set_up.as_ref().map(SetUp::kit);
                let kit = Box::pin(kit::show(&connection.server, made, keyring.kept.as_ref())).await?;
                tell(Event::Kit(kit));
                Ok(())
            }
            Command::SignOut => {
                if let Some(session) = &self.session {
                    session.connection.server.sign_out().await?;
                }
                self.session = None;
                self.attempt = None;
                self.client = None;
                self.order = None;
                tell(Event::SignedOut);
                Ok(())
            }
        }
    }

    fn session(&self) -> Result<&Session, Problem> {
        self.session.as_ref().ok_or(Problem::OutOfOrder)
    }

    fn session_mut(&mut self) -> Result<&mut Session, Problem> {
        self.session.as_mut().ok_or(Problem::OutOfOrder)
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

/// Tells whether the page leaves, by this command, the step that shows what an app handed over. The next listening then
/// tells it again.
fn ends_the_hearing(command: &Command) -> bool {
    match command {
        Command::Verify(step) => *step == Move::Ask,
        // The first three come in between while the page listens.
        Command::Listen | Command::Count | Command::GoFurther | Command::Stop => false,
        _ => true,
    }
}
