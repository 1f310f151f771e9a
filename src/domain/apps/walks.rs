//! Labels and menus of other apps, as the page quotes them, each with the version in which they were seen.
//!
//! Labels stand between “ and ”. Nothing here may send a person to one of [`NEVER`].

use super::App;

/// A way through one app, or one generation of it.
pub struct Walk {
    /// The app.
    pub app: App,
    /// The app, and its generation.
    pub title: &'static str,
    /// A sentence by which a person recognises it; may be empty.
    pub recognise: &'static str,
    /// The version whose screens have these labels, and the words for those that were only read; empty if the walk
    /// quotes no app.
    pub seen: &'static str,
    /// The place in the app that the person has to find first; none where the first step finds nothing.
    pub spot: Option<Spot>,
    /// The labels at that place. Versions differ: the person finds one of them.
    pub finds: &'static [&'static str],
    /// The instructions, in order.
    pub steps: &'static [&'static str],
}

/// A place in an app, as the app's generation shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// The box at the top left of Element since version 1.12, whose list of rooms has no sections.
    NewBox,
    /// The box at the top left of Element before, whose list of rooms has sections.
    OldBox,
    /// The settings of Element since 2025, behind the person's picture at the top left.
    NewSettings,
    /// The menu at the person's name, at the top left of Element before 2025.
    OldMenu,
    /// The settings behind the person's picture at the bottom left.
    SettingsBelow,
    /// The settings, wherever the app has them.
    Settings,
    /// The bar under the person's name, at the top left.
    Bar,
    /// A question in the middle of the window.
    Question,
    /// The settings on a phone.
    PhoneSettings,
    /// The buttons at the bottom of a phone's screen.
    PhoneQuestion,
}

const fn walk(
    app: App,
    [title, recognise, seen]: [&'static str; 3],
    spot: Spot,
    finds: &'static [&'static str],
    steps: &'static [&'static str],
) -> Walk {
    Walk { app, title, recognise, seen, spot: Some(spot), finds, steps }
}

/// Labels that delete the backup in an app that is not verified.
pub const NEVER: [&str; 6] = [
    "Reset",
    "Reset all",
    "Proceed with reset",
    "Forgot recovery key?",
    "Can't confirm?",
    "Allow key storage",
];

/// The warning of these, for wherever a person is sent into an app.
pub const WARNING: &str = "In the app, never choose “Reset”, “Reset all”, “Proceed with reset”, “Forgot recovery key?” or “Can't confirm?”, nor turn “Allow key storage” off: that can delete your backup.";

const NEW: [&str; 3] = [
    "Element of 2025 or newer",
    "You have this one if its settings have a page called “Encryption”.",
    "Element 1.12.2; texts of 2026",
];
const OLD: [&str; 3] = [
    "Element of 2024 or older",
    "You have this one if its settings have no page called “Encryption”.",
    "Element 1.11.89",
];
const CLASSIC: [&str; 3] =
    ["Element Classic on a phone", "You have this one if Element X calls it so.", "texts of 2026, not tried"];
const ELEMENT_X: [&str; 3] = ["Element X, Android or iOS", "", "texts of 2026, not tried"];
const CINNY: [&str; 3] = ["Cinny", "", "Cinny 4.8.1"];
const NHEKO: [&str; 3] = ["Nheko", "", "Nheko 0.11.3"];
const HYDROGEN: [&str; 3] = ["Hydrogen", "", "Hydrogen 0.5.1"];
const FLUFFYCHAT: [&str; 3] = ["FluffyChat", "", "its texts, not tried"];
const ANOTHER: [&str; 3] = ["Another app", "", ""];

/// Setting up backup inside Element instead of here.
pub const SET_UP: [Walk; 3] = [
    walk(
        App::Element,
        NEW,
        Spot::NewSettings,
        &["Encryption"],
        &[
            "Open the settings and choose “Encryption”.",
            "Under “Recovery”, choose “Set up recovery”. Newer ones say “Backup” and “Get recovery key”.",
            "Choose “Continue”, then copy the key to a safe place. There is no file to download.",
            "Enter the key to confirm it, then choose “Finish set up”.",
        ],
    ),
    walk(
        App::Element,
        OLD,
        Spot::OldMenu,
        &["Security & Privacy"],
        &[
            "Open the menu at your name and choose “Security & Privacy”.",
            "Under “Secure Backup”, choose “Set up”.",
            "Choose “Generate a Security Key” or “Enter a Security Phrase”, then “Continue”.",
            "A phrase is asked for twice. Then save the key with “Download” or “Copy”.",
            "Enter your account password if asked. At “Secure Backup successful”, choose “Done”.",
        ],
    ),
    walk(
        App::ElementClassic,
        CLASSIC,
        Spot::PhoneSettings,
        &["Security & Privacy", "Security"],
        &[
            "Open its settings and choose “Security & Privacy”, on an iPhone “Security”.",
            "Scroll down to “Secure Backup”, tap “Set up” and save the key.",
            "Then open Element X again.",
        ],
    ),
];

/// Making a new recovery key in an app that holds every secret.
pub const CHANGE_KEY: [Walk; 2] = [
    walk(
        App::Element,
        NEW,
        Spot::NewSettings,
        &["Encryption"],
        &[
            "Open the settings and choose “Encryption”.",
            "Under “Recovery”, in newer ones “Backup”, choose “Change recovery key”.",
            "The key is on the first screen. Copy it to a safe place, and only then choose “Continue”.",
            "Enter it once more and choose “Confirm new recovery key”.",
        ],
    ),
    Walk {
        spot: None,
        ..walk(
            App::Element,
            OLD,
            Spot::OldMenu,
            &[],
            &["Update this app first, and stay signed in. What it offers itself would delete the backup."],
        )
    },
];

/// Giving the new recovery key to an app that still holds the old messages' keys.
pub const ENTER_KEY: [Walk; 8] = [
    walk(
        App::Element,
        NEW,
        Spot::NewBox,
        &["Verify this device", "Verify this session"],
        &[
            "Look for the box “Verify this device” or “Verify this session” and choose “Verify”. No box? Reload the app.",
            "On the page “Confirm your identity” or “Confirm your digital identity”, choose “Use recovery key”.",
            "Put your key under “Enter your recovery key” and choose “Continue”.",
        ],
    ),
    walk(
        App::Element,
        OLD,
        Spot::OldBox,
        &["Verify this session"],
        &[
            "Look for the box “Verify this session” and choose “Verify”. No box? Reload the app.",
            "Choose “Verify with Security Key or Phrase”, or “Verify with Security Key”.",
            "If the field wants a phrase, choose “use your Security Key”. Enter your recovery key, then “Continue”.",
        ],
    ),
    walk(
        App::ElementX,
        ELEMENT_X,
        Spot::PhoneQuestion,
        &["Use recovery key"],
        &[
            "At “Confirm your digital identity”, choose “Use recovery key”.",
            "Put your key under “Enter your recovery key” and choose “Continue”.",
        ],
    ),
    walk(
        App::ElementClassic,
        CLASSIC,
        Spot::PhoneSettings,
        &["Security & Privacy", "Security"],
        &[
            "Open its settings: “Security & Privacy” and “Show All Sessions”, on an iPhone “Security”.",
            "Tap the current session and verify it with your recovery key, there called Security Key.",
            "Then open Element X: it finds Element Classic and goes on with what is set up now.",
        ],
    ),
    walk(
        App::Cinny,
        CINNY,
        Spot::SettingsBelow,
        &["Devices"],
        &[
            "Choose your picture at the bottom left, then “Devices”.",
            "Choose “Verify Manually” and “Recovery Key”, enter the key, then “Verify”.",
        ],
    ),
    walk(
        App::Nheko,
        NHEKO,
        Spot::Bar,
        &["Unverified login"],
        &[
            "Choose the yellow bar “Unverified login”, or look for the box “Activate Encryption”.",
            "Choose “ENTER PASSPHRASE” and enter the recovery key: it takes that, too.",
        ],
    ),
    walk(
        App::Hydrogen,
        HYDROGEN,
        Spot::Settings,
        &["Key backup & security"],
        &[
            "Open the settings and find “Key backup & security”.",
            "Enter the key, or choose “use a security phrase” for your phrase. Then choose “Set up”.",
        ],
    ),
    walk(
        App::Unknown,
        ANOTHER,
        Spot::Question,
        &["Verify"],
        &["Look for “Verify”, or for a message about an unverified device. Enter your recovery key there."],
    ),
];

/// Finding this page's verification request in an app, and accepting it.
pub const ANSWER: [Walk; 8] = [
    walk(
        App::Element,
        NEW,
        Spot::NewBox,
        &["Verify this device", "Verify this session", "Verification requested"],
        &[
            "Does it show “Verify this device” or “Verify this session”? Choose “Stop” here. Then there “Verify” and “Use another device”, and here “Compare”.",
            "Otherwise look for the box “Verification requested” and choose “Start Verification”. Close “New login. Was this you?”: it does not start the comparison.",
            "If it asks how, choose “Start” below the emoji, not the square code.",
        ],
    ),
    walk(
        App::Element,
        OLD,
        Spot::OldBox,
        &["Verify this session", "Verification requested"],
        &[
            "Does it show “Verify this session”? Choose “Stop” here. Then there “Verify” and “Verify with another device”, and here “Compare”.",
            "Otherwise look for the box “Verification requested” and choose “Verify Session”. Close “New login. Was this you?”: it does not start the comparison.",
            "Choose “Verify by emoji” or “Start” below the emoji.",
        ],
    ),
    walk(
        App::ElementX,
        ELEMENT_X,
        Spot::PhoneQuestion,
        &["Use another device", "Start verification"],
        &[
            "Does it show “Confirm your digital identity”? Choose “Stop” here. Then there “Use another device”, and here “Compare”.",
            "Otherwise it asks “Verification requested” by itself. Choose “Start verification”.",
        ],
    ),
    walk(
        App::Cinny,
        CINNY,
        Spot::Question,
        &["Device Verification"],
        &[
            "The box “Device Verification” opens by itself. Choose “Accept”.",
            "When the emoji are the same, choose “They Match”.",
        ],
    ),
    walk(
        App::Nheko,
        NHEKO,
        Spot::Question,
        &["has requested to be verified"],
        &[
            "A window says that your device “has requested to be verified”. Choose “Accept”.",
            "When the emoji are the same, choose “They match!”.",
        ],
    ),
    walk(
        App::FluffyChat,
        FLUFFYCHAT,
        Spot::PhoneQuestion,
        &["New verification request"],
        &["Open the app. It asks “New verification request” by itself: choose “Accept”."],
    ),
    walk(
        App::Hydrogen,
        HYDROGEN,
        Spot::Settings,
        &["Key backup & security"],
        &["It may not answer. Enter your key there: settings, “Key backup & security”, “Set up”."],
    ),
    walk(
        App::Unknown,
        ANOTHER,
        Spot::Question,
        &[],
        &["Open the app and look for a message about verification. Accept it, and choose emoji."],
    ),
];

/// Starting the verification in an app that does not show this page's request.
pub const BEGIN_THERE: [Walk; 4] = [
    walk(
        App::Element,
        [
            "Element, not verified",
            "You have this one if it says “Verify this device” or “Verify this session”.",
            NEW[2],
        ],
        Spot::NewBox,
        &["Verify this device", "Verify this session"],
        &[
            "Choose “Verify”, then “Use another device”, in older ones “Verify with another device”.",
            "This page then says that the app asks: choose “Compare” here.",
        ],
    ),
    walk(
        App::Element,
        ["Element, verified", "", NEW[2]],
        Spot::NewSettings,
        &["Sessions", "Security & Privacy"],
        &[
            "Open the settings and choose “Sessions”, or “Security & Privacy” in older ones.",
            "Find “Key backup page (temporary)” in the list, open it and choose “Verify session”.",
        ],
    ),
    walk(
        App::FluffyChat,
        FLUFFYCHAT,
        Spot::PhoneSettings,
        &["Devices"],
        &[
            "Open the settings and choose “Devices”.",
            "Tap “Key backup page (temporary)” and choose “Start verification”.",
        ],
    ),
    walk(
        App::Unknown,
        ANOTHER,
        Spot::Settings,
        &[],
        &[
            "Look in its settings for a list of your devices. Choose “Key backup page (temporary)” there, then “Verify”.",
        ],
    ),
];

/// Exporting an app's room keys to a file.
pub const EXPORT: [Walk; 6] = [
    walk(
        App::Element,
        NEW,
        Spot::NewSettings,
        &["Encryption"],
        &[
            "It has to be verified first. Open the settings and choose “Encryption”.",
            "Under “Advanced”, choose “Export keys” and make up a passphrase for the file.",
        ],
    ),
    walk(
        App::Element,
        OLD,
        Spot::OldMenu,
        &["Security & Privacy"],
        &[
            "Open the menu at your name and choose “Security & Privacy”.",
            "Choose “Export E2E room keys” and make up a passphrase for the file.",
        ],
    ),
    walk(
        App::ElementClassic,
        CLASSIC,
        Spot::PhoneSettings,
        &["Security & Privacy", "Security"],
        &[
            "Open its settings and choose “Security & Privacy”, on an iPhone “Security”.",
            "Choose “Export E2E room keys”, on an iPhone “Export keys manually”. Make up a passphrase.",
        ],
    ),
    walk(
        App::Cinny,
        CINNY,
        Spot::SettingsBelow,
        &["Devices"],
        &[
            "Choose your picture at the bottom left, then “Devices”.",
            "Under “Local Backup”, at “Export Messages Data”, choose “Expand”.",
            "Make up a passphrase, enter it twice and choose “Export”.",
        ],
    ),
    walk(
        App::Nheko,
        NHEKO,
        Spot::Settings,
        &["Encryption"],
        &[
            "Open the settings with the gear and find “Encryption”.",
            "At “Session Keys”, choose “EXPORT” and make up a passphrase for the file.",
        ],
    ),
    walk(
        App::Unknown,
        ANOTHER,
        Spot::Settings,
        &["Export"],
        &[
            "Look in its settings for “Export”, near encryption or session keys. Element X and Hydrogen cannot.",
        ],
    ),
];
