//! Tests opening secret storage as every client writes it.

use super::*;

fn described(key: &SecretStorageKey) -> (String, Value) {
    (key.key_id().to_owned(), serde_json::to_value(key.event_content()).unwrap())
}

/// An account with one description, and what lies under its key.
fn account(key_id: &str, description: &Value, stored: Option<Value>) -> AccountData {
    AccountData::of(events(key_id, description, stored)).unwrap()
}

fn events(key_id: &str, description: &Value, stored: Option<Value>) -> Value {
    let mut events = json!({ [KEY_PREFIX, key_id].concat(): description });
    if let Some(stored) = stored {
        events[SECRETS[3].0] = json!({ "encrypted": { key_id: stored } });
    }
    events
}

#[test]
fn a_key_opens_its_own_description_and_no_other() {
    let key = SecretStorageKey::new();
    let (key_id, description) = described(&key);
    let account = account(&key_id, &description, None);
    assert!(open_with_key(&account, &key_id, &Secret::new(key.to_base58())).is_some());
    let other = Secret::new(SecretStorageKey::new().to_base58());
    assert!(open_with_key(&account, &key_id, &other).is_none());
}

#[test]
fn a_key_opens_its_description_however_it_was_written() {
    let key = SecretStorageKey::new();
    let (key_id, description) = described(&key);
    let secret = serde_json::to_value(key.encrypt(b"secret".to_vec(), &SECRETS[3].1)).unwrap();
    let account = account(&key_id, &description, Some(secret.clone()));
    let stored = json!({ SECRETS[3].0: { "encrypted": { key_id.as_str(): secret } } });
    let stored = AccountData::of(stored).unwrap();
    for separator in ["", " ", "-", "\u{2013}", "\u{200b}", " \n"] {
        let entry = Secret::new(key.to_base58().replace(' ', separator));
        assert!(open_with_key(&account, &key_id, &entry).is_some(), "{separator:?}");
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
        let account = account(key_id, description, None);
        open_with_phrase(&account, key_id, phrase, &Budget::new(&derivations)).await
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

/// Changes a description, and a secret that lies under its key.
type Change = fn(&mut Value, &mut Value);

/// Lists what other clients have written, and the form that it has.
fn others_ways() -> Vec<(&'static str, Change, Form)> {
    fn in_other_alphabet(fields: &mut Value) {
        for name in ["iv", "mac", "ciphertext"] {
            if let Some(text) = fields[name].as_str() {
                fields[name] = json!(text.replace('+', "-").replace('/', "_"));
            }
        }
    }
    fn with_long_iv(fields: &mut Value) {
        let mut iv = base64_decode(fields["iv"].as_str().unwrap()).unwrap();
        iv.extend([7; IV_LENGTH]);
        fields["iv"] = json!(base64_encode(iv));
    }
    vec![
        ("as it should be", |_, _| {}, Form::ForAll),
        ("without a check", |key, _| *key = json!({ "algorithm": key["algorithm"] }), Form::ForFew),
        ("with half a check", |key, _| key["iv"] = Value::Null, Form::ForFew),
        ("with an empty check", |key, _| (key["iv"], key["mac"]) = (json!(""), json!("")), Form::ForFew),
        (
            "with a phrase of an unknown algorithm",
            |key, _| key["passphrase"] = json!({ "algorithm": "m.argon2id", "salt": "x", "cost": 3 }),
            Form::UnknownPhrase,
        ),
        (
            "with a phrase without rounds",
            |key, _| key["passphrase"] = json!({ "algorithm": "m.pbkdf2", "salt": "x" }),
            Form::UnknownPhrase,
        ),
        ("with an iv of 32 bytes", |key, _| with_long_iv(key), Form::ForFew),
        ("with a secret's iv of 32 bytes", |_, secret| with_long_iv(secret), Form::ForFew),
        (
            "in the other alphabet",
            |key, secret| {
                in_other_alphabet(key);
                in_other_alphabet(secret);
            },
            Form::ForFew,
        ),
    ]
}

#[test]
fn what_other_clients_wrote_is_opened_by_the_right_key_alone_and_written_anew_for_all() {
    // Often enough for letters in which the two alphabets differ.
    for _ in 0..8 {
        for (way, change, form) in others_ways() {
            let key = SecretStorageKey::new();
            let (key_id, mut description) = described(&key);
            let mut secret = serde_json::to_value(key.encrypt(vec![b'x'; 43], &SECRETS[3].1)).unwrap();
            let before = (description.clone(), secret.clone());
            change(&mut description, &mut secret);
            let is_changed = before != (description.clone(), secret.clone());
            let mut events = events(&key_id, &description, Some(secret));
            let form = if is_changed { form } else { Form::ForAll };
            assert_eq!(form_of(&AccountData::of(events.clone()).unwrap(), &key_id), form, "{way}");
            // Once as it is, and once as it is written anew.
            for is_rewritten in [false, true] {
                let account = AccountData::of(events.clone()).unwrap();
                let opened = open_with_key(&account, &key_id, &Secret::new(key.to_base58())).expect(way);
                assert!(backup_decryption_key(&account, &key_id, &opened).is_some(), "{way}");
                let other = Secret::new(SecretStorageKey::new().to_base58());
                assert!(open_with_key(&account, &key_id, &other).is_none(), "{way}");
                if is_rewritten {
                    let is_left = form == Form::UnknownPhrase;
                    assert_eq!(form_of(&account, &key_id) == Form::ForAll, !is_left, "{way}");
                    assert!(rewritten(&account, &opened).is_empty(), "{way}");
                }
                events.as_object_mut().unwrap().extend(rewritten(&account, &opened));
            }
        }
    }
}

#[test]
fn a_description_without_a_check_is_not_relied_on_where_nothing_lies_under_its_key() {
    let key = SecretStorageKey::new();
    let (key_id, description) = described(&key);
    for field in ["iv", "mac"] {
        for value in [Value::Null, json!(""), json!(7)] {
            let mut weak = description.clone();
            weak[field] = value;
            let account = account(&key_id, &weak, None);
            let entry = Secret::new(key.to_base58());
            assert!(open_with_key(&account, &key_id, &entry).is_none(), "{field}");
            assert!(!is_checkable(&account, &key_id, false), "{field}");
        }
    }
}
