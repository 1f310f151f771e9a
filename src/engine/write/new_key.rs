//! Makes a secret storage key, with the description by which other clients find it.
//!
//! Does it as the SDK does, except that [`derivation`] derives a phrase, and does not block the worker in a browser.
//!
//! Source: specification, "Secrets", `m.secret_storage.v1.aes-hmac-sha2`, "Deriving keys from passphrases".

use matrix_sdk::ruma::events::{
    EventContentFromType as _,
    secret_storage::key::{PassPhrase, SecretStorageKeyEventContent},
};
use matrix_sdk_crypto::secret_storage::SecretStorageKey;
use rand::distr::{Alphanumeric, SampleString as _};
use serde_json::{Value, json, value::to_raw_value};

use crate::{
    domain::{recovery_key::RecoveryKey, secret::Secret},
    engine::account::{
        derivation::{self, Derivations},
        event_types::KEY_PREFIX,
        secret_storage::check_of,
    },
};

/// The rounds of a phrase, the same as the SDK and Element use.
const ROUNDS: u32 = 500_000;
/// The length of a key id and of a salt, in letters and digits; the SDK's are as long.
const ID_LENGTH: usize = 32;

/// A new key with its description.
pub(in crate::engine) struct NewKey {
    /// The key.
    pub(in crate::engine) key: SecretStorageKey,
    /// Its description, with the phrase's salt and rounds.
    pub(in crate::engine) description: Value,
}

impl NewKey {
    /// Makes a key, from a phrase if there is one, and remembers to what that leads: whoever proves the key need not derive
    /// the same again. `None` never happens: everything made here is valid.
    pub(in crate::engine) async fn make(phrase: Option<&Secret>, derivations: &Derivations) -> Option<Self> {
        let Some(phrase) = phrase else {
            let key = SecretStorageKey::new();
            let description = serde_json::to_value(key.event_content()).ok()?;
            return Some(Self { key, description });
        };
        let salt = Alphanumeric.sample_string(&mut rand::rng(), ID_LENGTH);
        let derived = derivation::derive(phrase, salt.as_bytes(), ROUNDS).await?;
        derivations.remember(phrase, &salt, ROUNDS, &derived);
        let recovery_key = RecoveryKey::of(&derived).text();
        let key_id = Alphanumeric.sample_string(&mut rand::rng(), ID_LENGTH);
        let described = |description: Value| {
            let raw = to_raw_value(&description).ok()?;
            SecretStorageKeyEventContent::from_parts(&[KEY_PREFIX, &key_id].concat(), &raw).ok()
        };
        let algorithm = "m.secret_storage.v1.aes-hmac-sha2";
        let unchecked = described(json!({ "algorithm": algorithm }))?;
        let unchecked = SecretStorageKey::from_account_data(recovery_key.expose(), unchecked).ok()?;
        let check = check_of(&unchecked)?;
        let content = described(json!({ "algorithm": algorithm, "iv": check["iv"], "mac": check["mac"] }))?;
        let mut with_phrase = content.clone();
        with_phrase.passphrase = Some(PassPhrase::new(salt, ROUNDS.into()));
        let description = serde_json::to_value(with_phrase).ok()?;
        // From a description with a phrase the SDK would derive again.
        let key = SecretStorageKey::from_account_data(recovery_key.expose(), content).ok()?;
        Some(Self { key, description })
    }
}

#[cfg(test)]
#[cfg(feature = "native")]
mod tests {
    use matrix_sdk::ruma::events::secret::request::SecretName;

    use super::*;
    use crate::engine::account::{
        account_data::AccountData,
        derivation::{Budget, MOST_ROUNDS},
        secret_storage::open_with_phrase,
    };

    /// Phrases of every kind: those that a keyboard gives, and those that only a paste does.
    const PHRASES: [&str; 6] =
        ["glass otter fifty moons", "größer als 100 €", "gro\u{308}ßer", "こんにちは", "👩\u{200d}🚀", ""];

    fn content(key_id: &str, description: &Value) -> SecretStorageKeyEventContent {
        let raw = to_raw_value(description).unwrap();
        SecretStorageKeyEventContent::from_parts(&[KEY_PREFIX, key_id].concat(), &raw).unwrap()
    }

    #[tokio::test]
    async fn the_sdk_opens_what_is_made_here_and_it_says_the_same_of_it() {
        let theirs = SecretStorageKey::new_from_passphrase("glass otter");
        let description = serde_json::to_value(theirs.event_content()).unwrap();
        let phrase = PHRASES[2];
        let made = NewKey::make(Some(&Secret::from(phrase)), &Derivations::default()).await.unwrap();
        let key_id = made.key.key_id();
        let opened = SecretStorageKey::from_account_data(phrase, content(key_id, &made.description)).unwrap();
        assert_eq!(opened.to_base58(), made.key.to_base58(), "{phrase}");
        let fields = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(fields(&made.description), fields(&description));
        let (ours, theirs) = (&made.description["passphrase"], &description["passphrase"]);
        assert_eq!(fields(ours), fields(theirs));
        assert_eq!((&ours["algorithm"], &ours["iterations"]), (&theirs["algorithm"], &theirs["iterations"]));
        for field in ["iv", "mac"] {
            let length = |value: &Value| value[field].as_str().unwrap().len();
            assert_eq!(length(&made.description), length(&description), "{field}");
        }
        let lengths = (key_id.len(), ours["salt"].as_str().unwrap().len());
        assert_eq!(lengths, (ID_LENGTH, theirs["salt"].as_str().unwrap().len()));
    }

    #[tokio::test]
    async fn who_proves_a_new_key_by_its_phrase_derives_nothing_twice() {
        let (phrase, derivations) = (Secret::from(PHRASES[1]), Derivations::default());
        let NewKey { key, description } = NewKey::make(Some(&phrase), &derivations).await.unwrap();
        let key_id = key.key_id();
        let account = AccountData::of(json!({ [KEY_PREFIX, key_id].concat(): description })).unwrap();
        let budget = Budget::new(&derivations);
        let opened = open_with_phrase(&account, key_id, &phrase, &budget).await.unwrap();
        assert_eq!(opened.to_base58(), key.to_base58());
        assert_eq!(budget.left(), MOST_ROUNDS, "costs nothing");
        // Another phrase is not taken for it.
        assert!(open_with_phrase(&account, key_id, &Secret::from(PHRASES[0]), &budget).await.is_none());
        assert_eq!(budget.left(), MOST_ROUNDS - u64::from(ROUNDS));
    }

    #[tokio::test]
    async fn what_the_sdk_derives_is_derived_here_whatever_number_of_bits_is_named() {
        for phrase in PHRASES {
            for bits in [None, Some(256), Some(512), Some(0)] {
                let mut description = json!({
                    "algorithm": "m.secret_storage.v1.aes-hmac-sha2",
                    "passphrase": { "algorithm": "m.pbkdf2", "salt": "salt", "iterations": 1_000 },
                });
                if let Some(bits) = bits {
                    description["passphrase"]["bits"] = json!(bits);
                }
                let theirs = SecretStorageKey::from_account_data(phrase, content("k", &description)).unwrap();
                let check = theirs.encrypt(vec![0; 32], &SecretName::from(""));
                let check = serde_json::to_value(check).unwrap();
                description["iv"] = check["iv"].clone();
                description["mac"] = check["mac"].clone();
                let account = AccountData::of(json!({ [KEY_PREFIX, "k"].concat(): description })).unwrap();
                let derivations = Derivations::default();
                // First derived, then found among the remembered derivations.
                for _ in 0..2 {
                    let (phrase, budget) = (Secret::from(phrase), Budget::new(&derivations));
                    let opened = open_with_phrase(&account, "k", &phrase, &budget).await;
                    assert_eq!(opened.map(|key| key.to_base58()), Some(theirs.to_base58()), "{bits:?}");
                }
            }
        }
    }
}
