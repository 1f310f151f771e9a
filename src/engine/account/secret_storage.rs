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
    vodozemac::{base64_decode, base64_encode},
};
use serde_json::{Value, json, value::to_raw_value};
use zeroize::Zeroizing;

use crate::{
    domain::{opening::Form, problem::Problem, recovery_key::RecoveryKey, secret::Secret},
    engine::account::{
        account_data::AccountData,
        derivation::{Budget, MOST_ROUNDS},
        event_types::{KEY_PREFIX, SECRETS},
    },
};

#[cfg(test)]
mod tests;

/// The fewest rounds of a phrase under whose key anything new may be stored; a weaker one still opens what is there.
pub(in crate::engine) const LEAST_ROUNDS: u64 = 100_000;

/// The length of an initialization vector, in bytes.
const IV_LENGTH: usize = 16;

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
    let mut entry = entry.clone();
    straighten(&mut entry);
    let entry: AesHmacSha2EncryptedData = serde_json::from_value(entry).ok()?;
    let plain = Zeroizing::new(key.decrypt(&entry, name).ok()?);
    std::str::from_utf8(&plain).ok().map(|text| Zeroizing::new(text.to_owned()))
}

/// Writes an entry's or a description's base64 as the specification says. Some clients used the alphabet of RFC 4648,
/// section 5; Nheko before 2026-03 wrote an `iv` of 32 bytes, of which the first 16 were used. Answers whether anything
/// differed: other clients do not read it then.
fn straighten(fields: &mut Value) -> bool {
    let mut is_otherwise = false;
    for name in ["iv", "mac", "ciphertext"] {
        let Some(Value::String(text)) = fields.get_mut(name) else { continue };
        let mut straight = in_usual_alphabet(text).to_string();
        if name == "iv"
            && let Ok(bytes) = base64_decode(&straight)
            && bytes.len() == 2 * IV_LENGTH
        {
            straight = base64_encode(bytes.get(..IV_LENGTH).unwrap_or_default());
        }
        is_otherwise |= *text != straight;
        *text = straight;
    }
    is_otherwise
}

/// Writes base64 of the alphabet of RFC 4648, section 5, in the usual one; leaves any other text but `-` and `_` as it is.
pub(in crate::engine) fn in_usual_alphabet(text: &str) -> Zeroizing<String> {
    // Large enough never to grow, which would leave copies of a secret behind.
    let mut usual = Zeroizing::new(String::with_capacity(text.len()));
    usual.extend(text.chars().map(|c| match c {
        '-' => '+',
        '_' => '/',
        c => c,
    }));
    usual
}

/// Returns the form in which a key's description is written, and what lies under the key.
pub(in crate::engine) fn form_of(account_data: &AccountData, key_id: &str) -> Form {
    let description = account_data.key_description(key_id);
    let phrase = description.and_then(|description| description.get("passphrase")).filter(|it| !it.is_null());
    // Clients read the description as a whole, also for a recovery key.
    if phrase.is_some_and(|phrase| serde_json::from_value::<PassPhrase>(phrase.clone()).is_err()) {
        return Form::UnknownPhrase;
    }
    let secrets = SECRETS.iter().filter_map(|(name, _)| account_data.encrypted(name, key_id));
    let is_otherwise = secrets.chain(description).any(|fields| straighten(&mut fields.clone()));
    if is_otherwise || !description.is_some_and(has_check) { Form::ForFew } else { Form::ForAll }
}

/// Returns the events that have to be written so that every client reads what lies under a key: each secret that is
/// there, and the description with a check of the key. Events that are right already are left out.
pub(in crate::engine) fn rewritten(
    account_data: &AccountData,
    key: &SecretStorageKey,
) -> Vec<(String, Value)> {
    let key_id = key.key_id();
    let secrets = SECRETS.iter().filter_map(|(name, _)| {
        let mut entry = account_data.encrypted(name, key_id)?.clone();
        straighten(&mut entry).then(|| ((*name).to_owned(), account_data.with_encrypted(name, key_id, entry)))
    });
    let description = account_data.key_description(key_id).and_then(|before| {
        let mut description = before.clone();
        straighten(&mut description);
        if !has_check(&description) {
            let check = check_of(key)?;
            for name in ["iv", "mac"] {
                description.as_object_mut()?.insert(name.to_owned(), check.get(name)?.clone());
            }
        }
        (description != *before).then(|| (format!("{KEY_PREFIX}{key_id}"), description))
    });
    secrets.chain(description).collect()
}

/// Makes the check of a key, `iv` and `mac`: 32 zero bytes, encrypted under an empty name. `None` never happens.
///
/// Source: specification, "`m.secret_storage.v1.aes-hmac-sha2`".
pub(in crate::engine) fn check_of(key: &SecretStorageKey) -> Option<Value> {
    serde_json::to_value(key.encrypt(vec![0; 32], &SecretName::from(""))).ok()
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
    serde_json::to_value(entry).map_err(|_| Problem::engine_stopped())
}

/// Opens a described key with a recovery key; ignores its phrase.
///
/// `None` if the key is another, or if nothing shows which is the right one: see [`is_right`].
pub(in crate::engine) fn open_with_key(
    account_data: &AccountData,
    key_id: &str,
    entry: &Secret,
) -> Option<SecretStorageKey> {
    let entry = RecoveryKey::parse(entry.expose()).ok()?.text();
    let description = account_data.key_description(key_id)?;
    let key = SecretStorageKey::from_account_data(entry.expose(), content_of(key_id, description)?).ok()?;
    is_right(account_data, description, &key).then_some(key)
}

/// Opens a described key with a phrase.
///
/// `None` if the description has no phrase, another algorithm for it, no rounds or more than the budget has left, or if
/// the phrase is another.
pub(in crate::engine) async fn open_with_phrase(
    account_data: &AccountData,
    key_id: &str,
    phrase: &Secret,
    budget: &Budget<'_>,
) -> Option<SecretStorageKey> {
    let description = account_data.key_description(key_id)?;
    let content = content_of(key_id, description)?;
    let (salt, rounds) = salt_and_rounds(description)?;
    let derived = budget.derive(phrase, salt, rounds).await?;
    let key = RecoveryKey::of(&derived).text();
    let key = SecretStorageKey::from_account_data(key.expose(), content).ok()?;
    if !is_right(account_data, description, &key) {
        return None;
    }
    budget.opened(phrase, salt, rounds, &derived);
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
        let content = content_of(key_id, &nothing_known)?;
        let key = SecretStorageKey::from_account_data(entry.expose(), content).ok()?;
        opens_something(account_data, &key).then_some(key)
    })
}

/// Tells whether anything on the server can show an entry to be right or wrong.
pub(in crate::engine) fn is_checkable(account_data: &AccountData, key_id: &str, as_phrase: bool) -> bool {
    let description = account_data.key_description(key_id);
    let rounds = description.and_then(|description| description.pointer("/passphrase/iterations"));
    let is_told = description.is_some_and(has_check)
        || SECRETS.iter().any(|(name, _)| account_data.encrypted(name, key_id).is_some());
    is_told && (!as_phrase || rounds.and_then(Value::as_u64).is_none_or(can_be_tried))
}

/// Tells whether a description has a phrase that leads to its key in a way which this page does not know.
pub(in crate::engine) fn has_unknown_phrase(account_data: &AccountData, key_id: &str) -> bool {
    let description = account_data.key_description(key_id);
    let has_phrase = |description: &Value| description.get("passphrase").is_some_and(Value::is_object);
    description.is_some_and(|description| has_phrase(description) && salt_and_rounds(description).is_none())
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
    if !is_default(account_data, key) {
        return Err(Problem::KeyNotProved);
    }
    require_rounds(account_data, key)
}

/// Tells whether this is the key that apps ask for, and the right one.
pub(in crate::engine) fn is_default(account_data: &AccountData, key: &SecretStorageKey) -> bool {
    let is_proved = |description| is_right(account_data, description, key);
    account_data.key_description(key.key_id()).is_some_and(is_proved)
        && account_data.default_key() == Some(key.key_id())
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

/// Tells whether a key that fits its description is the right one. The specification lets a description have no check of
/// its key ("`m.secret_storage.v1.aes-hmac-sha2`"). Any key fits it then, but only the right one decrypts what lies
/// under it.
fn is_right(account_data: &AccountData, description: &Value, key: &SecretStorageKey) -> bool {
    has_check(description) || opens_something(account_data, key)
}

fn opens_something(account_data: &AccountData, key: &SecretStorageKey) -> bool {
    let opens = |(name, secret): &(&str, SecretName)| {
        account_data.encrypted(name, key.key_id()).is_some_and(|entry| decrypt(key, entry, secret).is_some())
    };
    SECRETS.iter().any(opens)
}

/// Returns the salt and the rounds by which a description's phrase leads to its key; `None` if it has no phrase, or
/// another algorithm than PBKDF2.
fn salt_and_rounds(description: &Value) -> Option<(&str, u64)> {
    let phrase = description.get("passphrase")?;
    let is_known = phrase.get("algorithm").and_then(Value::as_str) == Some("m.pbkdf2");
    let rounds = phrase.get("iterations").and_then(Value::as_u64);
    phrase.get("salt").and_then(Value::as_str).zip(rounds).filter(|_| is_known)
}

/// Returns a description as the SDK takes it, without its phrase. With that in it, the SDK would derive by itself, even
/// from a recovery key, and block the engine meanwhile. A check without `iv` or `mac` is left out, too.
fn content_of(key_id: &str, description: &Value) -> Option<SecretStorageKeyEventContent> {
    let mut description = description.clone();
    let is_checked = has_check(&description);
    straighten(&mut description);
    let fields = description.as_object_mut()?;
    fields.retain(|name, _| name != "passphrase" && (is_checked || name != "iv" && name != "mac"));
    let raw = to_raw_value(&description).ok()?;
    SecretStorageKeyEventContent::from_parts(&format!("{KEY_PREFIX}{key_id}"), &raw).ok()
}
