//! Takes up a set-up that an earlier visit has begun.

use matrix_sdk_crypto::store::types::BackupDecryptionKey;

use super::{
    SetUp, Written,
    order::{Before, Order},
    publishing::adopt_identity,
};
use crate::{
    domain::{
        diagnosis::{Diagnosis, Known, diagnose},
        plan::{Action, Task, tasks},
        problem::Problem,
        secret::Secret,
    },
    engine::{
        account::{
            account_data::AccountData,
            archive,
            backup::CurrentBackup,
            derivation::Derivations,
            event_types::{KEY_PREFIX, SECRETS},
            inspect::Inspection,
            secret_storage::{Secrets, require_rounds},
            tries::Tries,
        },
        connection::Connection,
        write::older_keys::OlderKeys,
    },
};

impl SetUp {
    /// Takes up a set-up that was cut short: finds the stored secrets that the kept key or phrase opens. Makes sure
    /// that they fit the published identity, if there is one, and the backup, if there is one. Writes nothing.
    ///
    /// # Errors
    /// [`Problem::OpensNothing`], [`Problem::WeakKey`], [`Problem::DoesNotFit`], or a request's problem.
    /// [`Problem::SomeoneElseIsWriting`] if nothing was cut short.
    pub(in crate::engine) async fn resume(
        connection: &Connection,
        derivations: &Derivations,
        kept: &Secret,
    ) -> Result<Self, Problem> {
        let inspection = Inspection::read(connection).await.map_err(Problem::from)?;
        let known = Known { wants_backup: true, ..Known::default() };
        let is_unfinished = diagnose(&inspection.account, &known) == Diagnosis::Unfinished;
        let data = &inspection.account_data;
        let entry = Tries::new(kept, derivations);
        let opened =
            entry.find(data, data.described_keys(), |key| Secrets::read(data, key.key_id(), key)).await;
        let (key, phrase, secrets) = opened.ok_or(Problem::OpensNothing)?;
        let description = data.key_description(key.key_id()).cloned().unwrap_or_default();
        require_rounds(data, &key)?;
        // If there is a default key, only a key that an archive names for a new identity may replace it.
        let is_reset = archive::was_reset_to(data, &key);
        if !is_unfinished && !is_reset {
            return Err(Problem::SomeoneElseIsWriting);
        }
        let backup_decryption_key = BackupDecryptionKey::from_base64(secrets.backup_decryption_key())
            .map_err(|_| Problem::DoesNotFit)?;
        // While a new identity is made, the old one's backup may still be the current one.
        let named = archive::named_versions(data);
        let is_ours = |backup: &CurrentBackup| {
            backup_decryption_key.backup_key_matches(&backup.info)
                || is_reset && named.contains(&backup.facts.version)
        };
        let is_published = inspection.account.identity.is_some();
        let usable = inspection.backup.as_ref().filter(|backup| backup.facts.usable);
        let fits = usable.is_none_or(is_ours)
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
            older_keys: OlderKeys::default(),
            proved: None,
        })
    }
}
