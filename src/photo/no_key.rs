//! Reasons why a photo gives no recovery key, and what to do then.

use crate::domain::recovery_key::RecoveryKeyError;

/// What a code begins with by which apps verify each other or sign another one in. Source: specification, "QR code
/// format"; MSC4108 begins alike.
const OF_AN_APP: &[u8] = b"MATRIX";
/// Beginnings of addresses and links.
const LINKS: [&[u8]; 3] = [b"http:", b"https:", b"matrix:"];

/// The reason why a photo gives no recovery key. A later one says more of the same photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoKey {
    /// The browser cannot open the picture.
    Unopened,
    /// No QR code is to be seen.
    NoCode,
    /// A code is to be seen, but not read.
    Unreadable,
    /// A code was read, and is something else.
    Other,
    /// A code was read, and is an address.
    Link,
    /// A code was read by which apps verify each other, or sign another one in.
    App,
    /// A code was read, and is nearly a recovery key.
    Mistyped,
    /// Two recovery keys were read.
    TwoKeys,
}

impl NoKey {
    /// Tells what codes are whose text is not one recovery key.
    pub(super) fn of(error: RecoveryKeyError, content: &[u8]) -> Self {
        let begins_with = |start: &[u8]| {
            content.get(..start.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(start))
        };
        if content.starts_with(OF_AN_APP) {
            return Self::App;
        }
        if LINKS.into_iter().any(begins_with) {
            return Self::Link;
        }
        match error {
            RecoveryKeyError::TwoKeys(_) => Self::TwoKeys,
            RecoveryKeyError::Length(_) | RecoveryKeyError::Character(_) | RecoveryKeyError::Parity => {
                Self::Mistyped
            }
            RecoveryKeyError::Empty | RecoveryKeyError::NotAKey | RecoveryKeyError::KeyFile => Self::Other,
        }
    }

    /// Says what is so, and what to do.
    pub fn words(self) -> [&'static str; 2] {
        const YOUR_KIT: &str =
            "Take a photo of the code on the kit you printed. No kit? Type the recovery key.";
        match self {
            Self::Unopened => [
                "This browser can't open this picture.",
                "Take a new photo here, or choose a picture in JPEG or PNG. Or type the key.",
            ],
            Self::NoCode => [
                "We can't find a QR code in this photo.",
                "Lay the kit flat, in good light. Hold your phone straight above it, with the whole code in the picture. Or type the key.",
            ],
            Self::Unreadable => [
                "We can see a QR code in this photo, but we can't read it.",
                "It may be blurred, creased or partly covered. Hold your phone still and nearer, and take a new photo. Or type the key.",
            ],
            Self::Other => ["This QR code is something else, not your recovery key.", YOUR_KIT],
            Self::Link => ["This QR code is a link, not your recovery key.", YOUR_KIT],
            Self::App => ["This QR code is for verifying an app, or for signing in to one.", YOUR_KIT],
            Self::Mistyped => [
                "This QR code has a recovery key with a mistake in it.",
                "If your kit shows the key as text, type that. If not, look for another copy of the key.",
            ],
            Self::TwoKeys => {
                ["There are two recovery keys in this photo.", "Take a photo of one kit alone: the newest."]
            }
        }
    }
}
