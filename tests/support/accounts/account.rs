//! Registers an account of its own for every test.

use std::sync::atomic::{AtomicU32, Ordering};

use matrix_sdk::reqwest;
use matrix_sdk_crypto::{
    backups::MegolmV1BackupKey, olm::ExportedRoomKey, store::types::BackupDecryptionKey,
};
use serde_json::{Value, json};

use super::room_keys;
use crate::support::native_client::SignIn;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// An account on the test homeserver, with a token to look at it from outside the engine.
pub struct Account {
    pub homeserver: String,
    pub user_id: String,
    pub password: String,
    token: String,
    http: reqwest::Client,
}

impl Account {
    /// Registers a new account.
    pub async fn register() -> Self {
        Self::register_with(None).await
    }

    /// Registers a new account with this password, or one like no other's.
    pub async fn register_with(password: Option<&str>) -> Self {
        let homeserver = std::env::var("MATRIXBACKUP_HOMESERVER")
            .expect("run me under tests/support/server/homeserver.mjs");
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("t{}-{number}", std::process::id());
        let password = password.map_or_else(|| format!("account-password-of-{name}"), ToOwned::to_owned);
        let http = reqwest::Client::new();
        let body = json!({
            "username": name, "password": password, "auth": {"type": "m.login.dummy"},
            "device_id": "OBSERVER", "initial_device_display_name": "observer",
        });
        let url = format!("{homeserver}/_matrix/client/v3/register");
        let request = http.post(url).body(body.to_string());
        let answer: Value =
            serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap();
        let text =
            |field| answer[field].as_str().unwrap_or_else(|| panic!("no {field}: {answer}")).to_owned();
        Self { user_id: text("user_id"), token: text("access_token"), password, homeserver, http }
    }

    /// Says what a native client needs to sign in as one more device of this account.
    pub fn as_device<'a>(&'a self, name: Option<&'a str>, device_id: Option<&'a str>) -> SignIn<'a> {
        SignIn {
            homeserver: &self.homeserver,
            user: &self.user_id,
            password: &self.password,
            name,
            device_id,
        }
    }

    /// Signs in to an existing account as the observer, a device without keys.
    pub async fn observe(homeserver: &str, user_id: &str, password: &str) -> Self {
        let http = reqwest::Client::new();
        let body = json!({
            "type": "m.login.password", "identifier": {"type": "m.id.user", "user": user_id},
            "password": password, "device_id": "OBSERVER", "initial_device_display_name": "observer",
        });
        let request = http.post(format!("{homeserver}/_matrix/client/v3/login")).body(body.to_string());
        let answer: Value =
            serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap();
        let token = answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        let (homeserver, user_id) = (homeserver.to_owned(), user_id.to_owned());
        Self { homeserver, user_id, password: password.to_owned(), token, http }
    }

    /// Returns the observer's access token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Sends a request as the observer; returns status and body.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}/_matrix/client/v3/{path}", self.homeserver);
        let request = self.http.request(method.parse().unwrap(), url).bearer_auth(&self.token);
        let request = match body {
            Some(body) => request.body(body.to_string()),
            None => request,
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default())
    }

    /// Puts room keys into a version, which must be the newest.
    pub async fn put_room_keys(&self, version: &str, key: &MegolmV1BackupKey, keys: &[ExportedRoomKey]) {
        room_keys::put(&self.homeserver, &self.token, version, key, keys).await;
    }

    /// Creates a backup version that nobody has signed, and returns its name.
    pub async fn create_version(&self, key: &BackupDecryptionKey) -> String {
        let info = serde_json::to_value(key.to_backup_info()).unwrap();
        let (status, answer) = self.ask("POST", "room_keys/version", Some(info)).await;
        assert_eq!(status, 200, "{answer}");
        answer["version"].as_str().unwrap().to_owned()
    }

    /// Reads the content of a global account data event.
    pub async fn account_data(&self, event_type: &str) -> Option<Value> {
        let (status, content) =
            self.ask("GET", &format!("user/{}/account_data/{event_type}", self.user_id), None).await;
        (status == 200).then_some(content)
    }

    /// Writes a global account data event.
    pub async fn set_account_data(&self, event_type: &str, content: Value) {
        let path = format!("user/{}/account_data/{event_type}", self.user_id);
        assert_eq!(self.ask("PUT", &path, Some(content)).await.0, 200);
    }

    /// Reads the newest backup version.
    pub async fn backup(&self) -> Option<Value> {
        let (status, version) = self.ask("GET", "room_keys/version", None).await;
        (status == 200).then_some(version)
    }

    /// Reads the published master key.
    pub async fn master_key(&self) -> Option<Value> {
        let body = json!({"device_keys": {&self.user_id: []}});
        let (_, keys) = self.ask("POST", "keys/query", Some(body)).await;
        keys["master_keys"].get(&self.user_id).map(|key| key["keys"].clone())
    }

    /// Returns the names of all devices but the observer.
    pub async fn devices(&self) -> Vec<String> {
        let (_, devices) = self.ask("GET", "devices", None).await;
        let devices = devices["devices"].as_array().unwrap().iter();
        let others = devices.filter(|device| device["device_id"] != "OBSERVER");
        others.map(|device| device["display_name"].as_str().unwrap_or("?").to_owned()).collect()
    }

    /// Waits until the backup holds so many room keys.
    pub async fn room_keys_in_backup(&self, keys: u64) {
        for _ in 0..200 {
            if self.backup().await.is_some_and(|backup| backup["count"] == keys) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("{:?}", self.backup().await);
    }

    /// Returns the names of all devices that the identity has signed, in order.
    pub async fn verified_devices(&self) -> Vec<String> {
        let body = json!({"device_keys": {&self.user_id: []}});
        let (_, keys) = self.ask("POST", "keys/query", Some(body)).await;
        let signer = keys["self_signing_keys"][&self.user_id]["keys"].as_object().unwrap();
        let signer = signer.keys().next().unwrap();
        let devices = keys["device_keys"][&self.user_id].as_object().unwrap().values();
        let signed = devices.filter(|device| device["signatures"][&self.user_id][signer].is_string());
        let name =
            |device: &Value| device["unsigned"]["device_display_name"].as_str().unwrap_or("?").to_owned();
        let mut names: Vec<_> = signed.map(name).collect();
        names.sort();
        names
    }

    /// Returns the id of the device of this name.
    pub async fn device_named(&self, name: &str) -> String {
        let (_, devices) = self.ask("GET", "devices", None).await;
        let found =
            devices["devices"].as_array().unwrap().iter().find(|device| device["display_name"] == name);
        found.unwrap()["device_id"].as_str().unwrap().to_owned()
    }

    /// Removes a device, as on an account page.
    pub async fn remove_device(&self, device_id: &str) {
        let path = format!("devices/{device_id}");
        let (_, asked) = self.ask("DELETE", &path, Some(json!({}))).await;
        let auth = json!({
            "type": "m.login.password", "identifier": {"type": "m.id.user", "user": self.user_id},
            "password": self.password, "session": asked["session"],
        });
        assert_eq!(self.ask("DELETE", &path, Some(json!({"auth": auth}))).await.0, 200);
    }

    /// Returns the content of every archive, which is what the page has put aside.
    pub async fn archives(&self) -> Vec<Value> {
        let everything = self.everything().await;
        let events = everything["account_data"].as_array().unwrap().iter();
        let archives =
            events.filter(|event| event["type"].as_str().unwrap().starts_with("matrixbackup.archive."));
        archives.map(|event| event["content"].clone()).collect()
    }

    /// Reads everything that this page could change, to show that nothing was touched.
    pub async fn everything(&self) -> Value {
        let mut all = json!({"backup": self.backup().await, "master_key": self.master_key().await});
        // Synapse answers the same initial sync from a cache for two minutes: a number makes it another.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let filter = format!(
            "%7B%22room%22:%7B%22rooms%22:[]%7D,%22presence%22:%7B%22types%22:[%22{number}%22]%7D%7D"
        );
        let (status, sync) = self.ask("GET", &format!("sync?filter={filter}"), None).await;
        assert_eq!(status, 200);
        let mut events = sync["account_data"]["events"].as_array().cloned().unwrap_or_default();
        events.sort_by_key(|event| event["type"].to_string());
        all["account_data"] = events.into();
        all
    }
}
