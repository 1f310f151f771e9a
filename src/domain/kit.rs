//! What is kept on paper.

use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// A recovery key as it is shown and printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kit {
    /// The key's text form, in groups of four.
    pub recovery_key: Secret,
    /// The id of the key in secret storage; its first letters tell two kits apart.
    pub key_id: String,
    /// The key as a QR code: the outline of its dark modules as an SVG path of one unit a module, with the
    /// quiet zone around it left out. As secret as the key.
    pub qr: Secret,
    /// How many modules the QR code is wide and high.
    pub qr_modules: u8,
}
