//! The engine: signs in, looks, writes and proves. Holds every secret; shows one recovery key once.
//!
//! Runs in the page's worker (`src/bin/engine.rs`) and compiles natively, so that it is tested
//! against a real homeserver. Commands come one after another; each is answered by events.

mod account_data;
mod backup;
mod error;
mod http;
mod identity;
mod inspect;
mod opening;
mod phrase;
#[expect(dead_code, unused_imports, reason = "for the rotation job, which comes next")]
mod room_keys;
mod secret_storage;
mod session;
mod set_up;
mod stranger;

use matrix_sdk::ruma::OwnedDeviceId;
pub use session::DEVICE_NAME;
use zeroize::Zeroize as _;

use self::{
    inspect::Inspection,
    session::Session,
    set_up::{Halt, SetUp},
};
use crate::{
    domain::{problem::Problem, secret::Secret},
    protocol::messages::{Command, Event},
};

/// One visit, from signing in to signing out.
#[derive(Default)]
pub struct Engine {
    session: Option<Session>,
    /// Chosen once: signing in again after a lost response is the same device.
    device_id: Option<OwnedDeviceId>,
    /// The key as the person entered it, kept while the account password is asked for.
    kept_key: Option<Secret>,
}

impl Engine {
    /// Carries out a command; what happens is told as it happens.
    pub async fn handle(&mut self, command: Command, tell: &impl Fn(Event)) {
        if let Err(problem) = self.carry_out(command, tell).await {
            tell(Event::Failed(problem));
        }
    }

    async fn carry_out(&mut self, command: Command, tell: &impl Fn(Event)) -> Result<(), Problem> {
        match command {
            Command::SignIn { base_url, user, password } => {
                // Signing in again would leave the first device behind.
                if self.session.is_none() {
                    let device_id = self.device_id.get_or_insert_with(session::new_device_id).clone();
                    self.session = Some(Session::sign_in(base_url, &user, password, device_id).await?);
                }
                tell(Event::SignedIn { user_id: self.session()?.user_id.to_string() });
                self.look(tell).await
            }
            Command::Look => self.look(tell).await,
            Command::Judge { number, phrase } => {
                let session = self.session()?;
                let server = session.user_id.server_name().as_str();
                let judgement = phrase::judge(&phrase, &session.password, session.user_id.as_str(), server);
                tell(Event::Judged { number, judgement });
                Ok(())
            }
            Command::Suggest => {
                tell(Event::Suggested(phrase::suggest()));
                Ok(())
            }
            Command::MakeKey { phrase } => {
                let session = self.session_mut()?;
                if session.set_up.as_ref().is_some_and(SetUp::has_begun) {
                    return Err(Problem::OutOfOrder);
                }
                let set_up = SetUp::new(phrase);
                tell(Event::KeyMade(set_up.recovery_key()));
                session.set_up = Some(set_up);
                Ok(())
            }
            Command::SetUp { kept_key } => {
                self.kept_key = Some(kept_key);
                self.set_up(None, tell).await
            }
            Command::Resume { kept_key } => {
                let session = self.session_mut()?;
                if !session.set_up.as_ref().is_some_and(SetUp::has_begun) {
                    let set_up = SetUp::resume(session, &kept_key).await?;
                    set_up.done().iter().for_each(|task| tell(Event::TaskDone(*task)));
                    let recovery_key = set_up.recovery_key();
                    session.set_up = Some(set_up);
                    self.kept_key = Some(recovery_key);
                }
                self.set_up(None, tell).await
            }
            Command::TryKey { entry } => {
                let opening = opening::try_entry(self.session()?, &entry).await?;
                tell(Event::Tried(opening));
                Ok(())
            }
            Command::GivePassword { password } => self.set_up(Some(password), tell).await,
            Command::Count => {
                let session = self.session()?;
                let set_up = session.set_up.as_ref().ok_or(Problem::OutOfOrder)?;
                // A count of somebody else's backup would be false good news.
                match backup::current(&session.server).await? {
                    Some(backup) if set_up.made(&backup) => {
                        tell(Event::Counted { room_keys: backup.facts.count });
                        Ok(())
                    }
                    Some(_) | None => Err(Problem::BackupReplaced),
                }
            }
            Command::SignOut => {
                if let Some(session) = &self.session {
                    session.sign_out().await?;
                }
                self.session = None;
                self.kept_key.zeroize();
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

    async fn look(&mut self, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let session = self.session_mut()?;
        let inspection = Inspection::read(&session.server, &session.user_id, &session.device_id).await?;
        tell(Event::Looked(inspection.account.clone()));
        session.inspection = Some(inspection);
        Ok(())
    }

    async fn set_up(&mut self, password: Option<Secret>, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let kept_key = self.kept_key.clone().ok_or(Problem::KeyNotProved)?;
        let session = self.session_mut()?;
        // Taken out while it runs, since it reads the session; put back whatever happens.
        let mut set_up = session.set_up.take().ok_or(Problem::KeyNotProved)?;
        let result = set_up.run(session, &kept_key, password, &|task| tell(Event::TaskDone(task))).await;
        session.set_up = Some(set_up);
        match result {
            Ok(proved) => {
                tell(Event::SetUpDone(proved));
                Ok(())
            }
            Err(Halt::PasswordNeeded { refused }) => {
                tell(Event::PasswordNeeded { refused });
                Ok(())
            }
            Err(Halt::Trouble(problem)) => Err(problem),
        }
    }
}
