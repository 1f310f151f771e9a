//! Tries one entry on the descriptions of keys.

use matrix_sdk_crypto::{
    secret_storage::SecretStorageKey, store::types::BackupDecryptionKey, types::RoomKeyBackupInfo,
};

use crate::{
    domain::{recovery_key::RecoveryKey, secret::Secret},
    engine::account::{
        account_data::AccountData,
        derivation::{self, Budget, Derivations},
        secret_storage::{open_with_key, open_with_phrase},
    },
};

/// An entry, and the rounds that may be spent on it.
pub(in crate::engine) struct Tries<'a> {
    /// The entry as typed, and composed if that differs: this page makes keys of composed phrases. Then the same without
    /// white space around it, which copying adds and nobody sees.
    forms: Vec<Secret>,
    is_key: bool,
    budget: Budget<'a>,
}

impl<'a> Tries<'a> {
    /// Prepares the tries of an entry.
    pub(in crate::engine) fn new(entry: &Secret, derivations: &'a Derivations) -> Self {
        let trimmed = Secret::from(entry.expose().trim());
        let mut forms = Vec::new();
        for form in
            [entry.clone(), derivation::composed(entry), trimmed.clone(), derivation::composed(&trimmed)]
        {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        let is_key = RecoveryKey::parse(entry.expose()).is_ok();
        Self { forms, is_key, budget: Budget::new(derivations) }
    }

    /// Tells whether the entry is a well-formed recovery key.
    pub(in crate::engine) fn is_key(&self) -> bool {
        self.is_key
    }

    /// Tells whether a description was skipped because too few rounds were left.
    pub(in crate::engine) fn has_refused(&self) -> bool {
        self.budget.has_refused()
    }

    /// Opens a described key; returns it, and the phrase if a phrase opened it.
    pub(in crate::engine) async fn open(
        &self,
        data: &AccountData,
        key_id: &str,
    ) -> Option<(SecretStorageKey, Option<Secret>)> {
        for form in &self.forms {
            if self.is_key {
                return open_with_key(data, key_id, form).map(|key| (key, None));
            }
            if let Some(key) = open_with_phrase(data, key_id, form, &self.budget).await {
                return Some((key, Some(form.clone())));
            }
        }
        None
    }

    /// Returns the key of a backup version, if the entry is that: in a recovery key's form, or as the passphrase from which
    /// clients of 2018 to 2020 derived it (matrix-js-sdk, `keyFromAuthData`).
    pub(in crate::engine) async fn backup_key(
        &self,
        info: &RoomKeyBackupInfo,
    ) -> Option<BackupDecryptionKey> {
        let opens = |key: &BackupDecryptionKey| key.backup_key_matches(info);
        if let [form, ..] = self.forms.as_slice()
            && self.is_key
        {
            let text = RecoveryKey::parse(form.expose()).ok()?.text();
            return BackupDecryptionKey::from_base58(text.expose()).ok().filter(opens);
        }
        let description = serde_json::to_value(info).ok()?;
        let salt = description.pointer("/auth_data/private_key_salt")?.as_str()?;
        let rounds = description.pointer("/auth_data/private_key_iterations")?.as_u64()?;
        for form in &self.forms {
            let derived = self.budget.derive(form, salt, rounds).await?;
            if let Some(key) = Some(BackupDecryptionKey::from_bytes(&derived)).filter(opens) {
                return Some(key);
            }
        }
        None
    }

    /// Opens the first described key under which `wanted` finds something.
    pub(in crate::engine) async fn find<'d, T>(
        &self,
        data: &AccountData,
        key_ids: impl Iterator<Item = &'d str>,
        wanted: impl Fn(&SecretStorageKey) -> Option<T>,
    ) -> Option<(SecretStorageKey, Option<Secret>, T)> {
        for key_id in key_ids {
            if let Some((key, phrase)) = self.open(data, key_id).await
                && let Some(found) = wanted(&key)
            {
                return Some((key, phrase, found));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_tried_as_typed_first_and_then_without_white_space_around_it() {
        let derivations = Derivations::default();
        let forms = |entry: &str| {
            let tries = Tries::new(&Secret::from(entry), &derivations);
            tries.forms.iter().map(|form| form.expose().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(forms("glass otter"), ["glass otter"]);
        assert_eq!(forms(" glass otter\n"), [" glass otter\n", "glass otter"]);
        assert_eq!(forms("o\u{308}l "), ["o\u{308}l ", "öl ", "o\u{308}l", "öl"]);
    }
}
