//! Global account data: read all that matters in one request, and always fresh.
//!
//! Source: specification, "Client config" and "Secrets".

use std::collections::{BTreeMap, BTreeSet};

use matrix_sdk::ruma::{
    OwnedUserId,
    api::client::{
        config::set_global_account_data,
        filter::{Filter, FilterDefinition, RoomFilter},
        sync::sync_events,
    },
    assign,
    presence::PresenceState,
    serde::Raw,
};
use rand::RngExt as _;
use serde::Deserialize;
use serde_json::{Value, json, value::to_raw_value};

use super::http::{Failure, Homeserver};

/// The default key's id.
pub(super) const DEFAULT_KEY: &str = "m.secret_storage.default_key";
/// A key's description; its id follows.
pub(super) const KEY_PREFIX: &str = "m.secret_storage.key.";
/// Whether backup is wanted (specification 1.19).
pub(super) const KEY_BACKUP: &str = "m.key_backup";
/// The same, the other way round, as clients have it today.
pub(super) const BACKUP_DISABLED: &str = "m.org.matrix.custom.backup_disabled";

/// The secret that opens the dehydrated device (MSC3814).
pub(super) const DEHYDRATED_DEVICE: &str = "org.matrix.msc3814";
/// Where this page puts aside, as they are, encrypted secrets that it is about to replace; something
/// random follows. The content maps an event's type to what its content was.
const ARCHIVE_PREFIX: &str = "matrixbackup.archive.";

/// How many key descriptions are looked at; accounts have one, rarely three.
const MOST_DESCRIPTIONS: usize = 8;

/// Account data events by type.
#[derive(Clone, Debug, Default)]
pub(super) struct AccountData(BTreeMap<String, Value>);

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    event_type: String,
    content: Value,
}

impl AccountData {
    /// From events by type.
    #[cfg(feature = "fuzzing")]
    pub(super) fn of(events: Value) -> Option<Self> {
        serde_json::from_value(events).ok().map(Self)
    }

    /// Reads the account data about secrets and backup, and nothing else: no room, no presence.
    ///
    /// # Errors
    /// The request's [`Failure`].
    pub(super) async fn read(server: &Homeserver) -> Result<Self, Failure> {
        let types = [
            "m.secret_storage.*",
            "m.cross_signing.*",
            "m.megolm_backup.v1",
            DEHYDRATED_DEVICE,
            KEY_BACKUP,
            BACKUP_DISABLED,
        ];
        let archives = format!("{ARCHIVE_PREFIX}*");
        Self::read_types(server, Some(types.into_iter().map(ToOwned::to_owned).chain([archives]).collect()))
            .await
    }

    /// Reads all global account data: a secret may lie in an event of any type.
    ///
    /// # Errors
    /// The request's [`Failure`].
    pub(super) async fn read_all(server: &Homeserver) -> Result<Self, Failure> {
        Self::read_types(server, None).await
    }

    async fn read_types(server: &Homeserver, types: Option<Vec<String>>) -> Result<Self, Failure> {
        let nothing = || assign!(Filter::default(), { types: Some(Vec::new()) });
        // Synapse caches an initial sync for two minutes by its exact parameters. A type that never
        // exists makes each read a new question.
        let nonce = format!("never.{:032x}", rand::rng().random::<u128>());
        let filter = assign!(FilterDefinition::default(), {
            account_data: assign!(Filter::default(), { types, not_types: vec![nonce] }),
            presence: nothing(),
            room: assign!(RoomFilter::default(), { rooms: Some(Vec::new()) }),
        });
        let request = assign!(sync_events::v3::Request::new(), {
            filter: Some(sync_events::v3::Filter::FilterDefinition(filter)),
            set_presence: PresenceState::Offline,
        });
        let response = server.send(request).await?;
        let events = response.account_data.events.iter();
        let events = events.filter_map(|event| event.deserialize_as_unchecked::<Event>().ok());
        Ok(Self(events.map(|event| (event.event_type, event.content)).collect()))
    }

    /// The content of an event; an empty object, which means "deleted", counts as none.
    pub(super) fn get(&self, event_type: &str) -> Option<&Value> {
        self.0.get(event_type).filter(|content| content.as_object().is_none_or(|object| !object.is_empty()))
    }

    /// The id of the default key.
    pub(super) fn default_key(&self) -> Option<&str> {
        self.get(DEFAULT_KEY)?.get("key")?.as_str().filter(|id| !id.is_empty())
    }

    /// The description of a key, as it stands.
    pub(super) fn key_description(&self, key_id: &str) -> Option<&Value> {
        self.get(&format!("{KEY_PREFIX}{key_id}"))
    }

    /// The key descriptions there are, with their keys' ids; a few, since trying each may cost a second. Those come first
    /// that are for something: the default key's, then those of keys under which something lies, and of several the one
    /// with the fewest rounds. Otherwise any number of others could stand before them.
    pub(super) fn key_descriptions(&self) -> impl Iterator<Item = (&str, &Value)> {
        let all = self.0.iter();
        let mut all: Vec<_> =
            all.filter_map(|(name, content)| Some((name.strip_prefix(KEY_PREFIX)?, content))).collect();
        // Once for all of them: there may be as many as fit into an answer.
        let entries = self.0.values().filter_map(|content| content.get("encrypted")?.as_object());
        let used: BTreeSet<&str> = entries.flat_map(|entries| entries.keys().map(String::as_str)).collect();
        let rounds = |description: &Value| description.pointer("/passphrase/iterations")?.as_u64();
        all.sort_by_cached_key(|(key_id, description)| {
            let is_default = self.default_key() == Some(*key_id);
            (!is_default, !used.contains(key_id), rounds(description))
        });
        all.into_iter().take(MOST_DESCRIPTIONS)
    }

    /// A secret as encrypted under one key.
    pub(super) fn encrypted(&self, secret: &str, key_id: &str) -> Option<&Value> {
        self.get(secret)?.get("encrypted")?.get(key_id)
    }

    /// A secret's event with one more entry; every other entry stays.
    pub(super) fn with_encrypted(&self, secret: &str, key_id: &str, entry: Value) -> Value {
        let mut content =
            self.get(secret).filter(|content| content.is_object()).cloned().unwrap_or_else(|| json!({}));
        if !content.get("encrypted").is_some_and(Value::is_object) {
            content["encrypted"] = json!({});
        }
        content["encrypted"][key_id] = entry;
        content
    }

    /// A secret's event without the entry under one key; every other entry stays.
    pub(super) fn without_encrypted(&self, secret: &str, key_id: &str) -> Option<Value> {
        let mut content = self.get(secret)?.clone();
        content.get_mut("encrypted")?.as_object_mut()?.remove(key_id)?;
        Some(content)
    }

    /// The events, of whatever type, that hold something encrypted under a key.
    pub(super) fn encrypted_under(&self, key_id: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().filter_map(move |(event_type, content)| {
            Some((event_type.as_str(), content.get("encrypted")?.get(key_id)?))
        })
    }

    /// What this page put aside on earlier occasions.
    pub(super) fn archives(&self) -> impl Iterator<Item = (&str, &Value)> {
        let all = self.0.keys().filter(|name| name.starts_with(ARCHIVE_PREFIX));
        all.filter_map(|name| Some((name.as_str(), self.get(name)?)))
    }

    /// Whether the person switched backup off, in either way of saying it.
    pub(super) fn backup_switched_off(&self) -> bool {
        let flag = |event_type, name| self.get(event_type)?.get(name)?.as_bool();
        flag(KEY_BACKUP, "enabled") == Some(false) || flag(BACKUP_DISABLED, "disabled") == Some(true)
    }
}

/// A type for one more archive.
pub(super) fn new_archive() -> String {
    format!("{ARCHIVE_PREFIX}{:016x}", rand::rng().random::<u64>())
}

/// Writes one event. Writing the same content again changes nothing.
///
/// # Errors
/// The request's [`Failure`].
pub(super) async fn write(
    server: &Homeserver,
    user_id: &OwnedUserId,
    event_type: &str,
    content: &Value,
) -> Result<(), Failure> {
    let content = Raw::from_json(to_raw_value(content).map_err(|_| Failure::Garbled)?);
    let request = set_global_account_data::v3::Request::new_raw(user_id.clone(), event_type.into(), content);
    server.send(request).await.map(|_| ())
}

#[cfg(test)]
mod tests {
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
        let order: Vec<_> = data.key_descriptions().map(|(key_id, _)| key_id).collect();
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
            assert_eq!(data(events.clone()).backup_switched_off(), off, "{events}");
        }
    }
}
