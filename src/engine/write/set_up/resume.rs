//! Takes up a set-up that an earlier visit has begun.

use matrix_sdk_crypto::{secret_storage::SecretStorageKey, store::types::BackupDecryptionKey};

use super::{
    SetUp,
    made::Made,
    order::{Before, Order, Purpose},
    publishing::adopt_identity,
    version::Version,
    writer::{Writer, Written},
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
            backup::BackupVersion,
            derivation::Derivations,
            event_types::{KEY_PREFIX, SECRETS},
            inspect::Inspection,
            secret_storage::{Secrets, require_rounds},
            tries::Tries,
        },
        connection::Connection,
        write::{older_keys::OlderKeys, progress::Progress},
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
        let seen = Inspection::read(connection).await.map_err(Problem::from)?;
        let known = Known { wants_backup: true, ..Known::default() };
        let is_unfinished = diagnose(&seen.account, &known) == Diagnosis::Unfinished;
        let data = &seen.account_data;
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
        let backup_key = BackupDecryptionKey::from_base64(secrets.backup_decryption_key())
            .map_err(|_| Problem::DoesNotFit)?;
        let is_published = seen.account.identity.is_some();
        let fits = fits_backup(&seen, &backup_key)
            && (!is_published || adopt_identity(connection, &seen.keys, &secrets).await);
        if !fits {
            return Err(Problem::DoesNotFit);
        }
        let mut done = vec![Task::CheckUnchanged, Task::StoreSecrets];
        done.extend(is_published.then_some(Task::PublishIdentity));
        let progress = Progress::new(tasks(Action::Finish, &seen.account, &known), done);
        let written = written(data, &key, secrets);
        let recovery_key = Secret::new(key.to_base58());
        Ok(Self::Writing(Box::new(Writer {
            made: Made { key, description, recovery_key, phrase, backup_key },
            order: Order { purpose: Purpose::Finish, progress, before: Before::of(&seen) },
            identity: None,
            written,
            version: Version::MayExist,
            older_keys: OlderKeys::default(),
            proved: None,
        })))
    }
}

/// Tells whether the stored backup key opens the backup, or there is none that clients can use. The current
/// one may still be the one that the person agreed to have superseded by a new one: an archive names it. The
/// server can write archives, so this keeps nobody out; it tells another client's backup apart.
fn fits_backup(seen: &Inspection, backup_key: &BackupDecryptionKey) -> bool {
    let named = archive::named_versions(&seen.account_data);
    let is_ours = |backup: &BackupVersion| {
        backup_key.backup_key_matches(&backup.info) || named.contains(&backup.facts.version)
    };
    seen.backup.as_ref().filter(|backup| backup.facts.usable).is_none_or(is_ours)
}

/// The secrets and the key's description, as the earlier visit wrote them.
fn written(data: &AccountData, key: &SecretStorageKey, secrets: Secrets) -> Written {
    let types = SECRETS.map(|(name, _)| name.to_owned()).into_iter();
    let types = types.chain([format!("{KEY_PREFIX}{}", key.key_id())]);
    let events = types.filter_map(|name| data.get(&name).cloned().map(|content| (name, content))).collect();
    Written { secrets, events, before: AccountData::default() }
}
