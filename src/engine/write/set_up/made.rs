//! A new recovery key, before anything is written under it.

use matrix_sdk_crypto::{secret_storage::SecretStorageKey, store::types::BackupDecryptionKey};
use serde_json::Value;

use crate::{
    domain::{kit::Kit, problem::Problem, recovery_key::RecoveryKey, secret::Secret},
    engine::{
        account::{
            derivation::{self, Derivations},
            kept::Kept,
        },
        write::{kit, new_key::NewKey},
    },
};

/// A key that was made for this account.
pub(in crate::engine) struct Made {
    pub(super) key: SecretStorageKey,
    /// The key's description, as it is written.
    pub(super) description: Value,
    pub(super) recovery_key: Secret,
    pub(super) phrase: Option<Secret>,
    /// The key of the backup: a new one, or the one of the backup that stays.
    pub(super) backup_key: BackupDecryptionKey,
}

impl Made {
    /// Makes a new key, from a phrase if there is one, and a new backup key.
    pub(super) async fn new(phrase: Option<Secret>, derivations: &Derivations) -> Result<Self, Problem> {
        let phrase = phrase.as_ref().map(derivation::composed);
        let made = NewKey::make(phrase.as_ref(), derivations).await;
        let NewKey { key, description } = made.ok_or(Problem::engine_stopped())?;
        let recovery_key = Secret::new(key.to_base58());
        Ok(Self { key, description, recovery_key, phrase, backup_key: BackupDecryptionKey::new() })
    }

    /// Requires that the person entered the very key that was made. The page has checked that, too.
    pub(super) fn require_entered(&self, kept_key: &Secret) -> Result<(), Problem> {
        let kept = RecoveryKey::parse(kept_key.expose()).map_err(|_| Problem::KeyNotProved)?;
        let made = RecoveryKey::parse(self.recovery_key.expose()).ok();
        if made == Some(kept) { Ok(()) } else { Err(Problem::KeyNotProved) }
    }

    /// This key as one that the person kept.
    pub(super) fn kept(&self) -> Kept {
        Kept::new(&self.key, self.phrase.clone())
    }

    /// The sheet with this key.
    pub(super) fn kit(&self) -> Kit {
        kit::kit(self.recovery_key.clone(), self.key.key_id())
    }
}
