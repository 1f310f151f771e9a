//! The encrypted rooms that the person is in or has left, with their names: one request, on any server.
//!
//! Source: specification, `GET /sync`, "Calculating the display name for a room".

use std::collections::{BTreeMap, BTreeSet};

use matrix_sdk::ruma::{
    OwnedRoomId,
    api::client::{
        filter::{Filter, FilterDefinition, LazyLoadOptions, RoomEventFilter, RoomFilter},
        sync::sync_events::v3,
    },
    assign,
    presence::PresenceState,
};
use rand::RngExt as _;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, value::RawValue};

use crate::engine::net::{
    failure::{Failure, Limits, cut},
    homeserver::Homeserver,
};

/// The types of room state that are asked for.
const STATE: [&str; 3] = ["m.room.encryption", "m.room.name", "m.room.canonical_alias"];

/// The most rooms in one answer: each costs a server's time and a line on the page, and nobody has so many.
pub(super) const MOST_ROOMS: usize = 10_000;

/// A room as people know it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NamedRoom {
    /// The room's id.
    pub(super) room_id: OwnedRoomId,
    /// Its name, or its address, or its members' names; cut to a length that fits a line.
    pub(super) name: String,
    /// True if `m.direct` names it.
    pub(super) is_direct: bool,
    /// True if the person has left it.
    pub(super) is_left: bool,
}

/// Asks for the rooms.
///
/// # Errors
/// The request's [`Failure`].
pub(super) async fn encrypted_rooms(server: &Homeserver) -> Result<Vec<NamedRoom>, Failure> {
    let nothing = || assign!(RoomEventFilter::default(), { types: Some(Vec::new()) });
    // A random type defeats Synapse's cache of initial syncs, as in `account_data`.
    let nonce = format!("never.{:032x}", rand::rng().random::<u128>());
    let filter = assign!(FilterDefinition::default(), {
        account_data: assign!(Filter::default(), { types: Some(vec!["m.direct".to_owned()]), not_types: vec![nonce] }),
        presence: assign!(Filter::default(), { types: Some(Vec::new()) }),
        room: assign!(RoomFilter::default(), {
            include_leave: true,
            account_data: nothing(),
            ephemeral: nothing(),
            timeline: nothing(),
            state: assign!(RoomEventFilter::default(), {
                types: Some(STATE.map(ToOwned::to_owned).to_vec()),
                // Brings the room summary, and the members after whom a room without a name is called.
                lazy_load_options: LazyLoadOptions::Enabled { include_redundant_members: false },
            }),
        }),
    });
    let request = assign!(v3::Request::new(), {
        filter: Some(v3::Filter::FilterDefinition(filter)),
        set_presence: PresenceState::Offline,
    });
    read(&server.fetch(request, Limits::EVERY_ROOM).await?)
}

#[derive(Deserialize)]
struct Answer<'a> {
    /// Required by the specification: an answer without it must not be taken for "no rooms".
    #[serde(rename = "next_batch")]
    _next_batch: IgnoredAny,
    #[serde(default, borrow)]
    account_data: Events<'a>,
    #[serde(default, borrow)]
    rooms: Rooms<'a>,
}

#[derive(Deserialize, Default)]
struct Rooms<'a> {
    #[serde(default, borrow)]
    join: BTreeMap<String, &'a RawValue>,
    #[serde(default, borrow)]
    leave: BTreeMap<String, &'a RawValue>,
}

#[derive(Deserialize, Default)]
struct Events<'a> {
    #[serde(default, borrow)]
    events: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Room<'a> {
    #[serde(default, borrow)]
    state: Events<'a>,
    #[serde(default)]
    summary: Value,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    event_type: String,
    #[serde(default)]
    state_key: String,
    #[serde(default)]
    content: Value,
}

/// Reads an answer; leaves out malformed rooms.
pub(super) fn read(answer: &[u8]) -> Result<Vec<NamedRoom>, Failure> {
    let answer: Answer<'_> = serde_json::from_slice(answer).map_err(|_| Failure::Garbled)?;
    if answer.rooms.join.len() + answer.rooms.leave.len() > MOST_ROOMS {
        return Err(Failure::Garbled);
    }
    let direct = direct_rooms(&answer.account_data);
    let joined = answer.rooms.join.into_iter().map(|room| (room, false));
    let left = answer.rooms.leave.into_iter().map(|room| (room, true));
    Ok(joined
        .chain(left)
        .filter_map(|((room_id, room), is_left)| {
            let is_direct = direct.contains(&room_id);
            let room_id = OwnedRoomId::try_from(room_id).ok()?;
            let name = name_if_encrypted(&serde_json::from_str(room.get()).ok()?)?;
            Some(NamedRoom { room_id, name, is_direct, is_left })
        })
        .collect())
}

/// Lists the rooms that the account's `m.direct` names.
fn direct_rooms(account_data: &Events<'_>) -> BTreeSet<String> {
    let events = account_data.events.iter().filter_map(|event| serde_json::from_str(event.get()).ok());
    let lists = events
        .filter(|event: &Event| event.event_type == "m.direct")
        .flat_map(|event| event.content.as_object().cloned().unwrap_or_default().into_iter());
    lists
        .flat_map(|(_, rooms)| rooms.as_array().cloned().unwrap_or_default())
        .filter_map(|room| room.as_str().map(ToOwned::to_owned))
        .collect()
}

/// Finds the room's name; `None` if it is not encrypted.
fn name_if_encrypted(room: &Room<'_>) -> Option<String> {
    let mut is_encrypted = false;
    let (mut name, mut alias) = (String::new(), String::new());
    let mut members = BTreeMap::new();
    for event in &room.state.events {
        let Ok(Event { event_type, state_key, content }) = serde_json::from_str(event.get()) else {
            continue;
        };
        let text = |field: &str| content.get(field).and_then(Value::as_str).map(cut).unwrap_or_default();
        match (event_type.as_str(), state_key.as_str()) {
            ("m.room.encryption", "") => is_encrypted = true,
            ("m.room.name", "") => name = text("name"),
            ("m.room.canonical_alias", "") => alias = text("alias"),
            ("m.room.member", member) => {
                members.insert(member.to_owned(), text("displayname"));
            }
            _ => {}
        }
    }
    if !is_encrypted {
        return None;
    }
    let heroes = room.summary.get("m.heroes").and_then(Value::as_array).into_iter().flatten();
    let heroes = heroes.filter_map(Value::as_str).map(|hero| match members.get(hero) {
        Some(name) if !name.trim().is_empty() => name.clone(),
        _ => cut(hero),
    });
    let heroes = || cut(&heroes.collect::<Vec<_>>().join(", "));
    Some([name, alias].into_iter().find(|name| !name.trim().is_empty()).unwrap_or_else(heroes))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state(event_type: &str, state_key: &str, content: Value) -> Value {
        json!({"type": event_type, "state_key": state_key, "content": content})
    }

    fn known(room: Value) -> Vec<NamedRoom> {
        read(json!({"next_batch": "s", "rooms": {"join": {"!a": room}}}).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_room_is_called_by_its_name_its_address_or_its_members() {
        let encryption = state("m.room.encryption", "", json!({"algorithm": "m.megolm.v1.aes-sha2"}));
        let name = state("m.room.name", "", json!({"name": "Garden"}));
        let no_name = state("m.room.name", "", json!({"name": " "}));
        let alias = state("m.room.canonical_alias", "", json!({"alias": "#garden:example.org"}));
        let member = state("m.room.member", "@bob:x", json!({"displayname": "Bob\n"}));
        let heroes = json!({"m.heroes": ["@bob:x", "@eve:x", 7]});
        for (events, expected) in [
            (vec![&encryption, &name, &alias, &member], "Garden"),
            (vec![&encryption, &no_name, &alias, &member], "#garden:example.org"),
            (vec![&member, &encryption], "Bob, @eve:x"),
        ] {
            let rooms = known(json!({"state": {"events": events}, "summary": heroes}));
            assert_eq!(rooms[0].name, expected);
        }
        assert_eq!(known(json!({"state": {"events": [encryption]}}))[0].name, "");
        assert_eq!(known(json!({"state": {"events": [name]}})), [], "not encrypted");
    }

    #[test]
    fn what_is_wrong_in_one_room_leaves_out_that_room_alone() {
        let room = json!({"state": {"events": [7, state("m.room.encryption", "", json!({}))]}});
        let answer = json!({
            "next_batch": "s",
            "account_data": {"events": [state("m.direct", "", json!({"@bob:x": ["!b", 7], "@eve:x": null})), 3]},
            "rooms": {"join": {"!a": 7, "!b": room, "no room": room}, "leave": {"!c": room}, "invite": 8},
        });
        let rooms = read(answer.to_string().as_bytes()).unwrap();
        let rooms: Vec<_> =
            rooms.iter().map(|room| (room.room_id.as_str(), room.is_direct, room.is_left)).collect();
        assert_eq!(rooms, [("!b", true, false), ("!c", false, true)]);
        assert_eq!(read(br#"{"next_batch": "s"}"#).unwrap(), []);
        for garbage in [&b""[..], b"[]", b"{}", b"null", br#"{"next_batch": "s", "rooms": 7}"#] {
            assert!(read(garbage).is_err());
        }
    }

    #[test]
    fn rooms_without_end_are_no_answer() {
        let rooms = |count: usize| {
            let rooms = (0..count).map(|number| (format!("!{number}"), json!({"state": {"events": []}})));
            json!({"next_batch": "s", "rooms": {"join": rooms.collect::<serde_json::Map<_, _>>()}})
                .to_string()
        };
        assert!(read(rooms(MOST_ROOMS).as_bytes()).is_ok());
        assert!(read(rooms(MOST_ROOMS + 1).as_bytes()).is_err());
    }
}
