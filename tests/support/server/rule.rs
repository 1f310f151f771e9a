//! Plays a homeserver that works by other rules. A real one behind it answers, except for what a rule changes. Key
//! backups are kept here, so that each rule about them is one line.
//!
//! Each rule describes what the source code of a server does; no code was taken from there.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use matrix_sdk::reqwest::Url;
use serde_json::{Map, Value, json};

use super::hostile_homeserver::{Answer, Asked, HostileHomeserver, not_found};

/// Ways in which servers differ from the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Nothing: as the specification says.
    None,
    /// The newest backup version is the one whose name is the last in the order of text: "9" comes after "10".
    ///
    /// Source: continuwuity, `service/key_backups` (names are keys of a database that sorts bytes); tuwunel until it
    /// compared numbers.
    VersionsAreText,
    /// `PUT /room_keys/keys` overwrites every entry, even one that the specification keeps.
    ///
    /// Source: continuwuity, `add_backup_keys_route`: only the route for a single session compares.
    UploadsOverwrite,
    /// A sync without `since` gets the same answer again for its access token, whatever its filter says, until a sync
    /// with `since` comes.
    ///
    /// Source: Conduit and its family until 2024-05, `sync_receivers` (kept for each device, by `since` alone).
    SyncsAreKept,
    /// A filter's types are names, not patterns.
    ///
    /// Source: Dendrite on SQLite, `prepareWithFilters` (`type IN (…)`).
    NoPatterns,
    /// `PUT /room_keys/version/{version}` makes a new version instead of changing this one.
    ///
    /// Source: Palpo until 2026-06.
    UpdatesMakeVersions,
    /// `GET` of a version whose stored record has no algorithm is answered with 500.
    ///
    /// Source: tuwunel 1.5.1, <https://github.com/matrix-construct/tuwunel/issues/372>.
    DamagedRecordsFail,
}

/// Running server of this kind, for one account.
pub struct FakeHomeserver {
    /// Address to sign in at.
    pub url: String,
    /// Server that answers, and keeps every request.
    pub server: HostileHomeserver,
    state: Arc<Mutex<State>>,
}

struct State {
    rule: Rule,
    versions: BTreeMap<u64, Version>,
    next: u64,
    changes: u64,
    /// First answers to a sync without `since`, by access token.
    syncs: BTreeMap<String, Value>,
    interlude: Option<Interlude>,
}

/// Keys that somebody else writes once so many uploads were answered.
struct Interlude {
    uploads: usize,
    rooms: Rooms,
}

/// Makes keys for a version with this description: `{room: {"sessions": …}}`.
type Rooms = Box<dyn FnOnce(&Value) -> Value + Send>;

#[derive(Clone, Default)]
struct Version {
    /// `algorithm` and `auth_data`; a damaged version has neither.
    info: Option<Value>,
    etag: u64,
    keys: BTreeMap<(String, String), Value>,
}

/// First version: as text, the second one (10) comes before it.
const FIRST: u64 = 9;

impl FakeHomeserver {
    /// Starts one before a real homeserver. It keeps to the specification until it is told a rule.
    pub async fn before(target: &str) -> Self {
        let state = Arc::new(Mutex::new(State {
            rule: Rule::None,
            versions: BTreeMap::new(),
            next: FIRST,
            changes: 0,
            syncs: BTreeMap::new(),
            interlude: None,
        }));
        let shared = state.clone();
        let server = HostileHomeserver::before(target, move |asked| answer(&shared, asked)).await;
        Self { url: server.url.clone(), server, state }
    }

    /// Makes it work by this rule from now on.
    pub fn switch_to(&self, rule: Rule) {
        self.state.lock().unwrap().rule = rule;
    }

    /// Returns each version with its description and its entries.
    pub fn backups(&self) -> Value {
        let state = self.state.lock().unwrap();
        let versions = state.versions.iter();
        versions.map(|(name, version)| json!([name, version.info, version.rooms()])).collect()
    }

    /// Damages the stored description of the oldest version.
    pub fn damage_oldest(&self) {
        let mut state = self.state.lock().unwrap();
        state.versions.first_entry().unwrap().get_mut().info = None;
    }

    /// Has somebody else write keys as soon as so many more uploads were answered. `rooms` makes them for the
    /// description of the version that was uploaded to.
    pub fn somebody_writes_after(
        &self,
        uploads: usize,
        rooms: impl FnOnce(&Value) -> Value + Send + 'static,
    ) {
        self.state.lock().unwrap().interlude = Some(Interlude { uploads, rooms: Box::new(rooms) });
    }

    /// Returns the newest version's entry for a session.
    pub fn entry(&self, room: &str, session: &str) -> Value {
        let state = self.state.lock().unwrap();
        let version = &state.versions[&state.newest().unwrap()];
        version.keys[&(room.to_owned(), session.to_owned())].clone()
    }
}

impl Version {
    fn rooms(&self) -> Value {
        let mut rooms = Map::new();
        for ((room, session), data) in &self.keys {
            let room = rooms.entry(room).or_insert_with(|| json!({"sessions": {}}));
            room["sessions"][session] = data.clone();
        }
        json!({ "rooms": rooms })
    }

    fn described(&self, name: u64) -> Answer {
        let Some(info) = &self.info else {
            return Answer::json(500, json!({"errcode": "M_UNKNOWN", "error": "missing field `algorithm`"}));
        };
        let mut answer = info.clone();
        answer["version"] = json!(name.to_string());
        answer["etag"] = json!(self.etag.to_string());
        answer["count"] = json!(self.keys.len());
        Answer::json(200, answer)
    }
}

impl State {
    fn newest(&self) -> Option<u64> {
        let names = self.versions.keys().copied();
        match self.rule {
            Rule::VersionsAreText => names.max_by_key(u64::to_string),
            _ => names.max(),
        }
    }

    fn create(&mut self, info: &Value) -> u64 {
        self.changes += 1;
        let info = json!({"algorithm": info["algorithm"], "auth_data": info["auth_data"]});
        let version = Version { info: Some(info), etag: self.changes, ..Version::default() };
        self.versions.insert(self.next, version);
        self.next += 1;
        self.next - 1
    }

    fn store(&mut self, name: u64, rooms: &Value, overwrites: bool) {
        self.changes += 1;
        let version = self.versions.get_mut(&name).unwrap();
        for (room, sessions) in rooms.as_object().unwrap() {
            for (session, data) in sessions["sessions"].as_object().unwrap() {
                let place = (room.clone(), session.clone());
                let old = version.keys.get(&place).filter(|_| !overwrites);
                if old.is_none_or(|old| rank(data) < rank(old)) {
                    version.keys.insert(place, data.clone());
                    version.etag = self.changes;
                }
            }
        }
    }
}

/// Orders two keys for one session: the specification keeps the lesser one.
fn rank(data: &Value) -> (bool, u64, u64) {
    let number = |field: &str| data[field].as_u64().unwrap_or(u64::MAX);
    (data["is_verified"] != true, number("first_message_index"), number("forwarded_count"))
}

fn answer(state: &Arc<Mutex<State>>, asked: &Asked) -> Answer {
    let Some((_, path)) = asked.path.split_once("/room_keys/") else {
        return match asked.is("GET", "/sync") {
            true => answer_sync(state, asked),
            false => Answer::Pass,
        };
    };
    let mut state = state.lock().unwrap();
    let parts: Vec<&str> = path.split('/').collect();
    match (asked.method.as_str(), &parts[..]) {
        ("POST", ["version"]) => {
            let name = state.create(&asked.body);
            Answer::json(200, json!({"version": name.to_string()}))
        }
        ("GET", ["version"]) => match state.newest() {
            Some(name) => state.versions[&name].described(name),
            None => not_found(),
        },
        (method, ["version", name]) => {
            let Some(name) = name.parse().ok().filter(|name| state.versions.contains_key(name)) else {
                return not_found();
            };
            match method {
                "GET" => return state.versions[&name].described(name),
                "DELETE" => drop(state.versions.remove(&name)),
                _ if state.rule == Rule::UpdatesMakeVersions => drop(state.create(&asked.body)),
                _ => {
                    state.changes += 1;
                    let etag = state.changes;
                    let version = state.versions.get_mut(&name).unwrap();
                    let info =
                        json!({"algorithm": asked.body["algorithm"], "auth_data": asked.body["auth_data"]});
                    (version.info, version.etag) = (Some(info), etag);
                }
            }
            Answer::json(200, json!({}))
        }
        (method, ["keys", place @ ..]) => {
            let name = asked.query.split('&').find_map(|pair| pair.strip_prefix("version=")?.parse().ok());
            let Some(name) = name.filter(|name| state.versions.contains_key(name)) else {
                return not_found();
            };
            match method {
                "PUT" => put_keys(&mut state, name, &asked.body, place),
                _ => get_keys(&state.versions[&name], place),
            }
        }
        other => panic!("{other:?}"),
    }
}

fn put_keys(state: &mut State, name: u64, body: &Value, place: &[&str]) -> Answer {
    if state.newest() != Some(name) {
        let current = state.newest().map(|name| name.to_string());
        return Answer::json(
            403,
            json!({"errcode": "M_WRONG_ROOM_KEYS_VERSION", "error": "not the newest", "current_version": current}),
        );
    }
    assert_eq!(place, [""; 0], "only whole uploads are known here");
    state.store(name, &body["rooms"], state.rule == Rule::UploadsOverwrite);
    let version = &state.versions[&name];
    let answer = json!({"etag": version.etag.to_string(), "count": version.keys.len()});
    if let Some(interlude) = &mut state.interlude {
        interlude.uploads -= 1;
        if interlude.uploads == 0 {
            let rooms = state.interlude.take().unwrap().rooms;
            let rooms = rooms(state.versions[&name].info.as_ref().unwrap());
            state.store(name, &rooms, false);
        }
    }
    Answer::json(200, answer)
}

fn get_keys(version: &Version, place: &[&str]) -> Answer {
    let all = version.rooms();
    match place {
        [] => Answer::json(200, all),
        [room] => {
            let sessions = all["rooms"].get(plain(room)).cloned();
            Answer::json(200, sessions.unwrap_or_else(|| json!({"sessions": {}})))
        }
        [room, session] => match all["rooms"][plain(room)]["sessions"].get(plain(session)) {
            Some(data) => Answer::json(200, data.clone()),
            None => not_found(),
        },
        place => panic!("{place:?}"),
    }
}

/// Percent-decodes a part of a path.
fn plain(part: &str) -> String {
    let url = Url::parse(&format!("http://localhost/?{}", part.replace('+', "%2B"))).unwrap();
    url.query_pairs().next().map(|(text, _)| text.into_owned()).unwrap_or_default()
}

fn answer_sync(state: &Arc<Mutex<State>>, asked: &Asked) -> Answer {
    let rule = state.lock().unwrap().rule;
    let url = Url::parse(&format!("http://localhost/?{}", asked.query)).unwrap();
    let parameter =
        |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    match rule {
        Rule::SyncsAreKept => {
            let mut locked = state.lock().unwrap();
            if parameter("since").is_some() {
                locked.syncs.remove(&asked.token);
                return Answer::Pass;
            }
            if let Some(kept) = locked.syncs.get(&asked.token) {
                return Answer::json(200, kept.clone());
            }
            let (state, token) = (state.clone(), asked.token.clone());
            Answer::changed(move |sync| {
                state.lock().unwrap().syncs.insert(token, sync.clone());
            })
        }
        Rule::NoPatterns => {
            let filter: Value =
                parameter("filter").and_then(|filter| serde_json::from_str(&filter).ok()).unwrap_or_default();
            let types = filter["account_data"]["types"].as_array().filter(|types| !types.is_empty()).cloned();
            Answer::changed(move |sync| {
                let events = sync.get_mut("account_data").and_then(|data| data["events"].as_array_mut());
                if let (Some(types), Some(events)) = (types, events) {
                    events.retain(|event| types.contains(&event["type"]));
                }
            })
        }
        _ => Answer::Pass,
    }
}
