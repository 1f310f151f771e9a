//! Plays the client with which somebody set up their account. It signs in, sets up as much as it is told, writes
//! messages, and lets their keys arrive in the backup. The device stays signed in.
//!
//! Reads one line of JSON, `{"homeserver", "user", "password", "set_up", "phrase", "rooms"}`. `set_up` is `"nothing"`,
//! `"identity"`, `"backup"` or `"recovery"`. With `"backup"` there is an identity, too, and the backup key is stored
//! nowhere. `"recovery"` is all of it, opened by `phrase`, too, if there is one. `rooms` holds each room's messages.
//! Prints one line of JSON, `{"user_id", "device_id", "access_token", "recovery_key", "messages"}`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod native_client;

use matrix_sdk::{Client, config::SyncSettings, ruma::events::room::message::RoomMessageEventContent};
use native_client::{SignIn, asked, make_room, sign_in};
use serde::Deserialize;
use serde_json::{Value, json};

type Failable<T> = Result<T, Box<dyn std::error::Error>>;

#[derive(Deserialize)]
struct Asked {
    homeserver: String,
    user: String,
    password: String,
    set_up: String,
    phrase: Option<String>,
    rooms: Vec<Vec<String>>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Failable<()> {
    let asked: Asked = asked()?;
    let client = sign_in(SignIn {
        homeserver: &asked.homeserver,
        user: &asked.user,
        password: &asked.password,
        name: Some("App"),
        device_id: None,
    });
    let client = client.await?;
    let recovery_key = set_up(&client, &asked).await?;
    let mut messages = Vec::new();
    for texts in &asked.rooms {
        messages.extend(write(&client, texts).await?);
    }
    if matches!(asked.set_up.as_str(), "backup" | "recovery") {
        client.encryption().backups().wait_for_steady_state().await?;
    }
    let said = json!({
        "user_id": client.user_id(),
        "device_id": client.device_id(),
        "access_token": client.access_token(),
        "recovery_key": recovery_key,
        "messages": messages,
    });
    println!("{said}");
    Ok(())
}

/// Sets up as much as is asked. An identity is made before the first sync: answers to that may undo a new one
/// (matrix-rust-sdk#4728).
async fn set_up(client: &Client, asked: &Asked) -> Failable<Option<String>> {
    let encryption = client.encryption();
    if asked.set_up != "nothing" {
        encryption.bootstrap_cross_signing(None).await?;
    }
    client.sync_once(SyncSettings::default()).await?;
    match asked.set_up.as_str() {
        "backup" => encryption.backups().create().await?,
        "recovery" => {
            let recovery = encryption.recovery();
            let enable = recovery.enable();
            let key = match &asked.phrase {
                Some(phrase) => enable.with_passphrase(phrase).await?,
                None => enable.await?,
            };
            return Ok(Some(key));
        }
        _ => {}
    }
    Ok(None)
}

/// Writes messages into a new encrypted room, with a new room key after five, so that there is something to count.
async fn write(client: &Client, texts: &[String]) -> Failable<Vec<Value>> {
    let room = make_room(client, Some(5)).await?;
    client.sync_once(SyncSettings::default()).await?;
    let mut messages = Vec::new();
    for text in texts {
        let sent = room.send(RoomMessageEventContent::text_plain(text)).await?;
        messages.push(json!({"room_id": room.room_id(), "event_id": sent.response.event_id, "text": text}));
    }
    Ok(messages)
}
