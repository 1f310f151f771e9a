//! Labels and menus of other apps, as the page quotes them: Element in its two generations, and others.
//! When an app renames something, only this file has to change.
//!
//! Labels stand between “ and ”. Nothing here may send a person to “Reset”, to the “Key storage”
//! switch or to “Forgot recovery key?”. In an app that is not verified these delete the backup.

use super::part::illustration::{APP_FIELD, APP_MENU, APP_QUESTION, APP_TOAST, Drawing};

/// A way through one app, or one generation of it.
pub struct Walk {
    /// The app, and its generation.
    pub title: &'static str,
    /// A sentence by which a person recognises it; may be empty.
    pub recognise: &'static str,
    /// The steps, in order.
    pub steps: &'static [WalkStep],
}

/// One step in an app.
pub struct WalkStep {
    /// A rough picture of the app's screen.
    pub picture: &'static Drawing,
    /// The instruction.
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

/// Making a new recovery key in an app that holds every secret.
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

/// Finding this page's verification request in an app, and accepting it.
pub const ANSWER: [Walk; 4] = [
    Walk {
        title: "Element of 2025 or newer",
        recognise: "You have this one if its settings have a page called “Encryption”.",
        steps: &[
            step(
                &APP_TOAST,
                "Open the app. Look for the box “Verification requested” and choose “Verify Session” or “Start verification”.",
            ),
            step(&APP_QUESTION, "If it asks how, choose “Start” below the emoji, not the square code."),
        ],
    },
    Walk {
        title: "Element of 2024 or older",
        recognise: "You have this one if its menu has an entry “Security & Privacy”.",
        steps: &[
            step(
                &APP_TOAST,
                "Open the app. Look for the box “Verification requested” or “New login. Was this you?” and accept it.",
            ),
            step(&APP_QUESTION, "Choose “Verify by emoji” or “Start” below the emoji."),
        ],
    },
    Walk {
        title: "FluffyChat",
        recognise: "",
        steps: &[step(
            &APP_QUESTION,
            "Open the app. It asks “New verification request” by itself: choose “Accept”.",
        )],
    },
    Walk {
        title: "Another app",
        recognise: "",
        steps: &[step(
            &APP_TOAST,
            "Open the app and look for a message about verification or a new device. Accept it, and choose emoji.",
        )],
    },
];

/// Starting the verification in an app that does not show this page's request.
pub const BEGIN_THERE: [Walk; 3] = [
    Walk {
        title: "Element, any age",
        recognise: "",
        steps: &[
            step(
                &APP_MENU,
                "Open the settings and choose “Sessions”, or “Security & Privacy” in older ones.",
            ),
            step(
                &APP_QUESTION,
                "Find “Key backup page (temporary)” in the list, open it and choose “Verify session”.",
            ),
        ],
    },
    Walk {
        title: "FluffyChat",
        recognise: "",
        steps: &[
            step(&APP_MENU, "Open the settings and choose “Devices”."),
            step(&APP_QUESTION, "Tap “Key backup page (temporary)” and choose “Start verification”."),
        ],
    },
    Walk {
        title: "Another app",
        recognise: "",
        steps: &[step(
            &APP_MENU,
            "Look in its settings for a list of your devices. Choose “Key backup page (temporary)” there, then “Verify”.",
        )],
    },
];

/// Exporting an app's room keys to a file.
pub const EXPORT: [Walk; 3] = [
    Walk {
        title: "Element of 2025 or newer",
        recognise: "You have this one if its settings have a page called “Encryption”.",
        steps: &[
            step(&APP_MENU, "Open the settings and choose “Encryption”."),
            step(&APP_FIELD, "Under “Advanced”, choose “Export keys” and make up a passphrase for the file."),
        ],
    },
    Walk {
        title: "Element of 2024 or older",
        recognise: "You have this one if its menu has an entry “Security & Privacy”.",
        steps: &[
            step(&APP_MENU, "Open the menu at your name and choose “Security & Privacy”."),
            step(&APP_FIELD, "Choose “Export E2E room keys” and make up a passphrase for the file."),
        ],
    },
    Walk {
        title: "Another app",
        recognise: "",
        steps: &[step(
            &APP_MENU,
            "Look in its settings for “Export”, near encryption or session keys. The phone apps of Element X cannot.",
        )],
    },
];
