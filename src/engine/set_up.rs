//! The first set-up: from a made key to a backup that the key was seen to open.
//!
//! The order is the safety: the secrets are stored, under a key the person has kept and shown,
//! before what they open exists; the default key, by which other clients find them, comes last and
//! only after everything was read back. Ending anywhere leaves what was there before as it was.
//! Every task may be run again after a failure.

use std::time::Duration;

use futures_util::{future::try_join_all, join, try_join};
use matrix_sdk::sleep::sleep;
use matrix_sdk_crypto::{
    secret_storage::SecretStorageKey, store::types::BackupDecryptionKey, types::RoomKeyBackupInfo,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{
    account_data::{self, AccountData, BACKUP_DISABLED, DEFAULT_KEY, KEY_BACKUP, KEY_PREFIX},
    backup::{self, CurrentBackup},
    identity::NewIdentity,
    inspect::{Inspection, secret_storage, stored_secrets},
    secret_storage::{SECRETS, Secrets, open_with_key, open_with_phrase},
    session::Session,
    stranger,
};
use crate::domain::{
    account::Account,
    diagnosis::{Diagnosis, diagnose},
    plan::{SET_UP, Task},
    problem::{Part, Problem},
    proved::Proved,
    recovery_key::RecoveryKey,
    secret::Secret,
};

/// A key that was made for this account, and how far writing has come.
pub(super) struct SetUp {
    key: SecretStorageKey,
    recovery_key: Secret,
    phrase: Option<Secret>,
    backup_decryption_key: BackupDecryptionKey,
    done: Vec<Task>,
    /// Made when writing begins, and kept: after a failure the same identity is published.
    identity: Option<NewIdentity>,
    /// What is written under the key, to be compared with what is read back.
    written: Option<Written>,
    /// Whether a version of ours may be there already: an earlier attempt asked for it.
    backup_may_exist: bool,
    backup_version: Option<String>,
    proved: Option<Proved>,
}

struct Written {
    secrets: Secrets,
    /// The secrets' events as merged into what stood there, and the key's description.
    events: Vec<(String, Value)>,
}

/// Why writing stopped before its end.
pub(super) enum Halt {
    /// The server wants the account password; whether one was refused just now.
    PasswordNeeded {
        /// Whether the password given was refused.
        refused: bool,
    },
    /// Something went wrong.
    Trouble(Problem),
}

impl<T: Into<Problem>> From<T> for Halt {
    fn from(problem: T) -> Self {
        Self::Trouble(problem.into())
    }
}

impl SetUp {
    /// Makes a new key, from a phrase if there is one (500,000 rounds), and a new key for the backup.
    /// Nothing is sent.
    pub(super) fn new(phrase: Option<Secret>) -> Self {
        let key = match &phrase {
            Some(phrase) => SecretStorageKey::new_from_passphrase(phrase.expose()),
            None => SecretStorageKey::new(),
        };
        let recovery_key = Secret::new(key.to_base58());
        let backup_decryption_key = BackupDecryptionKey::new();
        Self {
            key,
            recovery_key,
            phrase,
            backup_decryption_key,
            done: Vec::new(),
            identity: None,
            written: None,
            backup_may_exist: false,
            backup_version: None,
            proved: None,
        }
    }

    /// Takes up a set-up that was cut short after its identity was published: finds the stored secrets
    /// that the kept key or phrase opens, and makes sure that they are the published identity's and, if
    /// there is a backup, that backup's. Nothing is written.
    ///
    /// # Errors
    /// [`Problem::OpensNothing`] or [`Problem::DoesNotFit`].
    pub(super) async fn resume(session: &Session, kept: &Secret) -> Result<Self, Problem> {
        let inspection = Inspection::read(&session.server, &session.user_id, &session.device_id)
            .await
            .map_err(Problem::from)?;
        if diagnose(&inspection.account) != Diagnosis::Unfinished {
            return Err(Problem::SomeoneElseIsWriting);
        }
        let data = &inspection.account_data;
        let opened = data.key_descriptions().find_map(|(key_id, description)| {
            let by_key = open_with_key(key_id, description, kept).map(|key| (key, None));
            let by_phrase =
                || open_with_phrase(key_id, description, kept).map(|key| (key, Some(kept.clone())));
            let (key, phrase) = by_key.or_else(by_phrase)?;
            Some((Secrets::read(data, key_id, &key)?, key, phrase))
        });
        let (secrets, key, phrase) = opened.ok_or(Problem::OpensNothing)?;
        let backup_decryption_key = BackupDecryptionKey::from_base64(secrets.backup_decryption_key())
            .map_err(|_| Problem::DoesNotFit)?;
        let is_ours = |backup: &CurrentBackup| backup_decryption_key.backup_key_matches(&backup.info);
        let machine = &session.machine;
        let fits = inspection.backup.as_ref().is_none_or(is_ours)
            && stranger::adopt_identity(machine, &session.user_id, &inspection.keys, secrets.cross_signing())
                .await;
        if !fits {
            return Err(Problem::DoesNotFit);
        }
        let types = SECRETS.map(|(name, _)| name.to_owned()).into_iter();
        let types = types.chain([format!("{KEY_PREFIX}{}", key.key_id())]);
        let events =
            types.filter_map(|name| data.get(&name).cloned().map(|content| (name, content))).collect();
        Ok(Self {
            recovery_key: Secret::new(key.to_base58()),
            key,
            phrase,
            backup_decryption_key,
            done: vec![Task::CheckUnchanged, Task::StoreSecrets, Task::PublishIdentity],
            identity: None,
            written: Some(Written { secrets, events }),
            backup_may_exist: true,
            backup_version: None,
            proved: None,
        })
    }

    /// Whether a version is the one that this set-up made.
    pub(super) fn made(&self, backup: &CurrentBackup) -> bool {
        self.backup_version.as_ref() == Some(&backup.facts.version)
            && self.backup_decryption_key.backup_key_matches(&backup.info)
    }

    /// The tasks that are done already.
    pub(super) fn done(&self) -> &[Task] {
        &self.done
    }

    /// The new recovery key in its text form, to be shown once.
    pub(super) fn recovery_key(&self) -> Secret {
        self.recovery_key.clone()
    }

    /// Whether writing has begun: from here on this key is the account's, or nobody's.
    pub(super) fn has_begun(&self) -> bool {
        self.done.iter().any(|task| task.writes()) || self.written.is_some()
    }

    /// Does what is left to do, telling each task that is done.
    ///
    /// # Errors
    /// Why it stopped; calling it again goes on from there.
    pub(super) async fn run(
        &mut self,
        session: &Session,
        kept_key: &Secret,
        password: Option<Secret>,
        tell: &impl Fn(Task),
    ) -> Result<Proved, Halt> {
        // The person must have shown the very key that was made. The page checked, too.
        let kept = RecoveryKey::parse(kept_key.expose()).map_err(|_| Problem::KeyNotProved)?;
        if RecoveryKey::parse(self.recovery_key.expose()).ok() != Some(kept) {
            return Err(Problem::KeyNotProved.into());
        }
        let mut password = password;
        // Time has passed since the last attempt: what was true then is looked at again.
        if self.written.is_some() && !self.done.contains(&Task::Commit) {
            self.look_again(session).await?;
        }
        for task in SET_UP {
            if self.done.contains(&task) {
                continue;
            }
            match task {
                Task::CheckUnchanged => self.check_unchanged(session).await?,
                Task::StoreSecrets => self.store_secrets(session).await?,
                Task::PublishIdentity => {
                    self.identity()?.publish(session, &self.written()?.secrets, password.take()).await?;
                }
                Task::CreateBackup => self.create_backup(session).await?,
                Task::ReadBack => self.read_back_patiently(session).await?,
                Task::Commit => self.commit(session).await?,
                // Neither depends on the other: one round trip for both.
                Task::Announce => {
                    let (announced, proved) = join!(
                        Self::announce(session),
                        stranger::try_everything(session, kept_key, self.phrase.as_ref()),
                    );
                    announced?;
                    self.proved = Some(proved?);
                }
                Task::TryAsStranger => {
                    if self.proved.is_none() {
                        self.proved =
                            Some(stranger::try_everything(session, kept_key, self.phrase.as_ref()).await?);
                    }
                }
            }
            self.done.push(task);
            tell(task);
        }
        let proved = self.proved.clone().ok_or(Problem::OutOfOrder)?;
        // What was opened must be what this run wrote, not what somebody else wrote in between.
        if proved.key_id != self.key.key_id() || Some(&proved.backup_version) != self.backup_version.as_ref()
        {
            return Err(Problem::SomeoneElseIsWriting.into());
        }
        Ok(proved)
    }

    /// Looks again at what must not have changed since the person was told about it.
    async fn check_unchanged(&mut self, session: &Session) -> Result<(), Halt> {
        let before = &session.inspection.as_ref().ok_or(Problem::OutOfOrder)?.account;
        let (account_data, current) =
            try_join!(AccountData::read(&session.server), backup::current(&session.server))?;
        // Whether an identity was published meanwhile, the server says when ours is: it asks for proof.
        let now = Account {
            secret_storage: secret_storage(&account_data),
            stored_secrets: stored_secrets(&account_data),
            backup: current.map(|backup| backup.facts),
            backup_switched_off: account_data.backup_switched_off(),
            ..before.clone()
        };
        if diagnose(&now) != Diagnosis::NothingSetUp || !now.is_as_it_was(before) {
            return Err(Problem::SomeoneElseIsWriting.into());
        }
        self.prepare(session, &account_data).await?;
        Ok(())
    }

    /// Looks at what may have changed since the last attempt. Whatever is there must be ours or nobody's;
    /// what is still to be stored is merged anew, and what was read back has to be read back again.
    async fn look_again(&mut self, session: &Session) -> Result<(), Halt> {
        let now = Inspection::read(&session.server, &session.user_id, &session.device_id).await?;
        let ours = self.written()?;
        let key_is_ours = match now.account_data.get(DEFAULT_KEY) {
            None => true,
            Some(_) => now.account_data.default_key() == Some(self.key.key_id()),
        };
        let identity_is_ours = now.account.identity.is_none()
            || stranger::is_identity_of(session, &now.keys, &ours.secrets).await;
        let backup_is_ours =
            now.backup.is_none_or(|backup| self.backup_decryption_key.backup_key_matches(&backup.info));
        if !key_is_ours || !identity_is_ours || !backup_is_ours {
            return Err(Problem::SomeoneElseIsWriting.into());
        }
        if !self.done.contains(&Task::StoreSecrets) {
            let key_id = self.key.key_id();
            let merge = |(name, content): &(String, Value)| match content["encrypted"].get(key_id) {
                Some(entry) => (name.clone(), now.account_data.with_encrypted(name, key_id, entry.clone())),
                None => (name.clone(), content.clone()),
            };
            let events = ours.events.iter().map(merge).collect();
            if let Some(written) = &mut self.written {
                written.events = events;
            }
        }
        self.done.retain(|task| *task != Task::ReadBack);
        Ok(())
    }

    /// Makes the identity in memory, and the events that will store it.
    async fn prepare(&mut self, session: &Session, account_data: &AccountData) -> Result<(), Problem> {
        let (identity, export) = NewIdentity::make(session).await?;
        let backup_key = Zeroizing::new(self.backup_decryption_key.to_base64());
        let secrets = Secrets::new(export, backup_key).ok_or(Problem::EngineStopped)?;
        let entries = secrets.encrypt(&self.key).ok_or(Problem::EngineStopped)?;
        let key_id = self.key.key_id();
        let description =
            serde_json::to_value(self.key.event_content()).map_err(|_| Problem::EngineStopped)?;
        let merged = entries
            .into_iter()
            .map(|(secret, entry)| (secret.to_owned(), account_data.with_encrypted(secret, key_id, entry)));
        let events = merged.chain([(format!("{KEY_PREFIX}{key_id}"), description)]).collect();
        self.written = Some(Written { secrets, events });
        self.identity = Some(identity);
        Ok(())
    }

    fn written(&self) -> Result<&Written, Problem> {
        self.written.as_ref().ok_or(Problem::OutOfOrder)
    }

    fn identity(&self) -> Result<&NewIdentity, Problem> {
        self.identity.as_ref().ok_or(Problem::OutOfOrder)
    }

    /// Stores the secrets and their key's description; uploads this page's device keys beside them.
    async fn store_secrets(&self, session: &Session) -> Result<(), Halt> {
        let events = self.written()?.events.iter().map(|(event_type, content)| {
            account_data::write(&session.server, &session.user_id, event_type, content)
        });
        let device = self.identity()?.upload_device_keys(session);
        try_join!(try_join_all(events), device)?;
        Ok(())
    }

    /// Creates the version whose private key is already stored; adopts it if an earlier attempt did.
    async fn create_backup(&mut self, session: &Session) -> Result<(), Halt> {
        let mut info = self.backup_decryption_key.to_backup_info();
        let machine = session.machine.backup_machine();
        machine.sign_backup(&mut info).await.map_err(|_| Problem::EngineStopped)?;
        if !is_signed_twice(&info) {
            return Err(Problem::EngineStopped.into());
        }
        if !(self.backup_may_exist && self.adopt_backup(session).await?) {
            self.backup_may_exist = true;
            match backup::create(&session.server, &info).await {
                Ok(version) => self.backup_version = Some(version),
                // The response may have been lost: look before anything is repeated.
                Err(failure) => {
                    if !self.adopt_backup(session).await? {
                        return Err(failure.into());
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes over the version that an earlier attempt created, if it did.
    async fn adopt_backup(&mut self, session: &Session) -> Result<bool, Halt> {
        match backup::current(&session.server).await? {
            Some(current) if self.backup_decryption_key.backup_key_matches(&current.info) => {
                self.backup_version = Some(current.facts.version);
                Ok(true)
            }
            Some(_) => Err(Problem::SomeoneElseIsWriting.into()),
            None => Ok(false),
        }
    }

    /// Reads back; looks again a little later if something is not there, since a server of several
    /// processes may answer from one that does not know yet.
    async fn read_back_patiently(&self, session: &Session) -> Result<(), Halt> {
        for _ in 0..2 {
            match self.read_back(session).await {
                Err(Halt::Trouble(Problem::NotAsWritten { .. })) => sleep(Duration::from_secs(1)).await,
                result => return result,
            }
        }
        self.read_back(session).await
    }

    /// Reads everything written so far and compares it, just before the commit.
    async fn read_back(&self, session: &Session) -> Result<(), Halt> {
        let ours = self.written()?;
        let not_as_written = |part| Halt::from(Problem::NotAsWritten { part });
        let Inspection { account_data, backup, keys, .. } =
            Inspection::read(&session.server, &session.user_id, &session.device_id).await?;
        // Ours is there already if an earlier attempt's commit came through and its response did not.
        if account_data.get(DEFAULT_KEY).is_some() && account_data.default_key() != Some(self.key.key_id()) {
            return Err(Problem::SomeoneElseIsWriting.into());
        }
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
        let machine = stranger::machine_with_identity(&session.user_id, &keys, export).await;
        let machine = machine.ok_or_else(|| not_as_written(Part::Identity))?;
        match backup {
            Some(backup) if !self.backup_decryption_key.backup_key_matches(&backup.info) => {
                Err(Problem::SomeoneElseIsWriting.into())
            }
            Some(backup) if stranger::is_signed_by_identity(&machine, &backup.info).await => Ok(()),
            Some(_) | None => Err(not_as_written(Part::Backup)),
        }
    }

    /// Makes the new key the default one.
    async fn commit(&self, session: &Session) -> Result<(), Halt> {
        let content = json!({ "key": self.key.key_id() });
        Ok(account_data::write(&session.server, &session.user_id, DEFAULT_KEY, &content).await?)
    }

    /// Says that backup is wanted, in both ways clients look for.
    async fn announce(session: &Session) -> Result<(), Halt> {
        let (wanted, not_disabled) = (json!({ "enabled": true }), json!({ "disabled": false }));
        try_join!(
            account_data::write(&session.server, &session.user_id, KEY_BACKUP, &wanted),
            account_data::write(&session.server, &session.user_id, BACKUP_DISABLED, &not_disabled),
        )?;
        Ok(())
    }
}

/// The identity's signature is what makes other clients trust the version; the SDK leaves it out
/// without an error when the private key is gone.
fn is_signed_twice(info: &RoomKeyBackupInfo) -> bool {
    match info {
        RoomKeyBackupInfo::MegolmBackupV1Curve25519AesSha2(data) => data.signatures.signature_count() == 2,
        RoomKeyBackupInfo::Other { .. } => false,
    }
}
