//! Global account data: one request reads all that matters, and no stale answer of a server's cache is relied on.
//!
//! A sync gives everything at once, but some servers answer it from a cache. Two things make up for that. If a sync
//! lacks what this visit wrote, single reads correct it, which no server caches. Before the page merges into an event,
//! it also reads that event singly, and both answers have to agree.
//!
//! Source: specification, "Client config" and "Secrets".

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::{StreamExt as _, TryStreamExt as _, stream, try_join};
use matrix_sdk::ruma::{
    OwnedUserId, UserId,
    api::client::{
        config::{get_global_account_data, set_global_account_data},
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

use crate::{
    domain::{
        account::{Account, stored},
        problem::Problem,
    },
    engine::{
        account::event_types::{
            ARCHIVE_PREFIX, BACKUP_DISABLED, DEFAULT_KEY, DEHYDRATED_DEVICE, KEY_BACKUP, KEY_PREFIX, SECRETS,
        },
        connection::Connection,
        net::{failure::Failure, homeserver::Homeserver, timing},
    },
};

/// Types that hold no secret and may be large. Leaving them out saves bytes; nothing depends on it.
const UNRELATED: [&str; 10] = [
    "m.push_rules",
    "m.direct",
    "m.ignored_user_list",
    "m.widgets",
    "im.vector.web.settings",
    "im.vector.setting.breadcrumbs",
    "io.element.recent_emoji",
    "io.element.matrix_client_information",
    "im.ponies.user_emotes",
    "im.ponies.emote_rooms",
];
/// The most types found in a sync that are also read singly; accounts have a dozen that matter.
const MOST_SINGLE_READS: usize = 100;
/// Single reads under way at the same time.
const SINGLE_READS_AT_ONCE: usize = 16;
/// The time between two looks, of which the first may have met another client in the middle of writing.
const BETWEEN_TWO_LOOKS: Duration = Duration::from_secs(1);

/// Key descriptions that an entry is tried on; accounts have one, rarely three.
const MOST_DESCRIPTIONS: usize = 8;

/// Account data events by type.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct AccountData(BTreeMap<String, Value>);

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    event_type: String,
    content: Value,
}

impl AccountData {
    /// Takes an object of contents by event type; `None` if it is no object.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(in crate::engine) fn of(events: Value) -> Option<Self> {
        serde_json::from_value(events).ok().map(Self)
    }

    /// Reads the global account data, without the types that are known to be large and to hold no secret. If the answer
    /// lacks something that this visit wrote, reads singly what matters.
    ///
    /// # Errors
    /// A request's [`Failure`].
    pub(in crate::engine) async fn read(server: &Homeserver) -> Result<Self, Failure> {
        Self::read_but(server, &UNRELATED).await
    }

    /// Reads all global account data, otherwise as [`Self::read`] does: a secret may lie in an event of any type.
    ///
    /// # Errors
    /// A request's [`Failure`].
    pub(in crate::engine) async fn read_all(server: &Homeserver) -> Result<Self, Failure> {
        Self::read_but(server, &[]).await
    }

    /// Reads as [`Self::read`] does before these types are merged into or relied on. Reads each of them singly as well,
    /// and both answers have to agree. `check` judges the answer to the sync.
    ///
    /// # Errors
    /// The problem that `check` finds; [`Problem::Contradicted`] if the answers still differ at the second look; a
    /// request's problem.
    pub(in crate::engine) async fn read_surely(
        server: &Homeserver,
        user_id: &UserId,
        types: impl IntoIterator<Item = String>,
        check: impl Fn(&Self) -> Result<(), Problem>,
    ) -> Result<Self, Problem> {
        let types: BTreeSet<String> = types.into_iter().collect();
        for pause in [Some(BETWEEN_TWO_LOOKS), None] {
            let (synced, single) = try_join!(Self::read(server), Self::singly(server, user_id, &types))?;
            check(&synced)?;
            if let Some(sure) = synced.agreed(single, &types) {
                return Ok(sure);
            }
            wait(pause).await;
        }
        Err(Problem::Contradicted)
    }

    /// Reads as [`Self::read_all`] does before secrets of any name are merged into: reads them singly as well, and both
    /// answers have to agree.
    ///
    /// # Errors
    /// [`Problem::Contradicted`]; a request's problem.
    pub(in crate::engine) async fn read_all_surely(
        server: &Homeserver,
        user_id: &UserId,
    ) -> Result<Self, Problem> {
        for pause in [Some(BETWEEN_TWO_LOOKS), None] {
            let synced = Self::read_all(server).await?;
            let types = synced.types_that_matter();
            let single = Self::singly(server, user_id, &types).await?;
            if let Some(sure) = synced.agreed(single, &types) {
                return Ok(sure);
            }
            wait(pause).await;
        }
        Err(Problem::Contradicted)
    }

    async fn read_but(server: &Homeserver, not_types: &[&str]) -> Result<Self, Failure> {
        let mut data = Self::sync(server, not_types).await?;
        let written = server.written();
        let Some(user_id) = written.is_not_shown_in(|event_type| data.get(event_type)) else {
            return Ok(data);
        };
        // Either the server's cache is stale, or another client has written since.
        let mut known = BTreeSet::new();
        // The second round reads what the first has brought up, such as the description of another default key.
        for _ in 0..2 {
            let types = data.types_that_matter().into_iter().chain(written.types());
            let types: BTreeSet<_> = types.filter(|event_type| !known.contains(event_type)).collect();
            if !types.is_empty() {
                let single = Self::singly(server, &user_id, &types).await?;
                data.correct(single, &types);
                known.extend(types);
            }
        }
        written.correct(|event_type| data.get(event_type));
        Ok(data)
    }

    /// Reads everything but some types, in one request. The filter has no patterns: Dendrite on SQLite does not know
    /// them.
    async fn sync(server: &Homeserver, not_types: &[&str]) -> Result<Self, Failure> {
        let nothing = || assign!(Filter::default(), { types: Some(Vec::new()) });
        // Synapse caches an initial sync for two minutes by its exact parameters. A random type, which never exists,
        // makes each filter a new one.
        let nonce = format!("never.{:032x}", rand::rng().random::<u128>());
        let not_types = not_types.iter().map(|&name| name.to_owned()).chain([nonce]).collect();
        let filter = assign!(FilterDefinition::default(), {
            account_data: assign!(Filter::default(), { not_types }),
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

    /// Reads some types one by one, several at a time; leaves out those that do not exist.
    async fn singly(
        server: &Homeserver,
        user_id: &UserId,
        types: &BTreeSet<String>,
    ) -> Result<Self, Failure> {
        let reads = types.iter().map(async |event_type| {
            let request =
                get_global_account_data::v3::Request::new(user_id.to_owned(), event_type.as_str().into());
            match server.send(request).await {
                Ok(answer) => match answer.account_data.deserialize_as_unchecked::<Value>() {
                    Ok(content) => Ok(Some((event_type.clone(), content))),
                    Err(_) => Err(Failure::Garbled),
                },
                Err(failure) if failure.is("M_NOT_FOUND") => Ok(None),
                Err(failure) => Err(failure),
            }
        });
        let reads = stream::iter(reads).buffer_unordered(SINGLE_READS_AT_ONCE);
        let read: Vec<_> = reads.try_collect().await?;
        Ok(Self(read.into_iter().flatten().collect()))
    }

    /// The types that this page knows by name, that hold secrets, or that describe keys.
    fn types_that_matter(&self) -> BTreeSet<String> {
        let named = SECRETS.iter().map(|(name, _)| *name);
        let named = named.chain([DEFAULT_KEY, KEY_BACKUP, BACKUP_DISABLED, DEHYDRATED_DEVICE]);
        let holds_secrets = |content: &Value| content.get("encrypted").is_some_and(Value::is_object);
        let found = self.0.iter().filter(|(name, content)| {
            name.starts_with(KEY_PREFIX) || name.starts_with(ARCHIVE_PREFIX) || holds_secrets(content)
        });
        let description = self.default_key().map(|key_id| format!("{KEY_PREFIX}{key_id}"));
        let found = found.map(|(name, _)| name.clone()).take(MOST_SINGLE_READS);
        named.map(ToOwned::to_owned).chain(description).chain(found).collect()
    }

    /// Replaces these types by what was read singly.
    fn correct(&mut self, single: Self, types: &BTreeSet<String>) {
        self.0.retain(|event_type, _| !types.contains(event_type));
        self.0.extend(single.0);
    }

    /// Returns itself if the single reads agree on these types.
    fn agreed(mut self, single: Self, types: &BTreeSet<String>) -> Option<Self> {
        let is_same = types.iter().all(|event_type| self.get(event_type) == single.get(event_type));
        self.correct(single, types);
        is_same.then_some(self)
    }

    /// The content of an event. An empty object means "deleted" and counts as none.
    pub(in crate::engine) fn get(&self, event_type: &str) -> Option<&Value> {
        stored::content(&self.0, event_type)
    }

    /// The id of the default key.
    pub(in crate::engine) fn default_key(&self) -> Option<&str> {
        stored::default_key(&self.0)
    }

    /// The description of a key, as it stands.
    pub(in crate::engine) fn key_description(&self, key_id: &str) -> Option<&Value> {
        stored::key_description(&self.0, key_id)
    }

    /// The ids of the described keys that an entry is tried on: a few, since a try may cost a second. First comes the
    /// default key's, then those of keys that encrypt something, and among these the fewest rounds. A server could
    /// otherwise put any number of useless ones before them.
    pub(in crate::engine) fn described_keys(&self) -> impl Iterator<Item = &str> {
        let all = self.0.iter();
        let mut all: Vec<_> =
            all.filter_map(|(name, content)| Some((name.strip_prefix(KEY_PREFIX)?, content))).collect();
        // Collected once: there may be as many descriptions as fit into an answer.
        let entries = self.0.values().filter_map(|content| content.get("encrypted")?.as_object());
        let used: BTreeSet<&str> = entries.flat_map(|entries| entries.keys().map(String::as_str)).collect();
        let rounds = |description: &Value| description.pointer("/passphrase/iterations")?.as_u64();
        all.sort_by_cached_key(|(key_id, description)| {
            let is_default = self.default_key() == Some(*key_id);
            (!is_default, !used.contains(key_id), rounds(description))
        });
        all.into_iter().take(MOST_DESCRIPTIONS).map(|(key_id, _)| key_id)
    }

    /// The entry of a secret under one key.
    pub(in crate::engine) fn encrypted(&self, secret: &str, key_id: &str) -> Option<&Value> {
        stored::encrypted(&self.0, secret, key_id)
    }

    /// Returns a secret's event with one more entry; every other entry stays.
    pub(in crate::engine) fn with_encrypted(&self, secret: &str, key_id: &str, entry: Value) -> Value {
        let mut content =
            self.get(secret).filter(|content| content.is_object()).cloned().unwrap_or_else(|| json!({}));
        if !content.get("encrypted").is_some_and(Value::is_object) {
            content["encrypted"] = json!({});
        }
        content["encrypted"][key_id] = entry;
        content
    }

    /// Returns a secret's event without the entry under one key; every other entry stays. `None` if it has no such
    /// entry.
    pub(in crate::engine) fn without_encrypted(&self, secret: &str, key_id: &str) -> Option<Value> {
        let mut content = self.get(secret)?.clone();
        content.get_mut("encrypted")?.as_object_mut()?.remove(key_id)?;
        Some(content)
    }

    /// The events of any type that hold an entry under a key.
    pub(in crate::engine) fn encrypted_under(&self, key_id: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().filter_map(move |(event_type, content)| {
            Some((event_type.as_str(), content.get("encrypted")?.get(key_id)?))
        })
    }

    /// The archives of earlier orders, by event type.
    pub(in crate::engine) fn archives(&self) -> impl Iterator<Item = (&str, &Value)> {
        let all = self.0.keys().filter(|name| name.starts_with(ARCHIVE_PREFIX));
        all.filter_map(|name| Some((name.as_str(), self.get(name)?)))
    }

    /// Sets every fact that the account data alone decide: in each inspection, and in the look before a first identity is
    /// written, which reads no published keys.
    pub(in crate::engine) fn see(&self, account: &mut Account) {
        stored::see(account, &self.0);
    }
}

/// Writes one event. Writing the same content again changes nothing.
///
/// # Errors
/// The request's [`Failure`].
pub(in crate::engine) async fn write(
    server: &Homeserver,
    user_id: &OwnedUserId,
    event_type: &str,
    content: &Value,
) -> Result<(), Failure> {
    let content_written = content;
    let content = Raw::from_json(to_raw_value(content).map_err(|_| Failure::Garbled)?);
    let request = set_global_account_data::v3::Request::new_raw(user_id.clone(), event_type.into(), content);
    let written = server.written();
    // A write whose answer is lost may or may not have arrived, so it proves nothing about later answers.
    written.forget(event_type);
    server.send(request).await?;
    written.note(user_id, event_type, content_written);
    Ok(())
}

async fn wait(pause: Option<Duration>) {
    if let Some(pause) = pause {
        timing::pause(pause).await;
    }
}

/// Writes that backup is wanted, in both events that clients look for.
///
/// # Errors
/// The first request's [`Failure`].
pub(in crate::engine) async fn announce_backup(
    Connection { server, user_id, .. }: &Connection,
) -> Result<(), Failure> {
    let (wanted, not_disabled) = (json!({ "enabled": true }), json!({ "disabled": false }));
    try_join!(
        write(server, user_id, KEY_BACKUP, &wanted),
        write(server, user_id, BACKUP_DISABLED, &not_disabled),
    )?;
    Ok(())
}

#[cfg(test)]
mod tests;
