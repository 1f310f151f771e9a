//! Reads what a device publishes of itself.
//!
//! Source: specification, `POST /_matrix/client/v3/keys/query`; MSC3814.

use serde_json::Value;

use super::Device;
use crate::domain::line;

/// A device that has keys.
pub enum Published {
    /// A signed-in app, or what an earlier visit of this page left over.
    Device(Device),
    /// It receives keys while the user is away, and is no signed-in app.
    Dehydrated,
}

/// Reads a device. `signer` names the key with which the user's identity signs devices. A signature that is there counts:
/// it is not checked here.
pub fn device(user_id: &str, device_id: &str, published: &Value, signer: Option<&str>) -> Published {
    if published.get("dehydrated").and_then(Value::as_bool) == Some(true) {
        return Published::Dehydrated;
    }
    let signatures = published.get("signatures").and_then(|by_user| by_user.get(user_id));
    let name = published.get("unsigned").and_then(|unsigned| unsigned.get("device_display_name"));
    let cut = |text: &str| line::cut(text, line::LONGEST);
    Published::Device(Device {
        device_id: cut(device_id),
        name: name.and_then(Value::as_str).map(cut),
        verified: signer.is_some_and(|key| signatures.is_some_and(|by| by.get(key).is_some())),
    })
}
