//! Writing under a new recovery key: the first set-up, a change of the key, a new identity.
//!
//! The order is the safety: the secrets are stored, under a key the person has kept and shown,
//! before what they open exists; the backup is made before the identity, since it can be taken back; the default key,
//! by which other clients find them, comes last and only after everything was read back. Ending anywhere leaves what
//! was there before as it was.
//! Every task may be run again after a failure.

use std::time::Duration;

use futures_util::{future::try_join_all, join, try_join};
use matrix_sdk::ruma::api::client::{dehydrated_device::delete_dehydrated_device, keys::get_keys};
use matrix_sdk_crypto::{
    OlmMachine,
    secret_storage::SecretStorageKey,
    store::types::{BackupDecryptionKey, CrossSigningKeyExport},
    types::RoomKeyBackupInfo,
};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::{
    domain::{
        account::Account,
        diagnosis::{Diagnosis, KeyKnown, Known, diagnose},
        handed_over::HandedOver,
        kit::Kit,
        opening::{Found, Opening},
        plan::{Action, Task, tasks},
        problem::{Part, Problem},
        proved::Proved,
        recovery_key::RecoveryKey,
        secret::Secret,
    },
    engine::{
        account::{
            account_data::{self, AccountData},
            archive::{self, CAME_FROM, CREATES, RESET_TO},
            backup::{self, CurrentBackup},
            derivation::{self, Derivations},
            event_types::{DEFAULT_KEY, DEHYDRATED_DEVICE, KEY_PREFIX, SECRETS},
            inspect::{Inspection, check_unchanged, see_account_data, to_be_sure_of},
            kept::Kept,
            keyring::Keyring,
            published_identity::{self, published_keys},
            secret_storage::{Secrets, require_rounds},
            stranger,
            tries::Tries,
        },
        connection::Connection,
        devices::received_secrets,
        net::timing,
        sign_in::{
            halt::Halt,
            uia::{Given, LastChallenge},
        },
        write::{
            context::Context,
            identity::{self, NewIdentity},
            journal::Journal,
            key_change::KeyChange,
            kit,
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

/// What was agreed to.
struct Order {
    action: Action,
    tasks: Vec<Task>,
    /// What must still stand, unless it is ours by now.
    before: Before,
    /// The key that is to be replaced, where one was opened for it.
    old_key: Option<SecretStorageKey>,
}

/// What was there when the person agreed.
struct Before {
    default_key: Option<String>,
    master_key: Option<String>,
    backup_version: Option<String>,
}

struct Written {
    secrets: Secrets,
    /// The secrets' events as merged into what stood there, and the key's description.
    events: Vec<(String, Value)>,
    /// What stood there.
    before: AccountData,
}

impl Before {
    fn of(seen: &Inspection) -> Self {
        Self {
            default_key: seen.account_data.default_key().map(ToOwned::to_owned),
            master_key: seen.account.master_key().map(ToOwned::to_owned),
            backup_version: seen.backup.as_ref().map(|backup| backup.facts.version.clone()),
        }
    }
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

    /// Settles what this key is for, with what the person saw when they agreed. Asked again, it stays.
    ///
    /// # Errors
    /// [`Problem::SomeoneElseIsWriting`] if the account is none that this action is for.
    pub(in crate::engine) fn begin(
        &mut self,
        action: Action,
        seen: Option<&Inspection>,
        keyring: &mut Keyring,
        handed_over: Option<HandedOver>,
        journal: &Journal,
    ) -> Result<(), Problem> {
        if let Some(order) = &self.order {
            return if order.action == action { Ok(()) } else { Err(Problem::OutOfOrder) };
        }
        let seen = seen.ok_or(Problem::OutOfOrder)?;
        let opened = keyring.opened.take();
        let is_for = match action {
            Action::SetUp => seen.account.identity.is_none(),
            Action::Reset => seen.account.identity.is_some(),
            Action::ChangeKey => {
                opened.as_ref().is_some_and(|opened| opened.opening.found().is_some_and(Found::is_all_right))
            }
            Action::AddKey => handed_over.is_some_and(|came| came.identity),
            _ => false,
        };
        if !is_for {
            keyring.opened = opened;
            return Err(Problem::SomeoneElseIsWriting);
        }
        // The backup stays where what was entered opens it.
        let spare = keyring.loose_backup_key.key();
        let fits = |key: &BackupDecryptionKey| {
            seen.backup.as_ref().is_some_and(|backup| key.backup_key_matches(&backup.info))
        };
        let (old_key, stored) = match opened {
            Some(opened) => (Some(opened.key), opened.backup_key),
            None => (None, None),
        };
        let kept = stored.or(spare).filter(fits);
        let mut known = Known { handed_over: handed_over.filter(|_| kept.is_some()), ..Known::default() };
        if let Some(kept) = kept {
            known.key = KeyKnown::Tried(Opening::BackupDirectly { room_keys: 0 });
            self.backup_decryption_key = kept;
        }
        let list = tasks(action, &seen.account, &known);
        let before = Before::of(seen);
        // Neither made nor signed: it is the one that is there.
        if !list.contains(&Task::CreateBackup) && !list.contains(&Task::SignBackup) {
            self.backup_version.clone_from(&before.backup_version);
        }
        self.order = Some(Order { action, tasks: list, before, old_key });
        journal.forget();
        Ok(())
    }

    /// Takes up a set-up that was cut short: finds the stored secrets that the kept key or phrase opens, and makes sure
    /// that they are the published identity's, if there is one, and, if there is a backup, that backup's. Nothing is
    /// written.
    ///
    /// # Errors
    /// [`Problem::OpensNothing`], [`Problem::WeakKey`] or [`Problem::DoesNotFit`].
    pub(in crate::engine) async fn resume(
        connection: &Connection,
        derivations: &Derivations,
        kept: &Secret,
    ) -> Result<Self, Problem> {
        let inspection = Inspection::read(connection).await.map_err(Problem::from)?;
        let known = Known { wants_backup: true, key: KeyKnown::NotAsked, app_lost: false, handed_over: None };
        let is_unfinished = diagnose(&inspection.account, &known) == Diagnosis::Unfinished;
        let data = &inspection.account_data;
        let entry = Tries::new(kept, derivations);
        let opened = entry.find(data.key_descriptions(), |key| Secrets::read(data, key.key_id(), key)).await;
        let (key, phrase, secrets) = opened.ok_or(Problem::OpensNothing)?;
        let description = data.key_description(key.key_id()).cloned().unwrap_or_default();
        require_rounds(data, &key)?;
        // With a default key in place, only what was noted here as a new identity's may take it.
        let is_reset = archive::was_reset_to(data, &key);
        if !is_unfinished && !is_reset {
            return Err(Problem::SomeoneElseIsWriting);
        }
        let backup_decryption_key = BackupDecryptionKey::from_base64(secrets.backup_decryption_key())
            .map_err(|_| Problem::DoesNotFit)?;
        // A new identity leaves the old one's backup below its own.
        let named = archive::named_versions(data);
        let is_ours = |backup: &CurrentBackup| {
            backup_decryption_key.backup_key_matches(&backup.info)
                || is_reset && named.contains(&backup.facts.version)
        };
        let is_published = inspection.account.identity.is_some();
        let fits = inspection.backup.as_ref().is_none_or(is_ours)
            && (!is_published || adopt_identity(connection, &inspection.keys, &secrets).await);
        if !fits {
            return Err(Problem::DoesNotFit);
        }
        let mut done = vec![Task::CheckUnchanged, Task::StoreSecrets];
        done.extend(is_published.then_some(Task::PublishIdentity));
        let types = SECRETS.map(|(name, _)| name.to_owned()).into_iter();
        let types = types.chain([format!("{KEY_PREFIX}{}", key.key_id())]);
        let events =
            types.filter_map(|name| data.get(&name).cloned().map(|content| (name, content))).collect();
        Ok(Self {
            recovery_key: Secret::new(key.to_base58()),
            key,
            description,
            phrase,
            backup_decryption_key,
            order: Some(Order {
                action: Action::Finish,
                tasks: tasks(Action::Finish, &inspection.account, &known),
                before: Before::of(&inspection),
                old_key: None,
            }),
            done,
            identity: None,
            handed_over: None,
            written: Some(Written { secrets, events, before: AccountData::default() }),
            backup_may_exist: true,
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

    /// Whether the server is asked what proof it wants before the version is made: it wants one for replacing an
    /// identity, and until it is given nothing needs to be there. Where it wants none after all, the identity is replaced
    /// first.
    fn asks_first(&self, given: &Given<'_>) -> Result<bool, Problem> {
        let replaces = self.order()?.before.master_key.is_some();
        Ok(replaces && given.proof.is_none() && self.can_be_withdrawn())
    }

    /// Publishes the identity that was made, or the one that an earlier visit made and stored.
    async fn publish(&self, context: &Context<'_>, given: &mut Given<'_>) -> Result<(), Halt> {
        let before = self.order()?.before.master_key.as_deref();
        let ours = &self.written()?.secrets;
        match &self.identity {
            Some(identity) => {
                identity.publish(context.connection, context.challenge, ours, before, given).await?
            }
            None => publish_stored(context.connection, context.challenge, ours, given).await?,
        }
        // From here on it cannot be taken back.
        context.journal.forget();
        Ok(())
    }

    /// Takes the empty version away while the server waits for a proof, which may never come: apps would find it in
    /// place of the backup that they use. It is made again when the proof is given.
    async fn leave_no_backup(&mut self, connection: &Connection) {
        if !self.asked_for_backup {
            return;
        }
        // If it stays, it is found again before another one is made.
        self.done.retain(|task| *task != Task::CreateBackup);
        if let Ok(current) = backup::current(&connection.server).await {
            let _ = self.remove_backup(connection, current.as_ref()).await;
        }
    }

    /// Looks again at what must not have changed since the person was told about it.
    async fn check_unchanged(&mut self, context: &Context<'_>) -> Result<(), Problem> {
        let inspection = context.seen()?;
        let Inspection { account: before, account_data: seen, .. } = inspection;
        let action = self.order()?.action;
        let account_data = if action == Action::SetUp {
            let types = to_be_sure_of(seen.default_key());
            let data = AccountData::read_surely(
                &context.connection.server,
                &context.connection.user_id,
                types,
                |_| Ok(()),
            );
            let current = async { Ok(backup::current(&context.connection.server).await?) };
            let (account_data, current) = try_join!(data, current)?;
            // Whether an identity was published meanwhile, the server says when ours is: it asks for proof.
            let mut now = Account { backup: current.map(|backup| backup.facts), ..before.clone() };
            see_account_data(&mut now, &account_data);
            if !now.is_as_it_was(before) {
                return Err(Problem::SomeoneElseIsWriting);
            }
            account_data
        } else {
            let now = check_unchanged(context.connection, inspection).await?;
            // What was handed over is this identity's; it is not published anew.
            if action == Action::AddKey {
                self.handed_over = received_secrets::identity(context.connection, &now.keys).await;
            }
            // Secrets of any name move to the new key.
            match action {
                Action::ChangeKey => {
                    AccountData::read_all_surely(&context.connection.server, &context.connection.user_id)
                        .await?
                }
                _ => now.account_data,
            }
        };
        self.prepare(&context.connection.machine, &account_data).await
    }

    /// Looks at what may have changed since the last attempt. Whatever is there must be ours or what was
    /// there before; what is still to be stored is merged anew, and what was read back has to be read back
    /// again.
    async fn look_again(&mut self, connection: &Connection) -> Result<(), Halt> {
        let default_key = self.order()?.before.default_key.as_deref();
        let now = Inspection::read_surely(connection, default_key).await?;
        let ours = self.written()?;
        let before = &self.order()?.before;
        let key_is_ours = match now.account_data.get(DEFAULT_KEY) {
            None => before.default_key.is_none(),
            Some(_) => {
                let key_id = now.account_data.default_key();
                key_id == Some(self.key.key_id()) || key_id == before.default_key.as_deref()
            }
        };
        let identity_is_ours = now.account.master_key() == before.master_key.as_deref()
            || published_identity::is_identity_of(&connection.user_id, &now.keys, &ours.secrets).await;
        let backup_is_ours = now.backup.as_ref().is_none_or(|backup| {
            self.backup_decryption_key.backup_key_matches(&backup.info)
                || Some(&backup.facts.version) == before.backup_version.as_ref()
        });
        if !key_is_ours || !identity_is_ours || !backup_is_ours {
            return Err(Problem::SomeoneElseIsWriting.into());
        }
        if !self.done.contains(&Task::StoreSecrets) {
            let key_id = self.key.key_id();
            let fresh = match self.order()?.action {
                Action::ChangeKey => {
                    AccountData::read_all_surely(&connection.server, &connection.user_id).await?
                }
                _ => now.account_data,
            };
            let merge = |(name, content): &(String, Value)| match content["encrypted"].get(key_id) {
                Some(entry) => (name.clone(), fresh.with_encrypted(name, key_id, entry.clone())),
                None => (name.clone(), content.clone()),
            };
            let events = self.written()?.events.iter().map(merge).collect();
            if let Some(written) = &mut self.written {
                written.events = events;
                written.before = fresh;
            }
        }
        self.done.retain(|task| *task != Task::ReadBack);
        Ok(())
    }

    /// Makes the events that will store the secrets: those of a new identity, made in memory here, or the
    /// ones there are, encrypted anew.
    async fn prepare(&mut self, machine: &OlmMachine, account_data: &AccountData) -> Result<(), Problem> {
        let (secrets, entries, archives) = match &self.order()?.old_key {
            Some(old) if self.order()?.action == Action::ChangeKey => {
                let secrets = Secrets::read(account_data, old.key_id(), old).ok_or(Problem::DoesNotFit)?;
                let change = KeyChange { old, new: &self.key };
                (secrets, change.secrets(account_data)?, change.archives(account_data)?)
            }
            _ => {
                let export = if self.order()?.action == Action::AddKey {
                    self.handed_over.take().ok_or(Problem::DoesNotFit)?
                } else {
                    let (identity, export) = NewIdentity::make(machine).await?;
                    self.identity = Some(identity);
                    export
                };
                let backup_key = Zeroizing::new(self.backup_decryption_key.to_base64());
                let secrets = Secrets::new(export, backup_key).ok_or(Problem::EngineStopped)?;
                let entries = secrets.encrypt(&self.key).ok_or(Problem::EngineStopped)?;
                let entries = entries.into_iter().map(|(secret, entry)| (secret.to_owned(), entry));
                (secrets, entries.collect(), Vec::new())
            }
        };
        let key_id = self.key.key_id();
        let description = self.description.clone();
        let merged = entries.into_iter().map(|(secret, entry)| {
            let content = account_data.with_encrypted(&secret, key_id, entry);
            (secret, content)
        });
        let events = merged.chain(archives).chain([(format!("{KEY_PREFIX}{key_id}"), description)]).collect();
        self.written = Some(Written { secrets, events, before: account_data.clone() });
        Ok(())
    }

    fn order(&self) -> Result<&Order, Problem> {
        self.order.as_ref().ok_or(Problem::OutOfOrder)
    }

    fn written(&self) -> Result<&Written, Problem> {
        self.written.as_ref().ok_or(Problem::OutOfOrder)
    }

    /// Puts aside, still encrypted, what belongs to the identity that is to be replaced. The entries stay
    /// where they are as well; other clients may remove them there one day.
    async fn archive(&self, context: &Context<'_>) -> Result<(), Halt> {
        let data = &context.seen()?.account_data;
        let descriptions = data.key_descriptions().map(|(key_id, _)| format!("{KEY_PREFIX}{key_id}"));
        let types = SECRETS.iter().map(|(name, _)| (*name).to_owned());
        let types = types.chain([DEHYDRATED_DEVICE, DEFAULT_KEY].map(ToOwned::to_owned)).chain(descriptions);
        let mut content: Map<_, _> =
            types.filter_map(|name| Some((name.clone(), data.get(&name)?.clone()))).collect();
        let version = self.order()?.before.backup_version.as_ref();
        content.extend(version.map(|version| (CAME_FROM.to_owned(), version.as_str().into())));
        content.insert(RESET_TO.to_owned(), self.key.key_id().into());
        if self.order()?.tasks.contains(&Task::CreateBackup) {
            let public_key = self.backup_decryption_key.megolm_v1_public_key().to_base64();
            content.insert(CREATES.to_owned(), public_key.into());
        }
        let archive = archive::new_archive();
        Ok(context.journal.write(context.connection, &archive, None, &content.into()).await?)
    }

    /// Stores the secrets and their key's description; uploads this page's device keys beside them where
    /// an identity is to sign them.
    async fn store_secrets(&self, context: &Context<'_>) -> Result<(), Halt> {
        let written = self.written()?;
        let events = written.events.iter().map(|(event_type, content)| {
            context.journal.write(context.connection, event_type, written.before.get(event_type), content)
        });
        let device = async {
            match &self.identity {
                Some(identity) => identity.upload_device_keys(context.connection).await,
                None => Ok(()),
            }
        };
        try_join!(try_join_all(events), device)?;
        Ok(())
    }

    /// Puts aside what was handed over of backups that are not the one this writing ends with: before another one
    /// comes before them.
    async fn put_aside_handed_over(&mut self, context: &Context<'_>) -> Result<(), Halt> {
        let order = self.order()?;
        if order.action == Action::AddKey && order.before.backup_version.is_some() {
            let data = AccountData::read(&context.connection.server).await?;
            let ours = &self.backup_decryption_key;
            self.awaited =
                received_secrets::put_aside(context.connection, context.keyring, &data, &self.key, ours)
                    .await?;
        }
        Ok(())
    }

    /// Removes the dehydrated device that the old identity had signed: nothing could open it any more.
    async fn remove_dehydrated(connection: &Connection) -> Result<(), Halt> {
        match connection.server.send(delete_dehydrated_device::unstable::Request::new()).await {
            Err(failure) if failure.is("M_NOT_FOUND") || failure.is("M_UNRECOGNIZED") => Ok(()),
            result => Ok(result.map(|_| ())?),
        }
    }

    /// Signs the backup that stays with the new identity.
    async fn sign_backup(&mut self, connection: &Connection) -> Result<(), Halt> {
        match backup::current(&connection.server).await? {
            Some(current) if self.backup_decryption_key.backup_key_matches(&current.info) => {
                backup::sign(&connection.server, &connection.machine, &connection.user_id, &current).await?;
                self.backup_version = Some(current.facts.version);
                Ok(())
            }
            Some(_) | None => Err(Problem::SomeoneElseIsWriting.into()),
        }
    }

    /// Creates the version whose private key is already stored; adopts it if an earlier attempt did.
    async fn create_backup(&mut self, connection: &Connection) -> Result<(), Halt> {
        let mut info = self.backup_decryption_key.to_backup_info();
        let machine = connection.machine.backup_machine();
        machine.sign_backup(&mut info).await.map_err(|_| Problem::EngineStopped)?;
        if !is_signed_twice(&info) {
            return Err(Problem::EngineStopped.into());
        }
        if self.backup_may_exist && self.adopt_backup(connection).await? {
            return Ok(());
        }
        self.backup_may_exist = true;
        self.asked_for_backup = true;
        let created = backup::create(&connection.server, &info).await;
        // The response may have been lost, and what was made may not be what the server uses: it is looked at before
        // anything is repeated or relied on; a little later again, since a server of several processes may answer from
        // one that does not know yet.
        for _ in 0..3 {
            if self.adopt_backup(connection).await? {
                return Ok(());
            }
            if created.is_err() {
                break;
            }
            timing::pause(Duration::from_secs(1)).await;
        }
        let version = created?;
        if backup::version_of(&connection.server, &version, &self.backup_decryption_key).await?.is_none() {
            return Err(Problem::NotAsWritten { part: Part::Backup }.into());
        }
        self.backup_version = Some(version);
        // As long as no identity counts that needs it, all of it is taken back.
        if self.can_be_withdrawn() {
            return Err(Problem::BackupNotUsed.into());
        }
        self.is_unused = true;
        Ok(())
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

    /// Deletes the version that this visit made, if nothing was ever put into it: without the identity that signed it
    /// nobody relies on it, and no app would go on with the one before.
    ///
    /// # Errors
    /// The request's problem.
    pub(in crate::engine) async fn remove_backup(
        &mut self,
        connection: &Connection,
        current: Option<&CurrentBackup>,
    ) -> Result<(), Problem> {
        // With an identity it is the account's, empty or not.
        if !self.asked_for_backup || !self.can_be_withdrawn() {
            return Ok(());
        }
        let named = match &self.backup_version {
            Some(name) => backup::version_of(&connection.server, name, &self.backup_decryption_key).await?,
            None => None,
        };
        let is_ours = |version: &&CurrentBackup| self.backup_decryption_key.backup_key_matches(&version.info);
        let current = current.filter(is_ours).filter(|current| {
            named.as_ref().is_none_or(|named| named.facts.version != current.facts.version)
        });
        for version in current.into_iter().chain(&named) {
            if !backup::delete_empty(&connection.server, version).await? {
                return Ok(());
            }
        }
        self.backup_version = None;
        self.backup_may_exist = false;
        self.asked_for_backup = false;
        self.done.retain(|task| *task != Task::CreateBackup);
        Ok(())
    }

    /// Removes the empty version that an earlier attempt at a new identity made and never came to use.
    async fn remove_left_over(&self, connection: &Connection, data: &AccountData) -> Result<(), Problem> {
        let Some(before) = &self.order()?.before.backup_version else { return Ok(()) };
        if Some(before) == self.backup_version.as_ref() {
            return Ok(());
        }
        if let Some(version) = backup::version(&connection.server, before).await?
            && archive::was_made_for_reset(data, &version)
        {
            backup::delete_empty(&connection.server, &version).await?;
        }
        Ok(())
    }

    /// Takes over the version that an earlier attempt created, if it did.
    async fn adopt_backup(&mut self, connection: &Connection) -> Result<bool, Halt> {
        match backup::current(&connection.server).await? {
            Some(current) if self.backup_decryption_key.backup_key_matches(&current.info) => {
                // One that was kept may have been found before its new identity signed it.
                if !published_identity::is_signed_by_identity(&connection.machine, &current.info).await {
                    backup::sign(&connection.server, &connection.machine, &connection.user_id, &current)
                        .await?;
                }
                self.backup_version = Some(current.facts.version);
                Ok(true)
            }
            // The one that was there before stays, below the new one.
            Some(current) if Some(&current.facts.version) == self.order()?.before.backup_version.as_ref() => {
                Ok(false)
            }
            Some(_) => Err(Problem::SomeoneElseIsWriting.into()),
            None => Ok(false),
        }
    }

    /// Reads back; looks again a little later if something is not there, since a server of several
    /// processes may answer from one that does not know yet.
    async fn read_back_patiently(&self, connection: &Connection) -> Result<(), Halt> {
        for _ in 0..2 {
            match self.read_back(connection).await {
                Err(Halt::Trouble(Problem::NotAsWritten { .. })) => {
                    timing::pause(Duration::from_secs(1)).await;
                }
                result => return result,
            }
        }
        self.read_back(connection).await
    }

    /// Reads everything written so far and compares it, just before the commit.
    async fn read_back(&self, connection: &Connection) -> Result<(), Halt> {
        let ours = self.written()?;
        let not_as_written = |part| Halt::from(Problem::NotAsWritten { part });
        let Inspection { account_data, backup, keys, .. } = Inspection::read(connection).await?;
        let order = self.order()?;
        // Ours is there already if an earlier attempt's commit came through and its response did not.
        let key_id = account_data.default_key();
        if key_id != Some(self.key.key_id()) && key_id != order.before.default_key.as_deref() {
            return Err(Problem::SomeoneElseIsWriting.into());
        }
        let account_data = match order.action {
            Action::ChangeKey => AccountData::read_all(&connection.server).await?,
            _ => account_data,
        };
        for (event_type, content) in &ours.events {
            if account_data.get(event_type) != Some(content) {
                let is_secret = SECRETS.iter().any(|(name, _)| name == event_type);
                return Err(not_as_written(if is_secret { Part::Secrets } else { Part::KeyDescription }));
            }
        }
        match Secrets::read(&account_data, self.key.key_id(), &self.key) {
            Some(read) if read == ours.secrets => {}
            _ => return Err(not_as_written(Part::Secrets)),
        }
        let export = ours.secrets.cross_signing();
        let machine = published_identity::machine_with_identity(&connection.user_id, &keys, export).await;
        let machine = machine.ok_or_else(|| not_as_written(Part::Identity))?;
        match backup {
            // The one that the server does not use was looked at when it was made.
            backup if self.is_unused => {
                match backup.map(|backup| backup.facts.version) == order.before.backup_version {
                    true => Ok(()),
                    false => Err(Problem::SomeoneElseIsWriting.into()),
                }
            }
            Some(backup) if !self.backup_decryption_key.backup_key_matches(&backup.info) => {
                Err(Problem::SomeoneElseIsWriting.into())
            }
            Some(backup) if published_identity::is_signed_by_identity(&machine, &backup.info).await => Ok(()),
            Some(_) | None => Err(not_as_written(Part::Backup)),
        }
    }

    /// Makes the new key the default one.
    async fn commit(&self, connection: &Connection) -> Result<(), Halt> {
        let content = json!({ "key": self.key.key_id() });
        Ok(account_data::write(&connection.server, &connection.user_id, DEFAULT_KEY, &content).await?)
    }
}

/// Publishes an identity that an earlier visit made and stored, and lets the machine sign with it.
async fn publish_stored(
    connection: &Connection,
    challenge: &LastChallenge,
    stored: &Secrets,
    given: &mut Given<'_>,
) -> Result<(), Halt> {
    identity::publish_stored(connection, challenge, &stored.cross_signing(), given).await?;
    let keys = published_keys(&connection.server, &connection.user_id).await?;
    match adopt_identity(connection, &keys, stored).await {
        true => Ok(()),
        false => Err(Problem::NotAsWritten { part: Part::Identity }.into()),
    }
}

/// Gives the machine the stored identity, if it is the published one.
async fn adopt_identity(connection: &Connection, keys: &get_keys::v3::Response, stored: &Secrets) -> bool {
    published_identity::adopt_identity(&connection.machine, &connection.user_id, keys, stored.cross_signing())
        .await
}

/// The identity's signature is what makes other clients trust the version; the SDK leaves it out
/// without an error when the private key is gone.
fn is_signed_twice(info: &RoomKeyBackupInfo) -> bool {
    match info {
        RoomKeyBackupInfo::MegolmBackupV1Curve25519AesSha2(data) => data.signatures.signature_count() == 2,
        RoomKeyBackupInfo::Other { .. } => false,
    }
}
