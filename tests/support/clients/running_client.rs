//! Plays the client a person already uses: signs in, is given the recovery key, sends a message, and
//! lets its keys arrive in the backup.
//!
//! Reads one line of JSON, `{"homeserver", "user", "password", "recovery_key", "text"}`, and prints
//! one, `{"room_id", "event_id"}`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use matrix_sdk::{
    Client,
    config::SyncSettings,
    encryption::{BackupDownloadStrategy, EncryptionSettings},
    ruma::{
        api::client::room::create_room,
        assign,
        events::{
            InitialStateEvent, room::encryption::RoomEncryptionEventContent,
            room::message::RoomMessageEventContent,
        },
    },
};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let asked: Value = serde_json::from_str(&line)?;
    let field = |name: &str| asked[name].as_str().unwrap_or_default();

    let settings = EncryptionSettings {
        auto_enable_cross_signing: false,
        auto_enable_backups: false,
        backup_download_strategy: BackupDownloadStrategy::Manual,
    };
    let client = Client::builder()
        .homeserver_url(field("homeserver"))
        .with_encryption_settings(settings)
        .build()
        .await?;
    let login = client.matrix_auth().login_username(field("user"), field("password"));
    login.initial_device_display_name("running client").await?;
    client.encryption().wait_for_e2ee_initialization_tasks().await;
    client.sync_once(SyncSettings::default()).await?;

    client.encryption().recovery().recover(field("recovery_key")).await?;
    let encrypted =
        InitialStateEvent::with_empty_state_key(RoomEncryptionEventContent::with_recommended_defaults());
    let request = assign!(create_room::v3::Request::new(), { initial_state: vec![encrypted.to_raw_any()] });
    let room = client.create_room(request).await?;
    client.sync_once(SyncSettings::default()).await?;
    let sent = room.send(RoomMessageEventContent::text_plain(field("text"))).await?;
    client.encryption().backups().wait_for_steady_state().await?;

    println!("{}", json!({"room_id": room.room_id(), "event_id": sent.response.event_id}));
    client.logout().await?;
    Ok(())
}
