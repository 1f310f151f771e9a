//! Looks at the account, tries what the person kept, and listens to their other devices.

use crate::{
    domain::{
        handed_over::HandedBackupKey, opening::StoredIdentity, problem::Problem, secret::Secret,
        verification::Move,
    },
    engine::{
        Engine,
        account::{check, inspect::Inspection},
        coverage,
        devices::{listening, own_device_keys, received_secrets, verification, vouching},
        net::stop::unless_stopped,
        opening::{self, Gained, Trial},
        session::Session,
        write::identity::NewIdentity,
    },
    protocol::messages::Event,
};

impl Engine {
    /// Reads the account anew, and tells the page about it.
    pub(super) async fn look(&mut self, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let session = self.session_mut()?;
        if session.is_back {
            let new_identity = session.orders.new_identity().and_then(NewIdentity::device_keys);
            own_device_keys::restore(&session.connection, &mut session.hearing, new_identity).await?;
            session.is_back = false;
        }
        let inspection = Inspection::read(&session.connection).await?;
        tell(Event::Looked(inspection.account.clone()));
        // An order under way is compared with what the person saw when they agreed to it.
        if !session.orders.is_writing() {
            session.inspection = Some(inspection);
        }
        Ok(())
    }

    /// Tries what the person entered, until they stop that.
    pub(super) async fn try_entered(&mut self, entry: &Secret, tell: &impl Fn(Event)) -> Result<(), Problem> {
        // It only reads, so that it may be dropped anywhere.
        let Session { connection, keyring, .. } = self.session()?;
        let trial = Box::pin(opening::try_entry(connection, keyring, entry));
        match unless_stopped(&self.stop(), trial).await {
            Some(trial) => self.tried(entry, trial?, tell).await,
            None => {
                tell(Event::Stopped);
                Ok(())
            }
        }
    }

    /// Tries an entry, and remembers what it opens for later orders.
    pub(super) async fn try_key(&mut self, entry: &Secret, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let Session { connection, keyring, .. } = self.session()?;
        let trial = opening::try_entry(connection, keyring, entry).await?;
        self.tried(entry, trial, tell).await
    }

    async fn tried(&mut self, entry: &Secret, trial: Trial, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let Session { connection, inspection, keyring, .. } = self.session_mut()?;
        // The homeserver has the account password anyway, and may ask for it.
        if !matches!(trial.gained, Gained::Nothing) && *entry != keyring.password {
            keyring.remembered.add(entry);
        }
        tell(Event::Looked(trial.inspection.account.clone()));
        if let Some(opened) = trial.opened() {
            keyring.remembered.add(&opened.recovery_key);
            if let (Some(key), Some(backup)) = (&opened.backup_key, &trial.inspection.backup) {
                keyring.ours.set(Some((backup.facts.version.clone(), key.clone())));
            }
            if trial.opening.found().is_some_and(|found| found.identity == StoredIdentity::Fits) {
                vouching::adopt(connection, &trial.inspection, &opened.key).await;
            }
        }
        *inspection = Some(trial.inspection);
        trial.gained.keep(keyring);
        tell(Event::Tried(trial.opening));
        Ok(())
    }

    /// Listens to other devices, and tells what they have handed over. If something came, tries the entered key again,
    /// which may open more by now.
    pub(super) async fn listen(&mut self, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let bell = self.bell();
        let Session { connection, hearing, keyring, orders, .. } = self.session_mut()?;
        // An answer to `/keys/query` before a new identity is published would make the machine forget it
        // (matrix-rust-sdk#4728).
        if orders.is_about_to_publish() {
            return Err(Problem::out_of_order());
        }
        listening::listen(connection, hearing, &keyring.ours, &bell, tell).await?;
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

    /// Opens everything once more, as a stranger.
    pub(super) async fn check(&mut self, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let Session { connection, keyring, left_over, .. } = self.session_mut()?;
        let checked = check::check(connection, keyring, left_over).await?;
        tell(Event::Checked(checked));
        Ok(())
    }

    /// Counts the room keys in the backup.
    pub(super) async fn count(&self, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let Session { connection, keyring, .. } = self.session()?;
        let backup = keyring.ours.current(&connection.server).await?.0.facts;
        tell(Event::Counted { room_keys: backup.count, etag: backup.etag });
        Ok(())
    }

    /// Looks for which messages the backup has a key.
    pub(super) async fn cover(&mut self, further: bool, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let (stop, bell) = (self.stop(), self.bell());
        let Session { connection, keyring, survey, .. } = self.session_mut()?;
        coverage::cover(&connection.server, &keyring.ours, survey, further, &stop, &bell, tell).await
    }

    /// Looks at older messages while nothing else is to do.
    pub(super) async fn go_further(&mut self, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let (stop, bell) = (self.stop(), self.bell());
        let Session { connection, keyring, survey, .. } = self.session_mut()?;
        coverage::go_further(&connection.server, &keyring.ours, survey, &stop, &bell, tell).await;
        Ok(())
    }

    /// Makes a move in comparing emoji with another device.
    pub(super) async fn verify(&mut self, made: Move, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let session = self.session_mut()?;
        verification::make(&session.connection, &mut session.hearing, made).await?;
        tell(Event::Verification(session.hearing.talk.tell()));
        Ok(())
    }
}
