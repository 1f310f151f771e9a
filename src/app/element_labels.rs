//! What Element calls things, in its two generations of labels. The one place to change when they do.
//!
//! Labels stand between “ and ”. Nothing here may send a person to “Reset”, to the “Key storage”
//! switch or to “Forgot recovery key?”: in an app that is not verified these delete the backup.

use super::part::illustration::{APP_FIELD, APP_MENU, APP_QUESTION, APP_TOAST, Drawing};

/// A way through one generation of Element.
pub struct Walk {
    /// Which generation.
    pub title: &'static str,
    /// How to tell that it is this one.
    pub recognise: &'static str,
    /// What to do, one after the other.
    pub steps: &'static [WalkStep],
}

/// One thing to do.
pub struct WalkStep {
    /// What the screen looks like, roughly.
    pub picture: &'static Drawing,
    /// What to do there.
    pub text: &'static str,
}

const fn step(picture: &'static Drawing, text: &'static str) -> WalkStep {
    WalkStep { picture, text }
}

/// Setting up backup inside Element instead of here.
pub const SET_UP: [Walk; 2] = [
    Walk {
        title: "Element of 2025 or newer",
        recognise: "You have this one if its settings have a page called “Encryption”.",
        steps: &[
            step(&APP_MENU, "Open the settings and choose “Encryption”."),
            step(
                &APP_QUESTION,
                "Under “Recovery”, choose “Set up recovery”. Newer ones say “Backup” and “Get recovery key”.",
            ),
            step(
                &APP_QUESTION,
                "Choose “Continue”, then copy the key to a safe place. There is no file to download.",
            ),
            step(&APP_FIELD, "Enter the key to confirm it, then choose “Finish set up”."),
        ],
    },
    Walk {
        title: "Element of 2024 or older",
        recognise: "You have this one if its menu has an entry “Security & Privacy”.",
        steps: &[
            step(&APP_MENU, "Open the menu at your name and choose “Security & Privacy”."),
            step(&APP_QUESTION, "Under “Secure Backup”, choose “Set up”."),
            step(
                &APP_QUESTION,
                "Choose “Generate a Security Key” or “Enter a Security Phrase”, then “Continue”.",
            ),
            step(&APP_FIELD, "A phrase is asked for twice. Then save the key with “Download” or “Copy”."),
            step(
                &APP_QUESTION,
                "Enter your account password if asked. At “Secure Backup successful”, choose “Done”.",
            ),
        ],
    },
];

/// Making a new recovery key in an app that holds everything.
pub const CHANGE_KEY: [Walk; 2] = [
    Walk {
        title: "Element of 2025 or newer",
        recognise: "You have this one if its settings have a page called “Encryption”.",
        steps: &[
            step(&APP_MENU, "Open the settings and choose “Encryption”."),
            step(&APP_QUESTION, "Under “Recovery”, choose “Change recovery key”, then “Continue”."),
            step(&APP_FIELD, "Copy the key to a safe place. Enter it once more to confirm it."),
        ],
    },
    Walk {
        title: "Element of 2024 or older",
        recognise: "You have this one if its menu has an entry “Security & Privacy”.",
        steps: &[step(
            &APP_MENU,
            "Update this app first, and stay signed in. What it offers itself would delete the backup.",
        )],
    },
];

/// Giving the new recovery key to an app that still holds the old messages' keys.
pub const ENTER_KEY: [Walk; 2] = [
    Walk {
        title: "Element of 2025 or newer",
        recognise: "You have this one if its settings have a page called “Encryption”.",
        steps: &[
            step(&APP_TOAST, "Look for the box “Verify this device” and accept it. No box? Reload the app."),
            step(
                &APP_QUESTION,
                "Choose “Use recovery key”. The page may be called “Confirm your digital identity”.",
            ),
            step(&APP_FIELD, "Put your key under “Enter your recovery key” and choose “Continue”."),
        ],
    },
    Walk {
        title: "Element of 2024 or older",
        recognise: "You have this one if its menu has an entry “Security & Privacy”.",
        steps: &[
            step(&APP_TOAST, "Look for the box “Verify this session” and accept it. No box? Reload the app."),
            step(&APP_QUESTION, "Choose “Verify with Security Key or Phrase”."),
            step(&APP_FIELD, "Enter your recovery key. This app calls it the Security Key. Then “Continue”."),
        ],
    },
];
