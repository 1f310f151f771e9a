//! Writing under a new recovery key: the first set-up, a change of the key, a new identity.
//!
//! The order is the safety: the secrets are stored, under a key the person has kept and shown,
//! before what they open exists; the backup is made before the identity, since it can be taken back; the default key,
//! by which other clients find them, comes last and only after everything was read back. Ending anywhere leaves what
//! was there before as it was.
//! Every task may be run again after a failure.

mod backup;
mod checks;
mod order;
mod publishing;
mod resume;
mod secrets;

use futures_util::join;
use matrix_sdk_crypto::{
    secret_storage::SecretStorageKey,
    store::types::{BackupDecryptionKey, CrossSigningKeyExport},
};
use serde_json::{Value, json};

use self::order::Order;
use crate::{
    domain::{
        kit::Kit,
        plan::{Action, Task},
        problem::{Part, Problem},
        proved::Proved,
        recovery_key::RecoveryKey,
        secret::Secret,
    },
    engine::{
        account::{
            account_data::{self, AccountData},
            archive,
            backup::CurrentBackup,
            derivation,
            event_types::DEFAULT_KEY,
            inspect::Inspection,
            kept::Kept,
            published_identity,
            secret_storage::Secrets,
            stranger,
        },
        connection::Connection,
        sign_in::{halt::Halt, uia::Given},
        write::{
            context::Context, identity::NewIdentity, journal::Journal, key_change::KeyChange, kit,
            new_key::NewKey,
        },
    },
};

/// A key that was made for this account, and how far writing has come.
pub(in crate::engine) struct SetUp {
    key: SecretStorageKey,
    /// What is written of the key.
    description: Value,
    recovery_key: Secret,
    phrase: Option<Secret>,
    backup_decryption_key: BackupDecryptionKey,
    /// Set when writing begins.
    order: Option<Order>,
    done: Vec<Task>,
    /// Made when writing begins, and kept: after a failure the same identity is published.
    identity: Option<NewIdentity>,
    /// The private keys of the published identity, where an open app handed them over.
    handed_over: Option<CrossSigningKeyExport>,
    /// What is written under the key, to be compared with what is read back.
    written: Option<Written>,
    /// Whether a version of ours may be there already: an earlier attempt asked for it.
    backup_may_exist: bool,
    /// Whether this visit asked for it.
    asked_for_backup: bool,
    /// Whether the server has made the version and uses another.
    is_unused: bool,
    backup_version: Option<String>,
    /// The older versions that nothing which was handed over opens.
    awaited: Vec<CurrentBackup>,
    proved: Option<Proved>,
}

struct Written {
    secrets: Secrets,
    /// The secrets' events as merged into what stood there, and the key's description.
    events: Vec<(String, Value)>,
    /// What stood there.
    before: AccountData,
}

impl SetUp {
    /// Makes a new key, from a phrase if there is one (500,000 rounds), and a new key for the backup.
    /// Nothing is sent.
    ///
    /// # Errors
    /// None that happens.
    pub(in crate::engine) async fn new(phrase: Option<Secret>) -> Result<Self, Problem> {
        let phrase = phrase.as_ref().map(derivation::composed);
        let made = NewKey::make(phrase.as_ref()).await;
        let NewKey { key, description } = made.ok_or(Problem::EngineStopped)?;
        let recovery_key = Secret::new(key.to_base58());
        let backup_decryption_key = BackupDecryptionKey::new();
        Ok(Self {
            key,
            description,
            recovery_key,
            phrase,
            backup_decryption_key,
            order: None,
            done: Vec::new(),
            identity: None,
            handed_over: None,
            written: None,
            backup_may_exist: false,
            asked_for_backup: false,
            is_unused: false,
            backup_version: None,
            awaited: Vec::new(),
            proved: None,
        })
    }

    /// The version that this writing made or kept, with the key that opens it.
    pub(in crate::engine) fn backup(&self) -> Option<(String, BackupDecryptionKey)> {
        Some((self.backup_version.clone()?, self.backup_decryption_key.clone()))
    }

    /// The older versions whose keys other devices may still hand over, where a backup was made that comes before
    /// them.
    pub(in crate::engine) fn awaited(&self) -> Vec<CurrentBackup> {
        let creates = |order: &Order| order.tasks.contains(&Task::CreateBackup);
        if self.order.as_ref().is_some_and(creates) { self.awaited.clone() } else { Vec::new() }
    }

    /// The tasks that are done already.
    pub(in crate::engine) fn done(&self) -> &[Task] {
        &self.done
    }

    /// The public master key that there was before.
    pub(in crate::engine) fn identity_before(&self) -> Option<&str> {
        self.order.as_ref()?.before.master_key.as_deref()
    }

    /// The identity that this makes.
    pub(in crate::engine) fn new_identity(&self) -> Option<&NewIdentity> {
        self.identity.as_ref()
    }

    /// The new recovery key in its text form, to be shown once.
    pub(in crate::engine) fn recovery_key(&self) -> Secret {
        self.recovery_key.clone()
    }

    /// The phrase that leads to the new key, if there is one.
    pub(in crate::engine) fn phrase(&self) -> Option<&Secret> {
        self.phrase.as_ref()
    }

    /// The new key, as what the person kept.
    pub(in crate::engine) fn kept(&self) -> Kept {
        Kept::new(&self.key, self.phrase.clone())
    }

    /// The new recovery key as it is shown and printed.
    pub(in crate::engine) fn kit(&self) -> Kit {
        kit::kit(self.recovery_key(), self.key.key_id())
    }

    /// Whether writing has begun: from here on this key is the account's, or nobody's.
    pub(in crate::engine) fn has_begun(&self) -> bool {
        self.done.iter().any(|task| task.writes()) || self.written.is_some()
    }

    /// Whether the person has agreed to it: from here on the account is compared with what they saw then.
    pub(in crate::engine) fn is_ordered(&self) -> bool {
        self.order.is_some()
    }

    /// What was agreed to counts for nothing any more, if nothing of it was begun.
    pub(in crate::engine) fn forget_order(&mut self) {
        if !self.has_begun() {
            self.order = None;
        }
    }

    /// Whether this waits for the server to let its identity be published; until then it can be taken back.
    pub(in crate::engine) fn can_be_withdrawn(&self) -> bool {
        self.order.as_ref().is_some_and(|order| order.tasks.contains(&Task::PublishIdentity))
            && !self.done.contains(&Task::PublishIdentity)
    }

    /// Whether a new identity was made that is not published yet.
    pub(in crate::engine) fn is_about_to_publish(&self) -> bool {
        self.identity.is_some() && !self.done.contains(&Task::PublishIdentity)
    }

    /// Does what is left to do, telling each task that is done.
    ///
    /// # Errors
    /// Why it stopped; calling it again goes on from there.
    pub(in crate::engine) async fn run(
        &mut self,
        context: &Context<'_>,
        kept_key: &Secret,
        given: &mut Given<'_>,
        tell: &impl Fn(Task),
    ) -> Result<Proved, Halt> {
        // The person must have shown the very key that was made. The page checked, too.
        let kept = RecoveryKey::parse(kept_key.expose()).map_err(|_| Problem::KeyNotProved)?;
        if RecoveryKey::parse(self.recovery_key.expose()).ok() != Some(kept) {
            return Err(Problem::KeyNotProved.into());
        }
        // Time has passed since the last attempt: what was true then is looked at again.
        if self.written.is_some() && !self.done.contains(&Task::Commit) {
            self.look_again(context.connection).await?;
        }
        let mut is_backup_untold = false;
        for task in self.order()?.tasks.clone() {
            if self.done.contains(&task) {
                continue;
            }
            if task == Task::CreateBackup && self.asks_first(given)? {
                self.publish(context, given).await?;
                self.done.push(Task::PublishIdentity);
                tell(Task::PublishIdentity);
            }
            match task {
                Task::CheckUnchanged => self.check_unchanged(context).await?,
                Task::StoreSecrets => {
                    self.store_secrets(context).await?;
                    self.put_aside_handed_over(context).await?;
                }
                Task::Archive => self.archive(context).await?,
                Task::PublishIdentity => {
                    let published = self.publish(context, given).await;
                    if matches!(published, Err(Halt::ProofNeeded(_))) {
                        self.leave_no_backup(context.connection).await;
                    } else if std::mem::take(&mut is_backup_untold) {
                        tell(Task::CreateBackup);
                    }
                    published?;
                }
                Task::RemoveDehydrated => Self::remove_dehydrated(context.connection).await?,
                Task::CreateBackup => self.create_backup(context.connection).await?,
                Task::SignBackup => self.sign_backup(context.connection).await?,
                Task::ReadBack => self.read_back_patiently(context.connection).await?,
                Task::Commit => self.commit(context.connection).await?,
                // Everything else is proved, and the key is the one to ask for: it ends here, and is not half done.
                Task::Announce | Task::TryAsStranger if self.is_unused => {
                    return Err(Problem::BackupNotUsed.into());
                }
                // Neither depends on the other: one round trip for both.
                Task::Announce => {
                    let (announced, proved) = join!(
                        account_data::announce_backup(context.connection),
                        stranger::try_everything(
                            context.connection,
                            &context.keyring.derivations,
                            kept_key,
                            self.phrase.as_ref()
                        ),
                    );
                    announced?;
                    self.proved = Some(proved?);
                }
                Task::TryAsStranger => {
                    if self.proved.is_none() {
                        self.proved = Some(
                            stranger::try_everything(
                                context.connection,
                                &context.keyring.derivations,
                                kept_key,
                                self.phrase.as_ref(),
                            )
                            .await?,
                        );
                    }
                    // Only now: until here the old key might still have had to go on with what it began.
                    if self.order()?.action == Action::Reset {
                        let data = AccountData::read(&context.connection.server).await?;
                        archive::rotation_is_complete(context.connection, &data).await?;
                        self.remove_left_over(context.connection, &data).await?;
                    }
                }
                Task::RetireOldKey => {
                    if let Some(old) = &self.order()?.old_key {
                        KeyChange { old, new: &self.key }.retire(context.connection).await?;
                    }
                }
                Task::Download
                | Task::StoreBackupKey
                | Task::StoreIdentity
                | Task::Upload
                | Task::Compare => {
                    return Err(Problem::OutOfOrder.into());
                }
            }
            self.done.push(task);
            match task {
                // It goes again if the identity after it has to wait.
                Task::CreateBackup if self.can_be_withdrawn() => is_backup_untold = true,
                // A backup that the server does not use is none.
                Task::CreateBackup if self.is_unused => {}
                _ => tell(task),
            }
        }
        let proved = self.proved.clone().ok_or(Problem::OutOfOrder)?;
        // What was opened must be what this run wrote, not what somebody else wrote in between.
        if proved.key_id != self.key.key_id() || Some(&proved.backup_version) != self.backup_version.as_ref()
        {
            return Err(Problem::SomeoneElseIsWriting.into());
        }
        Ok(proved)
    }

    fn order(&self) -> Result<&Order, Problem> {
        self.order.as_ref().ok_or(Problem::OutOfOrder)
    }

    fn written(&self) -> Result<&Written, Problem> {
        self.written.as_ref().ok_or(Problem::OutOfOrder)
    }

    /// Takes everything back where it came to nothing, as long as the identity is the one from before; a version of
    /// ours goes too if another one took its place. Whether everything is as it was.
    ///
    /// # Errors
    /// The request's problem, or [`Problem::NotAsWritten`].
    pub(in crate::engine) async fn take_back(
        &mut self,
        connection: &Connection,
        journal: &Journal,
    ) -> Result<bool, Problem> {
        if !self.has_begun() || !self.can_be_withdrawn() {
            return Ok(false);
        }
        let now = Inspection::read(connection).await?;
        let is_as_before = now.account.master_key() == self.identity_before();
        if !is_as_before
            && published_identity::is_identity_of(&connection.user_id, &now.keys, &self.written()?.secrets)
                .await
        {
            return Ok(false);
        }
        self.remove_backup(connection, now.backup.as_ref()).await?;
        if !is_as_before {
            return Ok(false);
        }
        let is_all = journal.put_back(connection, &now.account_data).await?;
        let now = AccountData::read(&connection.server).await?;
        if !journal.undo(&now).0.is_empty() {
            return Err(Problem::NotAsWritten { part: Part::Secrets });
        }
        journal.forget();
        self.done.retain(|task| *task == Task::CheckUnchanged);
        Ok(is_all)
    }

    /// Makes the new key the default one.
    async fn commit(&self, connection: &Connection) -> Result<(), Halt> {
        let content = json!({ "key": self.key.key_id() });
        Ok(account_data::write(&connection.server, &connection.user_id, DEFAULT_KEY, &content).await?)
    }
}
