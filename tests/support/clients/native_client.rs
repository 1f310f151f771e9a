//! Starts a client on matrix-sdk's `Client` for everything in Rust that plays an app, and makes it a room to write in.

use matrix_sdk::{
    Client, Room,
    encryption::{BackupDownloadStrategy, EncryptionSettings},
    ruma::{
        api::client::room::create_room,
        assign,
        events::{InitialStateEvent, room::encryption::RoomEncryptionEventContent},
    },
};
use serde::de::DeserializeOwned;

/// Reads what a program is asked: one line of JSON on its standard input.
pub fn asked<T: DeserializeOwned>() -> Result<T, Box<dyn std::error::Error>> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

/// Account to sign in to, and the device to sign in as.
pub struct SignIn<'a> {
    pub homeserver: &'a str,
    pub user: &'a str,
    pub password: &'a str,
    /// Display name of the new device.
    pub name: Option<&'a str>,
    /// Id of the new device; the homeserver chooses one if there is none.
    pub device_id: Option<&'a str>,
}

/// Signs in with a client that sets up nothing by itself: neither identity nor backup.
pub async fn sign_in(asked: SignIn<'_>) -> Result<Client, Box<dyn std::error::Error>> {
    let settings = EncryptionSettings {
        auto_enable_cross_signing: false,
        auto_enable_backups: false,
        backup_download_strategy: BackupDownloadStrategy::Manual,
    };
    let builder = Client::builder().homeserver_url(asked.homeserver).with_encryption_settings(settings);
    let client = builder.build().await?;
    let mut login = client.matrix_auth().login_username(asked.user, asked.password);
    if let Some(name) = asked.name {
        login = login.initial_device_display_name(name);
    }
    if let Some(device_id) = asked.device_id {
        login = login.device_id(device_id);
    }
    login.await?;
    client.encryption().wait_for_e2ee_initialization_tasks().await;
    Ok(client)
}

/// Makes an encrypted room. Senders make a new room key after `messages_of_a_key`, or after the recommended number.
pub async fn make_room(client: &Client, messages_of_a_key: Option<u32>) -> matrix_sdk::Result<Room> {
    let mut content = RoomEncryptionEventContent::with_recommended_defaults();
    if let Some(messages) = messages_of_a_key {
        content.rotation_period_msgs = Some(messages.into());
    }
    let encrypted = InitialStateEvent::with_empty_state_key(content);
    let request = assign!(create_room::v3::Request::new(), { initial_state: vec![encrypted.to_raw_any()] });
    client.create_room(request).await
}
