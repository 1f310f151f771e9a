//! Secret storage: opens it with what a person kept, and reads the secrets in it.
//!
//! Source: specification, "Secrets", `m.secret_storage.v1.aes-hmac-sha2`.

use std::collections::BTreeSet;

use matrix_sdk::ruma::events::{
    EventContentFromType as _,
    secret::request::SecretName,
    secret_storage::key::{PassPhrase, SecretStorageKeyEventContent},
};
use matrix_sdk_crypto::{
    secret_storage::{AesHmacSha2EncryptedData, SecretStorageKey},
    store::types::CrossSigningKeyExport,
};
use serde_json::{Value, json, value::to_raw_value};
use zeroize::Zeroizing;

use crate::{
    domain::{problem::Problem, recovery_key::RecoveryKey, secret::Secret},
    engine::account::{
        account_data::AccountData,
        derivation::{Budget, MOST_ROUNDS},
        event_types::{KEY_PREFIX, SECRETS},
    },
};

/// The fewest rounds of a phrase under whose key anything new may be stored; a weaker one still opens what is there.
pub(in crate::engine) const LEAST_ROUNDS: u64 = 100_000;

/// The four secrets unencrypted, each in unpadded base64; wiped when dropped.
#[derive(PartialEq, Eq)]
pub(in crate::engine) struct Secrets([Zeroizing<String>; 4]);

impl Secrets {
    /// Takes the secrets from the SDK's export and the backup key; `None` if one is missing.
    pub(in crate::engine) fn new(
        export: CrossSigningKeyExport,
        backup_decryption_key: Zeroizing<String>,
    ) -> Option<Self> {
        let CrossSigningKeyExport { master_key, self_signing_key, user_signing_key } = &export;
        let taken = |key: &Option<String>| key.clone().map(Zeroizing::new);
        Some(Self([
            taken(master_key)?,
            taken(self_signing_key)?,
            taken(user_signing_key)?,
            backup_decryption_key,
        ]))
    }

    /// Decrypts all four entries under one key; `None` if one is missing, damaged or not text.
    pub(in crate::engine) fn read(
        account_data: &AccountData,
        key_id: &str,
        key: &SecretStorageKey,
    ) -> Option<Self> {
        let export = cross_signing(account_data, key_id, key)?;
        Self::new(export, backup_decryption_key(account_data, key_id, key)?)
    }

    /// Encrypts the secrets; returns each event type with its entry.
    pub(in crate::engine) fn encrypt(&self, key: &SecretStorageKey) -> Option<Vec<(&'static str, Value)>> {
        let entries = SECRETS.iter().zip(&self.0).map(|((event_type, name), secret)| {
            let entry = key.encrypt(secret.as_bytes().to_vec(), name);
            serde_json::to_value(entry).ok().map(|entry| (*event_type, entry))
        });
        entries.collect()
    }

    /// The identity's private keys in the SDK's form.
    pub(in crate::engine) fn cross_signing(&self) -> CrossSigningKeyExport {
        let [master, self_signing, user_signing, _] = &self.0;
        CrossSigningKeyExport {
            master_key: Some(master.to_string()),
            self_signing_key: Some(self_signing.to_string()),
            user_signing_key: Some(user_signing.to_string()),
        }
    }

    /// The backup's private key.
    pub(in crate::engine) fn backup_decryption_key(&self) -> &str {
        &self.0[3]
    }
}

/// The three stored cross-signing keys; `None` if one is missing or cannot be read.
pub(in crate::engine) fn cross_signing(
    account_data: &AccountData,
    key_id: &str,
    key: &SecretStorageKey,
) -> Option<CrossSigningKeyExport> {
    let read = |at: usize| {
        let (event_type, name) = &SECRETS[at];
        decrypt(key, account_data.encrypted(event_type, key_id)?, name).map(|secret| secret.to_string())
    };
    Some(CrossSigningKeyExport {
        master_key: Some(read(0)?),
        self_signing_key: Some(read(1)?),
        user_signing_key: Some(read(2)?),
    })
}

/// The stored backup key as text; `None` if it is missing or cannot be read.
pub(in crate::engine) fn backup_decryption_key(
    account_data: &AccountData,
    key_id: &str,
    key: &SecretStorageKey,
) -> Option<Zeroizing<String>> {
    let (event_type, name) = &SECRETS[3];
    decrypt(key, account_data.encrypted(event_type, key_id)?, name)
}

/// Decrypts one entry; `None` if it is damaged, encrypted with another key, or not text.
pub(in crate::engine) fn decrypt(
    key: &SecretStorageKey,
    entry: &Value,
    name: &SecretName,
) -> Option<Zeroizing<String>> {
    let entry: AesHmacSha2EncryptedData = serde_json::from_value(entry.clone()).ok()?;
    let plain = Zeroizing::new(key.decrypt(&entry, name).ok()?);
    std::str::from_utf8(&plain).ok().map(|text| Zeroizing::new(text.to_owned()))
}

/// Encrypts a backup key as it is stored in secret storage.
///
/// # Errors
/// [`Problem::EngineStopped`], which cannot happen.
pub(in crate::engine) fn encrypt_backup_key(
    key: &SecretStorageKey,
    backup_key: &str,
) -> Result<Value, Problem> {
    let entry = key.encrypt(backup_key.as_bytes().to_vec(), &SecretName::RecoveryKey);
    serde_json::to_value(entry).map_err(|_| Problem::EngineStopped)
}

/// Opens a key description with a recovery key; ignores its phrase.
///
/// `None` if the description has no check of the key, or the key is another.
pub(in crate::engine) fn open_with_key(
    key_id: &str,
    description: &Value,
    entry: &Secret,
) -> Option<SecretStorageKey> {
    let entry = RecoveryKey::parse(entry.expose()).ok()?.text();
    let mut content = checked_description(key_id, description)?;
    // With the phrase's parameters in it, the SDK would first derive 500,000 rounds from the key.
    content.passphrase = None;
    SecretStorageKey::from_account_data(entry.expose(), content).ok()
}

/// Opens a key description with a phrase.
///
/// `None` if the description has no phrase, no rounds or more than the budget has left, or the phrase is another.
pub(in crate::engine) async fn open_with_phrase(
    key_id: &str,
    description: &Value,
    phrase: &Secret,
    budget: &Budget<'_>,
) -> Option<SecretStorageKey> {
    let mut content = checked_description(key_id, description)?;
    // With the phrase's parameters in it, the SDK would derive by itself and block the engine meanwhile.
    let PassPhrase { salt, iterations, .. } = content.passphrase.take()?;
    let derived = budget.derive(phrase, &salt, iterations.into()).await?;
    let key = RecoveryKey::of(&derived).text();
    let key = SecretStorageKey::from_account_data(key.expose(), content).ok()?;
    budget.opened(phrase, &salt, iterations.into(), &derived);
    Some(key)
}

/// Opens secrets whose key has no description: the right key passes the secrets' own check. Tries recovery keys only,
/// on the key ids under which something lies.
pub(in crate::engine) fn open_undescribed(
    account_data: &AccountData,
    entry: &Secret,
) -> Option<SecretStorageKey> {
    let entry = RecoveryKey::parse(entry.expose()).ok()?.text();
    let key_ids =
        SECRETS.iter().filter_map(|(name, _)| account_data.get(name)?.get("encrypted")?.as_object());
    let key_ids: BTreeSet<&str> = key_ids.flat_map(|entries| entries.keys().map(String::as_str)).collect();
    key_ids.into_iter().filter(|key_id| account_data.key_description(key_id).is_none()).find_map(|key_id| {
        let nothing_known = json!({ "algorithm": "m.secret_storage.v1.aes-hmac-sha2" });
        let raw = to_raw_value(&nothing_known).ok()?;
        let content =
            SecretStorageKeyEventContent::from_parts(&format!("{KEY_PREFIX}{key_id}"), &raw).ok()?;
        let key = SecretStorageKey::from_account_data(entry.expose(), content).ok()?;
        let opens = |(name, secret): &(&str, SecretName)| {
            account_data.encrypted(name, key_id).is_some_and(|entry| decrypt(&key, entry, secret).is_some())
        };
        SECRETS.iter().any(opens).then_some(key)
    })
}

/// Tells whether this description can show an entry to be right or wrong.
pub(in crate::engine) fn is_checkable(description: &Value, as_phrase: bool) -> bool {
    let rounds = description.get("passphrase").and_then(|passphrase| passphrase.get("iterations"));
    has_check(description) && (!as_phrase || rounds.and_then(Value::as_u64).is_none_or(can_be_tried))
}

/// Refuses a key under which nothing may be stored: not the default key, a description that cannot check an entry, or a
/// weak phrase.
///
/// # Errors
/// [`Problem::KeyNotProved`] or [`Problem::WeakKey`].
pub(in crate::engine) fn require_strong(
    account_data: &AccountData,
    key: &SecretStorageKey,
) -> Result<(), Problem> {
    let key_id = key.key_id();
    let description = account_data.key_description(key_id).filter(|description| has_check(description));
    if description.is_none() || account_data.default_key() != Some(key_id) {
        return Err(Problem::KeyNotProved);
    }
    require_rounds(account_data, key)
}

/// Refuses a key whose phrase can be guessed too fast: whoever guesses it has the key, even if the person entered the
/// recovery key.
///
/// # Errors
/// [`Problem::WeakKey`].
pub(in crate::engine) fn require_rounds(
    account_data: &AccountData,
    key: &SecretStorageKey,
) -> Result<(), Problem> {
    let description = account_data.key_description(key.key_id());
    let phrase = description.and_then(|description| description.get("passphrase"));
    let rounds = |phrase: &Value| phrase.get("iterations").and_then(Value::as_u64);
    match phrase.filter(|phrase| !phrase.is_null()) {
        Some(phrase) if rounds(phrase).is_none_or(|rounds| rounds < LEAST_ROUNDS) => Err(Problem::WeakKey),
        Some(_) | None => Ok(()),
    }
}

fn can_be_tried(rounds: u64) -> bool {
    (1..=MOST_ROUNDS).contains(&rounds)
}

fn has_check(description: &Value) -> bool {
    let text = |field| description.get(field).and_then(Value::as_str);
    ["iv", "mac"].into_iter().all(|field| text(field).is_some_and(|text| !text.is_empty()))
}

/// Reads a description that says how to check a key: without `iv` and `mac`, any key would seem right.
pub(in crate::engine) fn checked_description(
    key_id: &str,
    description: &Value,
) -> Option<SecretStorageKeyEventContent> {
    if !has_check(description) {
        return None;
    }
    let raw = to_raw_value(description).ok()?;
    SecretStorageKeyEventContent::from_parts(&format!("{KEY_PREFIX}{key_id}"), &raw).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(key: &SecretStorageKey) -> (String, Value) {
        (key.key_id().to_owned(), serde_json::to_value(key.event_content()).unwrap())
    }

    #[test]
    fn a_key_opens_its_own_description_and_no_other() {
        let key = SecretStorageKey::new();
        let (key_id, description) = described(&key);
        let entry = Secret::new(key.to_base58());
        assert!(open_with_key(&key_id, &description, &entry).is_some());
        let other = Secret::new(SecretStorageKey::new().to_base58());
        assert!(open_with_key(&key_id, &description, &other).is_none());
    }

    #[test]
    fn a_key_opens_its_description_however_it_was_written() {
        let key = SecretStorageKey::new();
        let (key_id, description) = described(&key);
        let secret = key.encrypt(b"secret".to_vec(), &SECRETS[3].1);
        let stored = json!({ SECRETS[3].0: { "encrypted": { key_id.as_str(): secret } } });
        let stored = AccountData::of(stored).unwrap();
        for separator in ["", " ", "-", "\u{2013}", "\u{200b}", " \n"] {
            let entry = Secret::new(key.to_base58().replace(' ', separator));
            assert!(open_with_key(&key_id, &description, &entry).is_some(), "{separator:?}");
            assert!(open_undescribed(&stored, &entry).is_some(), "{separator:?}");
        }
    }

    #[cfg(feature = "native")]
    #[tokio::test]
    async fn a_phrase_is_not_tried_with_more_rounds_than_the_bound_or_none() {
        use crate::engine::account::derivation::Derivations;

        let phrase = Secret::from("glass otter fifty moons");
        let derivations = Derivations::default();
        let open = async |key_id: &str, description: &Value, phrase: &Secret| {
            open_with_phrase(key_id, description, phrase, &Budget::new(&derivations)).await
        };
        let key = SecretStorageKey::new();
        let (key_id, description) = described(&key);
        assert!(open(&key_id, &description, &Secret::new(key.to_base58())).await.is_none(), "no phrase");
        let (key_id, description) = described(&SecretStorageKey::new_from_passphrase(phrase.expose()));
        assert_eq!(description["passphrase"]["iterations"], 500_000);
        assert!(open(&key_id, &description, &phrase).await.is_some());
        assert!(open(&key_id, &description, &Secret::from("glass otter fifty moon")).await.is_none());
        for rounds in [0_u64, 10_000_001, u64::from(u32::MAX), 1 << 50] {
            let mut hostile = description.clone();
            hostile["passphrase"]["iterations"] = json!(rounds);
            assert!(open(&key_id, &hostile, &phrase).await.is_none(), "{rounds}");
        }
    }

    #[test]
    fn a_description_without_a_check_is_not_relied_on() {
        let key = SecretStorageKey::new();
        let (key_id, description) = described(&key);
        for field in ["iv", "mac"] {
            for value in [Value::Null, json!(""), json!(7)] {
                let mut weak = description.clone();
                weak[field] = value;
                assert!(open_with_key(&key_id, &weak, &Secret::new(key.to_base58())).is_none(), "{field}");
            }
        }
    }
}
