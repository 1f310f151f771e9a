//! The sheet with the recovery key that a person keeps.

use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// A recovery key as it is shown and printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kit {
    /// The key in its text form ("Key representation"), in groups of four.
    pub recovery_key: Secret,
    /// The id of the key in secret storage; its first letters tell two kits apart.
    pub key_id: String,
    /// The key as a QR code, and so as secret as the key: an SVG path around the dark modules. One module is one unit
    /// wide; the path leaves out the quiet zone.
    pub qr: Secret,
    /// Width and height of the QR code, in modules.
    pub qr_modules: u8,
}
