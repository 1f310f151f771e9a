//! Tests entries that lack something. Old apps wrote such entries: the key is right, and no other app reads it.

use super::*;

/// A room key as it lies in an entry, with what the entry says beside it.
struct Entry {
    key: Value,
    beside: Value,
}

/// The fields that every app wants, and that change nothing.
const EMPTY: [&str; 2] = ["sender_claimed_keys", "forwarding_curve25519_key_chain"];

impl Entry {
    /// A whole one of this key.
    fn whole(made: &ExportedRoomKey) -> Self {
        let key = json!({
            "algorithm": "m.megolm.v1.aes-sha2", "sender_key": made.sender_key.to_base64(),
            "session_key": made.session_key.to_base64(), "sender_claimed_keys": {},
            "forwarding_curve25519_key_chain": [], "of the future": 1,
        });
        let beside = json!({"first_message_index": 5, "forwarded_count": 3, "is_verified": true});
        Self { key, beside }
    }

    /// Each way in which it lacks only what changes nothing, and whether that is one of the marks beside the key.
    fn damaged(&self) -> Vec<(Self, bool)> {
        let (whole, beside) = (&self.key, &self.beside);
        let mut misspelt = without(whole, EMPTY[0]);
        misspelt["sender_clencaimed_keys"] = json!({});
        let mut damaged = vec![misspelt];
        damaged.extend(EMPTY.map(|field| null(whole, field)));
        damaged.push(without(whole, EMPTY[0]));
        let of = |key: &Value, beside: Value| Self { key: key.clone(), beside };
        let mut entries: Vec<_> = damaged.iter().map(|key| (of(key, beside.clone()), false)).collect();
        for field in ["first_message_index", "forwarded_count", "is_verified"] {
            entries.push((of(whole, null(beside, field)), true));
            entries.push((of(whole, without(beside, field)), true));
        }
        entries
    }
}

fn without(object: &Value, field: &str) -> Value {
    let mut object = object.clone();
    object.as_object_mut().unwrap().remove(field);
    object
}

fn with(object: &Value, field: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[field] = value;
    object
}

fn null(object: &Value, field: &str) -> Value {
    with(object, field, Value::Null)
}

fn open(key: &BackupKey, made: &ExportedRoomKey, entry: &Value) -> Option<RoomKey> {
    key.open(&made.session_id, &serde_json::value::to_raw_value(entry).unwrap())
}

/// Seals an entry's key again; returns it as every app reads it, with its text.
fn moved(new: &BackupDecryptionKey, made: &ExportedRoomKey, key: &RoomKey) -> RoomKey {
    let new_key = BackupKey::from(new);
    let moved = serde_json::to_value(new_key.seal(key).unwrap()).unwrap();
    let again = open(&new_key, made, &moved).unwrap();
    let data: KeyBackupData = serde_json::from_value(moved).unwrap();
    let theirs = new.decrypt_session_data(data.session_data).unwrap();
    assert_eq!(theirs.session_key.to_bytes(), made.session_key.to_bytes());
    again
}

#[tokio::test]
async fn an_entry_that_lacks_only_what_changes_nothing_is_moved_whole_and_told_apart() {
    let (old, new) = (BackupDecryptionKey::new(), BackupDecryptionKey::new());
    let old_key = BackupKey::from(&old);
    let made = made::at(&made::make(1, 1)[0], 5);
    let whole = Entry::whole(&made);
    let good = open(&old_key, &made, &made::seal(&old, &whole.key, &whole.beside)).unwrap();
    assert!(good.was_whole() && !good.lacks_marks());
    for (Entry { key: mut text, beside }, lacks_marks) in whole.damaged() {
        let what = format!("{text} {beside}");
        let damaged = made::seal(&old, &text, &beside);
        let key = open(&old_key, &made, &damaged).expect(&what);
        assert!(!key.was_whole(), "{what}");
        assert_eq!(key.lacks_marks(), lacks_marks, "{what}");
        assert_eq!(key.first_message_index(), 5, "the key's own");
        let marks = (u64::from(key.forwarded_count()), key.is_verified());
        let said = (beside["forwarded_count"].as_u64().unwrap_or(0), beside["is_verified"] == true);
        assert_eq!(marks, said, "{what}");
        assert!(key.opens_all_of(&good) && good.opens_all_of(&key), "{what}");
        // The new entry is read by every app, and says what the old one said.
        let again = moved(&new, &made, &key);
        assert!(again.was_whole() && again.says_the_same_as(&key), "{what}");
        for field in EMPTY {
            text[field] = whole.key[field].clone();
        }
        assert_eq!(serde_json::from_slice::<Value>(again.text()).unwrap(), text, "nothing else was changed");
        // Of two equal keys the whole one stays, whichever comes first.
        let like = json!({"first_message_index": 5, "forwarded_count": marks.0, "is_verified": marks.1});
        let whole = made::seal(&old, &whole.key, &like);
        for entries in [[&whole, &damaged], [&damaged, &whole]] {
            let mut keys = RoomKeys::default();
            for entry in entries {
                keys.add(&made.room_id, &made.session_id, open(&old_key, &made, entry).unwrap());
            }
            assert!(keys.get(&made.room_id, &made.session_id).unwrap().was_whole(), "{what}");
        }
    }
}

#[test]
fn a_missing_field_that_changes_something_or_a_wrong_value_is_not_guessed() {
    let old = BackupDecryptionKey::new();
    let made = made::at(&made::make(1, 1)[0], 5);
    let Entry { key: whole, beside } = Entry::whole(&made);
    for (text, beside) in [
        (without(&whole, "sender_key"), beside.clone()),
        (null(&whole, "session_key"), beside.clone()),
        (with(&whole, "algorithm", json!("m.megolm.v9")), beside.clone()),
        (whole.clone(), json!({"first_message_index": "5", "forwarded_count": 0, "is_verified": false})),
        (whole.clone(), json!({"first_message_index": -1, "forwarded_count": 0, "is_verified": false})),
        (whole.clone(), json!({"first_message_index": 5, "forwarded_count": 0, "is_verified": "no"})),
    ] {
        let sealed = made::seal(&old, &text, &beside);
        assert!(open(&BackupKey::from(&old), &made, &sealed).is_none(), "{text} {beside}");
    }
}
