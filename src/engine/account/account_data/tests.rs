use super::*;

fn data(events: Value) -> AccountData {
    AccountData(serde_json::from_value(events).unwrap())
}

#[test]
fn an_empty_event_is_a_deleted_one() {
    let data = data(json!({ DEFAULT_KEY: {}, "m.megolm_backup.v1": {} }));
    assert_eq!(data.default_key(), None);
    assert_eq!(data.get("m.megolm_backup.v1"), None);
}

#[test]
fn descriptions_that_are_for_something_come_first_however_many_there_are() {
    let describes = |rounds: u32| json!({ "passphrase": { "iterations": rounds } });
    let mut events: BTreeMap<String, Value> =
        (0..50_000).map(|number| (format!("{KEY_PREFIX}!{number:05}"), describes(number))).collect();
    events.insert(format!("{KEY_PREFIX}used"), describes(500_000));
    events.insert(format!("{KEY_PREFIX}zero"), json!({}));
    events.insert(format!("{KEY_PREFIX}default"), describes(10_000_000));
    events.insert(DEFAULT_KEY.to_owned(), json!({ "key": "default" }));
    events.insert("some.secret".to_owned(), json!({ "encrypted": { "used": {} } }));
    let data = AccountData(events);
    let order: Vec<_> = data.described_keys().collect();
    assert_eq!(order, ["default", "used", "zero", "!00000", "!00001", "!00002", "!00003", "!00004"]);
}

#[test]
fn odd_default_keys_are_none() {
    for odd in [json!({"key": ""}), json!({"key": 7}), json!("key"), json!([]), json!({"keys": "a"})] {
        assert_eq!(data(json!({ DEFAULT_KEY: odd })).default_key(), None);
    }
}

#[test]
fn a_new_entry_keeps_every_other_entry_and_field() {
    let before = data(json!({"s": {"encrypted": {"old": {"iv": "a"}}, "other": 1}}));
    let after = before.with_encrypted("s", "new", json!({"iv": "b"}));
    assert_eq!(after, json!({"encrypted": {"old": {"iv": "a"}, "new": {"iv": "b"}}, "other": 1}));
    for odd in [json!({"s": {"encrypted": 3}}), json!({"s": 3}), json!({}), json!({"s": {}})] {
        let after = data(odd).with_encrypted("s", "new", json!({"iv": "b"}));
        assert_eq!(after["encrypted"]["new"], json!({"iv": "b"}));
    }
}

#[test]
fn both_ways_of_switching_backup_off_are_understood() {
    for (events, off) in [
        (json!({}), false),
        (json!({ KEY_BACKUP: {"enabled": true} }), false),
        (json!({ KEY_BACKUP: {"enabled": false} }), true),
        (json!({ BACKUP_DISABLED: {"disabled": true} }), true),
        (json!({ BACKUP_DISABLED: {"disabled": "true"} }), false),
    ] {
        assert_eq!(stored::backup_switched_off(&data(events.clone()).0), off, "{events}");
    }
}
