//! Fills the current backup version with made-up room keys, or spoils entries in it.
//!
//! Reads one line of JSON, `{"homeserver", "user", "password", "recovery_key", "keys", "rooms"}`. In place of the last
//! two there may be `"spoil": {room id: how}`. Prints `{"version", "keys"}`: the number of keys that it holds now.
//!
//! `how` is `"garbled"`, so that there is no room key in the entry, or `"bare"`. Such an entry has no
//! `sender_claimed_keys`, as an old app wrote it, and no other app reads it.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[allow(dead_code)]
#[path = "../clients/native_client.rs"]
mod native_client;
#[allow(dead_code, missing_docs)]
mod room_keys;

use matrix_sdk::{
    reqwest,
    ruma::{api::client::backup::get_latest_backup_info, events::secret::request::SecretName},
};
use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use native_client::{SignIn, asked, sign_in};
use serde_json::{Map, Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked: Value = asked()?;
    let field = |name: &str| asked[name].as_str().unwrap_or_default();
    let number = |name: &str| usize::try_from(asked[name].as_u64().unwrap_or(1));

    let client = sign_in(SignIn {
        homeserver: field("homeserver"),
        user: field("user"),
        password: field("password"),
        name: Some("backup filler"),
        device_id: None,
    });
    let client = client.await?;

    let store = client.encryption().secret_storage().open_secret_store(field("recovery_key")).await?;
    let backup_key = store.get_secret(SecretName::RecoveryKey).await?.ok_or("no backup key is stored")?;
    let backup_key = BackupDecryptionKey::from_base64(&backup_key)?;
    let backup = client.send(get_latest_backup_info::v3::Request::new()).await?;
    if !backup_key.backup_key_matches(&backup.algorithm.cast().deserialize()?) {
        return Err("the stored backup key is another version's".into());
    }

    let token = client.access_token().ok_or("no access token")?;
    if let Some(how) = asked["spoil"].as_object() {
        let url =
            format!("{}/_matrix/client/v3/room_keys/keys?version={}", field("homeserver"), backup.version);
        spoil(&url, &token, &backup_key, how).await?;
    } else {
        let keys = room_keys::make(number("keys")?, number("rooms")?.max(1));
        let public_key = backup_key.megolm_v1_public_key();
        room_keys::put(field("homeserver"), &token, &backup.version, &public_key, &keys).await;
    }
    let filled = client.send(get_latest_backup_info::v3::Request::new()).await?;

    println!("{}", json!({"version": filled.version, "keys": u64::from(filled.count)}));
    client.logout().await?;
    Ok(())
}

/// Deletes every entry and uploads it again, those of some rooms spoilt: a server keeps the first of two that are
/// alike.
async fn spoil(
    url: &str,
    token: &str,
    key: &BackupDecryptionKey,
    how: &Map<String, Value>,
) -> Result<(), Box<dyn std::error::Error>> {
    let http = reqwest::Client::new();
    let held = http.get(url).bearer_auth(token).send().await?.bytes().await?;
    let mut keys: Value = serde_json::from_slice(&held)?;
    for (room_id, how) in how {
        let entries = keys["rooms"][room_id]["sessions"].as_object_mut().ok_or("no such room")?;
        for entry in entries.values_mut() {
            let data = serde_json::from_value(entry["session_data"].clone())?;
            let mut text = serde_json::to_value(key.decrypt_session_data(data)?)?;
            match how.as_str() {
                Some("garbled") => text = json!({"no": "key"}),
                Some("bare") => {
                    drop(text.as_object_mut().and_then(|text| text.remove("sender_claimed_keys")))
                }
                _ => return Err("spoilt how?".into()),
            }
            *entry = room_keys::seal(key, &text, entry);
        }
    }
    http.delete(url).bearer_auth(token).send().await?.error_for_status()?;
    http.put(url).bearer_auth(token).body(keys.to_string()).send().await?.error_for_status()?;
    Ok(())
}
