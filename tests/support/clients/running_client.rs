//! Plays the app that a person already uses. It signs in, is given the recovery key, sends a message, and lets its room
//! key arrive in the backup.
//!
//! Reads one line of JSON, `{"homeserver", "user", "password", "recovery_key", "text"}`, and prints
//! one, `{"room_id", "event_id"}`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod native_client;

use matrix_sdk::{config::SyncSettings, ruma::events::room::message::RoomMessageEventContent};
use native_client::{SignIn, asked, make_room, sign_in};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked: Value = asked()?;
    let field = |name: &str| asked[name].as_str().unwrap_or_default();

    let client = sign_in(SignIn {
        homeserver: field("homeserver"),
        user: field("user"),
        password: field("password"),
        name: Some("running client"),
        device_id: None,
    });
    let client = client.await?;
    client.sync_once(SyncSettings::default()).await?;

    client.encryption().recovery().recover(field("recovery_key")).await?;
    let room = make_room(&client, None).await?;
    client.sync_once(SyncSettings::default()).await?;
    let sent = room.send(RoomMessageEventContent::text_plain(field("text"))).await?;
    client.encryption().backups().wait_for_steady_state().await?;

    println!("{}", json!({"room_id": room.room_id(), "event_id": sent.response.event_id}));
    client.logout().await?;
    Ok(())
}
