//! Carries room keys into the backup from a file, out of it into one, and anew to their place.

use crate::{
    domain::{problem::Problem, secret::Secret},
    engine::{
        Engine,
        keys::{import, mend, take_home},
        session::Session,
    },
    protocol::messages::Event,
};

impl Engine {
    /// Imports the key file that was sent.
    pub(super) async fn import(&mut self, passphrase: &Secret, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let stop = self.stop();
        let Session { connection, keyring, import, .. } = self.session_mut()?;
        import::import(connection, &keyring.ours, import, passphrase, &stop, tell).await?;
        self.session_mut()?.keyring.remembered.add(passphrase);
        Ok(())
    }

    /// Mends the entries of the backup that only this page reads.
    pub(super) async fn mend(&self, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let Session { connection, keyring, .. } = self.session()?;
        mend::mend(connection, &keyring.ours, &self.stop, tell).await
    }

    /// Makes a key file of the whole backup.
    pub(super) async fn take_home(
        &mut self,
        passphrase: &Secret,
        tell: &impl Fn(Event),
    ) -> Result<(), Problem> {
        self.session_mut()?.keyring.remembered.add(passphrase);
        let Session { connection, keyring, .. } = self.session()?;
        take_home::take_home(connection, &keyring.ours, passphrase, &self.stop, tell).await
    }
}
