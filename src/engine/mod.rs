//! The engine: signs in, looks, writes and proves. Holds every secret; shows one recovery key once.
//!
//! Runs in the page's worker (`src/bin/engine.rs`) and compiles natively, so that it is tested
//! against a real homeserver. Commands come one after another; each is answered by events.

mod account;
mod connection;
mod coverage;
mod devices;
mod entrance;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod keys;
mod net;
mod opening;
mod queue;
mod session;
mod sign_in;
mod write;

use std::{cell::Cell, future::poll_fn, pin::pin, rc::Rc};

use matrix_sdk::ruma::OwnedDeviceId;
use zeroize::Zeroizing;

#[cfg(feature = "native")]
pub use self::net::timing::hurry;
use self::{
    account::{check, inspect::Inspection, kept::Kept, stale_devices},
    devices::{listening, own_device_keys, received_secrets, verification, vouching},
    keys::{import, mend, take_home},
    net::{homeserver::News, stop::unless_stopped},
    opening::Trial,
    session::Session,
    sign_in::{
        attempt::Attempt,
        halt::Halt,
        oauth::Client,
        remembered::Remembered,
        uia::{self, Given},
    },
    write::{
        identity::NewIdentity, kit, phrase, repair::Repair, rotate::Rotation, set_up::SetUp, withdrawal,
    },
};
pub use self::{connection::DEVICE_NAME, net::interrupt::Interrupt, queue::Queue};
use crate::{
    domain::{
        handed_over::HandedBackupKey,
        opening::{Opening, StoredIdentity},
        passphrase::Strength,
        plan::Action,
        problem::Problem,
        proof::{Last, Proof},
        secret::Secret,
        verification::Move,
    },
    protocol::messages::{Command, Event},
};

/// One visit, from signing in to signing out.
#[derive(Default)]
pub struct Engine {
    session: Option<Session>,
    /// Chosen once: signing in again after a lost response is the same device.
    device_id: Option<OwnedDeviceId>,
    /// The sign-in on a page of the server's that waits for its answer.
    attempt: Option<Attempt>,
    /// How an authorization server knows this page.
    client: Option<Rc<Client>>,
    /// That there is another token, to be told as soon as it is known.
    news: News,
    /// What is to be written, with the key as the person entered it; kept while a proof is asked for.
    order: Option<(Action, Secret)>,
    /// What phrases have to withstand; it only grows.
    strength: Strength,
    /// How often the account password was refused as proof, in a row.
    refused: u32,
    /// Set from outside while a command is carried out, or before it is begun.
    stop: Rc<Cell<bool>>,
    /// Rung from outside when the next command waits.
    interrupt: Rc<Interrupt>,
}

impl Engine {
    /// What [`Command::Stop`] sets at once, since the engine itself is busy then. Once a command is done it is
    /// lowered, so that it does not stop the next one; a command that is begun leaves it as it is.
    pub fn stop(&self) -> Rc<Cell<bool>> {
        Rc::clone(&self.stop)
    }

    /// What ends [`Command::Listen`], [`Command::Cover`] and [`Command::GoFurther`] early; to be raised when the next command comes.
    pub fn interrupt(&self) -> Rc<Interrupt> {
        Rc::clone(&self.interrupt)
    }

    /// Carries out a command; what happens is told as it happens.
    pub async fn handle(&mut self, command: Command, tell: &impl Fn(Event)) {
        let is_done = command != Command::Stop;
        let news = self.news();
        let result = {
            let mut work = pin!(self.carry_out(command, tell));
            // The page may be closed at any moment: it has to know the newest token.
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
        if let Some(session) = self.session.as_mut().filter(|_| leads_elsewhere(&command)) {
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
                // Only looking: it may be dropped anywhere.
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
                let mut given = Given { proof, stop: &stop, interrupt: &interrupt };
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

    /// Where it is told that there is another token.
    fn news(&self) -> News {
        Rc::clone(&self.news)
    }

    async fn look(&mut self, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let session = self.session_mut()?;
        if session.is_back {
            let new_identity = session.orders.new_identity().and_then(NewIdentity::device_keys);
            own_device_keys::restore(&session.connection, &mut session.hearing, new_identity).await?;
            session.is_back = false;
        }
        let inspection = Inspection::read(&session.connection).await?;
        tell(Event::Looked(inspection.account.clone()));
        // What is under way is held against what the person saw when they agreed to it.
        if !session.orders.is_writing() {
            session.inspection = Some(inspection);
        }
        Ok(())
    }

    /// Tries an entry, and remembers what it opens for what the person may ask for next.
    async fn try_key(&mut self, entry: &Secret, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let Session { connection, keyring, .. } = self.session()?;
        let trial = opening::try_entry(connection, keyring, entry).await?;
        self.tried(entry, trial, tell).await
    }

    async fn tried(&mut self, entry: &Secret, trial: Trial, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let session = self.session_mut()?;
        if !matches!(trial.opening, Opening::Nothing(_)) {
            session.keyring.remembered.add(entry);
        }
        if let Some(opened) = &trial.opened {
            session.keyring.remembered.add(&opened.recovery_key);
        }
        tell(Event::Looked(trial.inspection.account.clone()));
        let key = trial.opened.as_ref().and_then(|opened| opened.backup_key.clone());
        if let (Some(key), Some(backup)) = (key, &trial.inspection.backup) {
            session.keyring.ours.set(Some((backup.facts.version.clone(), key)));
        }
        if let (Some(opened), Some(StoredIdentity::Fits)) =
            (&trial.opened, trial.opening.found().map(|found| found.identity))
        {
            vouching::adopt(&session.connection, &trial.inspection, &opened.key).await;
        }
        if let (Some(opened), Opening::SecretStorage { .. }) = (&trial.opened, &trial.opening) {
            let kept = Kept::new(&opened.key, trial.phrase);
            session.keyring.kept = Some(kept.with_phrase_of(session.keyring.kept.take()));
        }
        session.inspection = Some(trial.inspection);
        // What opens nothing takes nothing away.
        let keyring = &mut session.keyring;
        keyring.opened = trial.opened.or(keyring.opened.take());
        if let Some(text) = trial.spare {
            keyring.loose_backup_key.set(text);
        }
        // An older storage may hold the backup's key that the default one lacks.
        if let (Opening::OlderSecretStorage { .. }, Some(key), None) =
            (&trial.opening, keyring.ours.key(), keyring.loose_backup_key.text())
        {
            keyring.loose_backup_key.set(Zeroizing::new(key.to_base64()));
        }
        tell(Event::Tried(trial.opening));
        Ok(())
    }

    /// Hears other devices, and tells what they have handed over, with what the key that was entered opens then.
    async fn listen(&mut self, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let interrupt = self.interrupt();
        let Session { connection, hearing, keyring, orders, .. } = self.session_mut()?;
        // An answer to `/keys/query` before a new identity is published would undo it (matrix-rust-sdk#4728).
        if orders.is_about_to_publish() {
            return Err(Problem::OutOfOrder);
        }
        listening::listen(connection, hearing, &keyring.ours, &interrupt, tell).await?;
        received_secrets::take_late(connection, &mut hearing.awaited, keyring).await?;
        let came = received_secrets::look(connection, &mut hearing.receiving, keyring).await?;
        let Some(came) = came else { return Ok(()) };
        if let Some(key) = keyring.opened.as_ref().map(|opened| opened.recovery_key.clone())
            && (came.identity || came.backup == HandedBackupKey::Fits)
        {
            Box::pin(self.try_key(&key, tell)).await?;
        }
        self.session_mut()?.hearing.receiving.tell(came);
        tell(Event::HandedOver(came));
        Ok(())
    }

    /// Opens everything once more.
    async fn check(&mut self, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let Session { connection, keyring, left_over, .. } = self.session_mut()?;
        let checked = check::check(connection, keyring, left_over).await?;
        tell(Event::Checked(checked));
        Ok(())
    }

    /// Carries out the order that there is; after a failure, what is left of it.
    async fn write(&mut self, proof: Option<Proof>, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let (stop, interrupt) = (self.stop(), self.interrupt());
        let mut given = Given { proof, stop: &stop, interrupt: &interrupt };
        let (action, kept_key) = self.order.clone().ok_or(Problem::KeyNotProved)?;
        if self.session()?.orders.journal.is_undoing() {
            return Err(Problem::OutOfOrder);
        }
        let result = match action {
            Action::SetUp | Action::Finish | Action::Reset | Action::ChangeKey | Action::AddKey => {
                Box::pin(self.set_up(action, kept_key, &mut given, tell)).await
            }
            Action::Repair => Box::pin(self.repair(&mut given, tell)).await,
            Action::Rotate => Box::pin(self.rotate(tell)).await,
            Action::EnterKey
            | Action::SayKeyLost
            | Action::SayAppLost
            | Action::WantBackup
            | Action::Verify
            | Action::BringKeys
            | Action::Cover
            | Action::End => Err(Problem::OutOfOrder.into()),
        };
        let outcome = self.outcome(result, tell);
        if let Err(problem) = &outcome
            && matches!(action, Action::SetUp | Action::Finish | Action::Reset)
            && ends_the_order(problem)
        {
            Box::pin(self.take_back(tell)).await;
        }
        outcome
    }

    /// Takes a set-up back that came to nothing before its identity was published: a backup that it made would keep
    /// apps from the one there is. Where that fails too, nobody needs what is left, and the next visit goes on.
    async fn take_back(&mut self, tell: &impl Fn(Event)) {
        let Some(session) = &mut self.session else { return };
        let Some(mut set_up) = session.orders.set_up.take() else { return };
        if set_up.take_back(&session.connection, &session.orders.journal).await == Ok(true) {
            tell(Event::TakenBack(set_up.done().to_vec()));
        }
        session.keyring.ours.set(set_up.backup());
        session.orders.set_up = Some(set_up);
    }

    /// Asks for the proof where that is all that is missing; for a password not without end.
    fn outcome(&mut self, result: Result<(), Halt>, tell: &impl Fn(Event)) -> Result<(), Problem> {
        match result {
            Err(Halt::ProofNeeded(wanted)) => {
                self.refused = if wanted.last == Last::Refused { self.refused + 1 } else { 0 };
                if self.refused == uia::ROUNDS {
                    self.refused = 0;
                    return Err(Problem::ProofRefused);
                }
                tell(Event::ProofNeeded(wanted));
                Ok(())
            }
            Err(Halt::Trouble(problem)) => Err(problem),
            Ok(()) => Ok(()),
        }
    }

    /// Refuses what opens the backup in place of the account password. What the server was given as the password once it
    /// may have again.
    fn require_no_key(&self, entry: &Secret) -> Result<(), Problem> {
        match &self.session {
            Some(session) if session.keyring.password == *entry => Ok(()),
            Some(session) => uia::require_no_key(entry, &session.keyring.remembered),
            None => uia::require_no_key(entry, &Remembered::default()),
        }
    }

    async fn set_up(
        &mut self,
        action: Action,
        kept_key: Secret,
        given: &mut Given<'_>,
        tell: &impl Fn(Event),
    ) -> Result<(), Halt> {
        let session = self.session.as_mut().ok_or(Problem::OutOfOrder)?;
        let mut kept_key = kept_key;
        // Taken out while it runs, since it reads the session; put back whatever happens.
        let mut set_up = match (action, session.orders.set_up.take()) {
            (Action::Finish, None) => {
                SetUp::resume(&session.connection, &session.keyring.derivations, &kept_key).await?
            }
            (Action::Finish, Some(set_up)) if !set_up.has_begun() => {
                SetUp::resume(&session.connection, &session.keyring.derivations, &kept_key).await?
            }
            (_, Some(set_up)) => set_up,
            (_, None) => return Err(Problem::KeyNotProved.into()),
        };
        if action == Action::Finish {
            session.keyring.remembered.add(&kept_key);
            session.keyring.remembered.add(&set_up.recovery_key());
            set_up.done().iter().for_each(|task| tell(Event::TaskDone(*task)));
            kept_key = set_up.recovery_key();
        }
        let handed_over = session.hearing.receiving.came();
        let Session { inspection, keyring, orders, .. } = &mut *session;
        let begun = set_up.begin(action, inspection.as_ref(), keyring, handed_over, &orders.journal);
        let result = match begun {
            Ok(()) => {
                set_up.run(&session.context(), &kept_key, given, &|task| tell(Event::TaskDone(task))).await
            }
            Err(problem) => Err(problem.into()),
        };
        // What the person agreed to is not there any more: they have to look, and to agree, anew.
        if matches!(result, Err(Halt::Trouble(Problem::SomeoneElseIsWriting))) {
            set_up.forget_order();
        }
        session.keyring.ours.set(set_up.backup());
        let new_key = set_up.recovery_key();
        let (kept, awaited) = (set_up.kept(), set_up.awaited());
        session.orders.set_up = Some(set_up);
        let proved = result?;
        session.hearing.is_set_up(awaited);
        session.keyring.kept = Some(kept);
        if action == Action::ChangeKey {
            // From here on the new key is the one to work with. If this fails, it is all that is done again.
            Box::pin(self.try_key(&new_key, tell)).await?;
            self.session_mut()?.orders.set_up = None;
            Ok(())
        } else {
            tell(Event::SetUpDone(proved));
            Ok(())
        }
    }

    async fn repair(&mut self, given: &mut Given<'_>, tell: &impl Fn(Event)) -> Result<(), Halt> {
        let session = self.session.as_mut().ok_or(Problem::OutOfOrder)?;
        let mut repair = match session.orders.repair.take() {
            Some(repair) => repair,
            None => {
                let inspection = session.inspection.as_ref().ok_or(Problem::OutOfOrder)?;
                Repair::new(inspection, &mut session.keyring, &session.orders.journal)?
            }
        };
        let result = repair.run(&session.context(), given, &|task| tell(Event::TaskDone(task))).await;
        let key = repair.recovery_key();
        session.orders.repair = Some(repair);
        result?;
        Box::pin(self.try_key(&key, tell)).await?;
        self.session_mut()?.orders.repair = None;
        Ok(())
    }

    async fn rotate(&mut self, tell: &impl Fn(Event)) -> Result<(), Halt> {
        let stop = self.stop();
        let session = self.session.as_mut().ok_or(Problem::OutOfOrder)?;
        let mut rotation = match session.orders.rotation.take() {
            Some(rotation) if !rotation.is_told => rotation,
            Some(_) | None => {
                let inspection = session.inspection.as_ref().ok_or(Problem::OutOfOrder)?;
                Rotation::new(inspection, &mut session.keyring, &session.orders.journal)?
            }
        };
        let key = rotation.recovery_key();
        let result = rotation.run(&session.context(), &stop, tell).await;
        if let Some(ours) = rotation.backup() {
            session.keyring.ours.set(Some(ours));
        }
        session.orders.rotation = Some(rotation);
        let is_stopped = stop.get() && result.is_err();
        match result {
            Ok((proved, rotated)) => {
                self.look(tell).await?;
                tell(Event::Rotated { proved, rotated });
                if let Some(rotation) = &mut self.session_mut()?.orders.rotation {
                    rotation.is_told = true;
                }
                Ok(())
            }
            Err(_) if is_stopped => {
                let session = self.session.as_mut().ok_or(Problem::OutOfOrder)?;
                session.orders.rotation = None;
                Ok(Box::pin(self.try_key(&key, tell)).await?)
            }
            Err(problem) => Err(problem.into()),
        }
    }
}

/// Whether the same order would come to the same.
fn ends_the_order(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::Refused { .. }
            | Problem::BackupNotUsed
            | Problem::NotAsWritten { .. }
            | Problem::SomeoneElseIsWriting
            | Problem::ProofRefused
            | Problem::ProofUnsupported { .. }
    )
}

/// Whether whoever listened before is not there any more to hear of what was told, or begins anew.
fn leads_elsewhere(command: &Command) -> bool {
    match command {
        Command::Verify(step) => *step == Move::Ask,
        // Of these the first three come in between while somebody listens.
        Command::Listen | Command::Count | Command::GoFurther | Command::Stop => false,
        _ => true,
    }
}
