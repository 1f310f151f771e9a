use serde_json::{Value, json};

use super::*;
use crate::domain::{
    account::{Account, Backup, DEVICE_NAME, Place, SecretStorage},
    diagnosis::{Known, tests::for_every_case},
};

const ADA: &str = "@ada:example.org";
const DEFAULT: &str = "m.secret_storage.default_key";
const BACKUP: &str = "m.megolm_backup.v1";

/// The answers about one user, as values.
#[derive(Clone)]
struct Told {
    global: Value,
    keys: Value,
    devices: Value,
}

impl Told {
    fn judge(&self) -> Result<Judged, Unreadable> {
        let account_data = json!({"account_data": {"global": self.global, "rooms": {}}}).to_string();
        let (keys, devices) = (self.keys.to_string(), self.devices.to_string());
        judge(&Answers { user_id: ADA, account_data: &account_data, keys: &keys, devices: &devices })
    }

    fn state(&self) -> State {
        self.judge().unwrap().state
    }

    fn with(&self, change: impl FnOnce(&mut Value)) -> Self {
        let mut changed = self.clone();
        change(&mut changed.global);
        changed
    }
}

/// A user who has everything.
fn whole() -> Told {
    let entry = json!({"encrypted": {"k": {"iv": "a", "ciphertext": "b", "mac": "c"}}});
    let device = |name: &str| {
        json!({
            "keys": {"ed25519:D": "x"}, "signatures": {ADA: {"ed25519:self": "s"}},
            "unsigned": {"device_display_name": name},
        })
    };
    Told {
        global: json!({
            "m.push_rules": {"global": {}},
            DEFAULT: {"key": "k"},
            "m.secret_storage.key.k": {"algorithm": "m.secret_storage.v1.aes-hmac-sha2"},
            "m.cross_signing.master": entry,
            "m.cross_signing.self_signing": entry,
            "m.cross_signing.user_signing": entry,
            BACKUP: entry,
        }),
        keys: json!({
            "device_keys": {ADA: {
                "PHONE": device("Element X Android"),
                "WEB": device("chat.example.org: Firefox on Linux"),
                "OTHER": device("my toaster"),
                "PAGE": device(DEVICE_NAME),
                "AWAY": {"keys": {}, "dehydrated": true},
                "ODD": 3,
            }},
            "master_keys": {ADA: {"keys": {"ed25519:m": "m"}}},
            "self_signing_keys": {ADA: {"keys": {"ed25519:self": "self"}}},
        }),
        devices: json!({"devices": [{"last_seen_ts": 5_000}, {"last_seen_ts": 1_700_000_000_000_u64}, {"last_seen_ts": null}]}),
    }
}

fn nobody() -> Told {
    Told { global: json!({}), keys: json!({}), devices: json!({"devices": []}) }
}

#[test]
fn a_row_tells_state_apps_devices_and_last_use_and_nothing_else() {
    let expected = Judged {
        state: State::Ready,
        apps: vec!["Element", "Element X"],
        devices: 3,
        last_seen: Some(1_700_000_000_000),
    };
    assert_eq!(whole().judge(), Ok(expected));
    let never = Judged { state: State::NeverEncrypted, apps: Vec::new(), devices: 0, last_seen: None };
    assert_eq!(nobody().judge(), Ok(never));
}

#[test]
fn what_is_missing_decides_the_state() {
    use State::*;
    let whole = whole();
    let remove =
        |name: &'static str| move |global: &mut Value| drop(global.as_object_mut().unwrap().remove(name));
    let unpublished = Told { keys: json!({"device_keys": whole.keys["device_keys"]}), ..whole.clone() };
    let app = Told { keys: unpublished.keys.clone(), ..nobody() };
    let identity = Told { keys: whole.keys.clone(), ..nobody() };
    let off = |name: &'static str, content: Value| whole.with(|global| global[name] = content);
    for (case, told, expected) in [
        ("opted out", off("m.key_backup", json!({"enabled": false})), OptedOut),
        ("opted out", off("m.org.matrix.custom.backup_disabled", json!({"disabled": true})), OptedOut),
        ("wanted", off("m.key_backup", json!({"enabled": true})), Ready),
        ("no backup key", whole.with(remove(BACKUP)), Incomplete),
        ("a deleted backup key", whole.with(|global| global[BACKUP] = json!({})), Incomplete),
        ("a key of three is missing", whole.with(remove("m.cross_signing.user_signing")), Incomplete),
        (
            "under another key",
            whole.with(|global| global[BACKUP] = json!({"encrypted": {"old": {}}})),
            Incomplete,
        ),
        ("no identity", unpublished, Incomplete),
        (
            "a default key that nothing describes",
            whole.with(remove("m.secret_storage.key.k")),
            BackupWithoutKey,
        ),
        ("no default key", whole.with(remove(DEFAULT)), BackupWithoutKey),
        (
            "a default key alone, which nothing describes",
            nobody().with(|global| global[DEFAULT] = json!({"key": "k"})),
            Nothing,
        ),
        ("an app alone", app, Nothing),
        ("an identity alone", identity, Nothing),
        ("nothing", nobody(), NeverEncrypted),
    ] {
        assert_eq!(told.state(), expected, "{case}");
    }
}

/// The contract of the exported table, word by word, beside the diagnosis.
fn by_contract(account: &Account) -> State {
    let backup = account.backup.is_some() || account.backup_untold;
    let has_key = matches!(account.secret_storage, SecretStorage::Present { .. });
    let under = |place| place == Place::UnderDefault;
    let all =
        has_key && under(account.identity_keys) && under(account.backup_key) && account.identity.is_some();
    let has_storage = account.secret_storage != SecretStorage::Absent || account.stored_secrets > 0;
    if account.backup_switched_off {
        State::OptedOut
    } else if !account.has_apps() && account.identity.is_none() && !has_storage && !backup {
        State::NeverEncrypted
    } else if all && account.usable_backup().is_some() {
        State::Ready
    } else if has_key {
        State::Incomplete
    } else if backup {
        State::BackupWithoutKey
    } else {
        State::Nothing
    }
}

#[test]
fn every_account_is_in_the_state_that_the_contract_says() {
    let mut met = std::collections::HashSet::new();
    for_every_case(|account, known| {
        if *known == Known::default() {
            assert_eq!(State::of(account), by_contract(account), "{account:?}");
            met.insert(State::of(account));
        }
    });
    assert_eq!(met.len(), 6, "{met:?}");
}

#[test]
fn a_version_that_is_not_seen_changes_only_what_is_listed() {
    let presumed =
        || Backup { version: String::new(), count: 0, etag: String::new(), signed: true, usable: true };
    let mut met = std::collections::HashSet::new();
    for_every_case(|account, known| {
        // The key may be stored in an entry that has no described key, where its place is nowhere.
        let may_be_stored = account.stored_secrets > 0;
        for is_stored in [false, true] {
            let fits = if is_stored { may_be_stored } else { account.backup_key == Place::Nowhere };
            if *known != Known::default() || !fits {
                continue;
            }
            let unseen =
                Account { backup: is_stored.then(presumed), backup_untold: false, ..account.clone() };
            let pair = (State::of(account), State::of(&unseen));
            if pair.0 != pair.1 {
                assert!(
                    UNSEEN.iter().any(|(page, other, _)| (*page, *other) == pair),
                    "{pair:?}: {account:?}"
                );
                met.insert(pair);
            }
        }
    });
    assert_eq!(met.len(), UNSEEN.len(), "{met:?}");
}

#[test]
fn what_is_no_answer_is_no_state_and_stops_nothing() {
    let deep = "[".repeat(100_000);
    let whole = whole();
    let account_data = json!({"account_data": {"global": whole.global}}).to_string();
    let (keys, devices) = (whole.keys.to_string(), whole.devices.to_string());
    let right = Answers { user_id: ADA, account_data: &account_data, keys: &keys, devices: &devices };
    assert!(judge(&right).is_ok());
    for odd in
        ["", "null", "[]", "{", "{\"account_data\":{}}", "<h1>502</h1>", &deep, "{\"devices\":{}}", "\u{0}"]
    {
        assert_eq!(judge(&Answers { account_data: odd, ..right }), Err(Unreadable), "{odd:.20}");
        assert_eq!(judge(&Answers { devices: odd, ..right }), Err(Unreadable), "{odd:.20}");
    }
    for odd in ["", "null", "[[]]", &deep, "{\"device_keys\":[[3]]}"] {
        assert_eq!(judge(&Answers { keys: odd, ..right }), Err(Unreadable), "{odd:.20}");
    }
    // An identity that cannot be read is not none.
    let odd = json!({"master_keys": {ADA: {"keys": {"ed25519:m": 3}}}}).to_string();
    assert_eq!(judge(&Answers { keys: &odd, ..right }), Err(Unreadable));
    for odd in [json!({DEFAULT: 3, BACKUP: [], "m.key_backup": "off"}), json!({DEFAULT: {"key": ["k"]}})] {
        assert_eq!(Told { global: odd, ..nobody() }.state(), State::Nothing);
    }
}
