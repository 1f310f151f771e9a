//! The tasks of a set-up, carried out one after another.

use std::cell::Cell;

use futures_util::join;
use serde_json::json;

use super::{order::Purpose, writer::Writer};
use crate::{
    domain::{plan::Task, problem::Problem, proved::Proved, secret::Secret},
    engine::{
        account::{
            account_data::{self, AccountData},
            archive,
            event_types::DEFAULT_KEY,
            stranger,
        },
        connection::Connection,
        sign_in::{halt::Halt, uia::GivenProof},
        write::{context::Context, key_change::KeyChange, older_keys::Filling},
    },
    protocol::messages::Event,
};

impl Writer {
    /// Does the tasks that are left, and tells each one that is done.
    ///
    /// # Errors
    /// The [`Halt`] that stopped it; the next call goes on from there.
    pub(super) async fn run(
        &mut self,
        context: &Context<'_>,
        kept_key: &Secret,
        given: &mut GivenProof<'_>,
        tell: &impl Fn(Event),
    ) -> Result<Proved, Halt> {
        let mut is_backup_untold = false;
        while let Some(task) = self.order.progress.next_task() {
            if task == Task::CreateBackup && self.publishes_first(given) {
                self.publish(context, given).await?;
                self.order.progress.complete(Task::PublishIdentity);
                tell(Event::TaskDone(Task::PublishIdentity));
            }
            let outcome = match task {
                Task::Download | Task::Upload | Task::Compare => {
                    self.take_along(task, context, given.stop, tell).await
                }
                _ => self.carry_out(task, context, kept_key, given).await,
            };
            if task == Task::PublishIdentity
                && !matches!(outcome, Err(Halt::ProofNeeded(_)))
                && std::mem::take(&mut is_backup_untold)
            {
                tell(Event::TaskDone(Task::CreateBackup));
            }
            outcome?;
            self.order.progress.complete(task);
            match task {
                // Told later: it is taken away again if the identity after it has to wait for a proof.
                Task::CreateBackup if self.order.can_be_withdrawn() => is_backup_untold = true,
                // A backup that the server does not use is not told as made.
                Task::CreateBackup if self.version.is_unused() => {}
                _ => tell(Event::TaskDone(task)),
            }
        }
        self.own_evidence()
    }

    /// Does one task.
    async fn carry_out(
        &mut self,
        task: Task,
        context: &Context<'_>,
        kept_key: &Secret,
        given: &mut GivenProof<'_>,
    ) -> Result<(), Halt> {
        let connection = context.connection;
        match task {
            Task::StoreSecrets => {
                self.store_secrets(context).await?;
                self.put_aside_handed_over(context).await?;
            }
            Task::Archive => self.archive(context).await?,
            Task::PublishIdentity => {
                let published = self.publish(context, given).await;
                if matches!(published, Err(Halt::ProofNeeded(_))) {
                    self.leave_no_backup(connection).await;
                }
                published?;
            }
            Task::RemoveDehydrated => Self::remove_dehydrated(connection).await?,
            Task::CreateBackup => self.create_backup(connection).await?,
            Task::SignBackup => self.sign_backup(connection).await?,
            Task::ReadBack => self.read_back_patiently(connection).await?,
            Task::Commit => self.commit(connection).await?,
            // Everything but the backup was read back, and this key is the default one: the order ends here.
            Task::Announce | Task::TryAsStranger if self.version.is_unused() => {
                return Err(Problem::BackupNotUsed.into());
            }
            Task::Announce if self.order.progress.includes(Task::Upload) => {
                account_data::announce_backup(connection).await?;
            }
            // Neither depends on the other, so they run at the same time.
            Task::Announce => {
                let (announced, proved) =
                    join!(account_data::announce_backup(connection), self.try_as_stranger(context, kept_key));
                announced?;
                self.proved = Some(proved?);
            }
            Task::TryAsStranger => self.end(context, kept_key).await?,
            Task::RetireOldKey => {
                if let Purpose::ChangeKey { old } = &self.order.purpose {
                    KeyChange { old, new: &self.made.key }.retire(connection).await?;
                }
            }
            Task::CheckUnchanged
            | Task::Download
            | Task::StoreBackupKey
            | Task::Rewrite
            | Task::StoreIdentity
            | Task::Upload
            | Task::Compare => return Err(Problem::out_of_order().into()),
        }
        Ok(())
    }

    /// Takes the room keys of older versions along, which the person can open only to read. They are read before anything
    /// is written, and put into the fresh version once apps find that.
    async fn take_along(
        &mut self,
        task: Task,
        context: &Context<'_>,
        stop: &Cell<bool>,
        tell: &impl Fn(Event),
    ) -> Result<(), Halt> {
        let progress =
            |done: usize, total: usize| tell(Event::Progress { done: done as u64, total: total as u64 });
        let run = Filling {
            connection: context.connection,
            version: self.version.name(),
            key: &self.made.backup_key,
            stop,
            progress: &progress,
        };
        match task {
            Task::Download => {
                let data = &context.seen()?.account_data;
                let keys = context.keyring.for_older_backups().collect();
                self.older_keys.download(data, keys, run).await?;
            }
            Task::Upload => self.older_keys.upload(run).await?,
            _ => {
                self.older_keys.compare(run).await?;
                self.older_keys.finish();
            }
        }
        Ok(())
    }

    /// Makes the new key the default one.
    async fn commit(&self, connection: &Connection) -> Result<(), Halt> {
        let content = json!({ "key": self.made.key.key_id() });
        Ok(account_data::write(&connection.server, &connection.user_id, DEFAULT_KEY, &content).await?)
    }

    /// Opens everything with what the person kept.
    async fn try_as_stranger(&self, context: &Context<'_>, kept_key: &Secret) -> Result<Proved, Problem> {
        let derivations = &context.keyring.derivations;
        stranger::try_everything(context.connection, derivations, kept_key, self.made.phrase.as_ref()).await
    }

    /// Opens everything as a stranger, unless that is done. After a new identity, removes what earlier attempts left.
    async fn end(&mut self, context: &Context<'_>, kept_key: &Secret) -> Result<(), Halt> {
        if self.proved.is_none() {
            self.proved = Some(self.try_as_stranger(context, kept_key).await?);
        }
        // Mark a rotation complete only after the commit: until then the old key could resume it.
        if matches!(self.order.purpose, Purpose::Reset) {
            let data = AccountData::read(&context.connection.server).await?;
            archive::mark_rotations_complete(context.connection, &data).await?;
            self.remove_left_over(context.connection, &data).await?;
        }
        Ok(())
    }

    /// Returns what the stranger opened, which must be what this order wrote, not what another client wrote in between.
    fn own_evidence(&self) -> Result<Proved, Halt> {
        let proved = self.proved.clone().ok_or(Problem::out_of_order())?;
        if proved.key_id != self.made.key.key_id()
            || Some(proved.backup_version.as_str()) != self.version.name()
        {
            return Err(Problem::SomeoneElseIsWriting.into());
        }
        Ok(proved)
    }
}
