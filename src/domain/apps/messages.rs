//! Sentences on the screens of apps that make people look for help, with what each means.
//!
//! The first screen has them. Its program is small, so they are few and short.

/// A sentence that an app shows, and sentences on what it means and how this page helps.
pub struct Message {
    /// The sentence, and others that mean the same.
    pub shown: &'static str,
    /// The meaning, and what comes next.
    pub meaning: &'static str,
}

/// Each message, the most pressing first.
pub const MESSAGES: [Message; 4] = [
    Message {
        shown: "“Enable your key storage before proceeding to Element X”",
        meaning: "Element Classic has no key backup yet, and Element X needs one. This page sets it up. Stay signed in to Element Classic, then open Element X again.",
    },
    Message {
        shown: "“Your key storage is out of sync”",
        meaning: "This app lacks a key that your account has. Here you see whether your recovery key still opens everything. Don't reset anything in the app before.",
    },
    Message {
        shown: "“Verify this device”, “Verify this session” or “Confirm your digital identity”",
        meaning: "The app wants your recovery key, or another app of yours. Here you see whether your key works, or get a new one. Don't reset anything in the app before.",
    },
    Message {
        shown: "“Turn on key storage”, “Back up your chats” or “Set up Secure Backup”",
        meaning: "Nothing is backed up, or backup is switched off. This page turns it on, and checks that it works.",
    },
];
