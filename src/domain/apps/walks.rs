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
    /// The steps, in order.
    pub steps: &'static [WalkStep],
}

/// One step in an app.
pub struct WalkStep {
    /// The kind of screen that the app shows.
    pub shows: Shows,
    /// The instruction.
    pub text: &'static str,
}

/// A kind of screen in an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// A menu or a list.
    Menu,
    /// A question with buttons.
    Question,
    /// A field to type in.
    Field,
    /// A box in the corner.
    Toast,
}

const fn step(shows: Shows, text: &'static str) -> WalkStep {
    WalkStep { shows, text }
}

const fn menu(text: &'static str) -> WalkStep {
    step(Shows::Menu, text)
}

const fn question(text: &'static str) -> WalkStep {
    step(Shows::Question, text)
}

const fn field(text: &'static str) -> WalkStep {
    step(Shows::Field, text)
}

const fn toast(text: &'static str) -> WalkStep {
    step(Shows::Toast, text)
}

const fn walk(app: App, [title, recognise, seen]: [&'static str; 3], steps: &'static [WalkStep]) -> Walk {
    Walk { app, title, recognise, seen, steps }
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
pub const WARNING: &str = "In the app, never choose “Reset”, “Reset all”, “Proceed with reset”, “Forgot recovery key?” or “Can't confirm?”, and leave “Allow key storage” on. Otherwise it deletes your backup.";

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
        &[
            menu("Open the settings and choose “Encryption”."),
            question(
                "Under “Recovery”, choose “Set up recovery”. Newer ones say “Backup” and “Get recovery key”.",
            ),
            question("Choose “Continue”, then copy the key to a safe place. There is no file to download."),
            field("Enter the key to confirm it, then choose “Finish set up”."),
        ],
    ),
    walk(
        App::Element,
        OLD,
        &[
            menu("Open the menu at your name and choose “Security & Privacy”."),
            question("Under “Secure Backup”, choose “Set up”."),
            question("Choose “Generate a Security Key” or “Enter a Security Phrase”, then “Continue”."),
            field("A phrase is asked for twice. Then save the key with “Download” or “Copy”."),
            question("Enter your account password if asked. At “Secure Backup successful”, choose “Done”."),
        ],
    ),
    walk(
        App::ElementClassic,
        CLASSIC,
        &[
            menu("Open its settings and choose “Security & Privacy”, on an iPhone “Security”."),
            question("Scroll down to “Secure Backup”, tap “Set up” and save the key."),
            question("Then open Element X again."),
        ],
    ),
];

/// Making a new recovery key in an app that holds every secret.
pub const CHANGE_KEY: [Walk; 2] = [
    walk(
        App::Element,
        NEW,
        &[
            menu("Open the settings and choose “Encryption”."),
            question("Under “Recovery”, in newer ones “Backup”, choose “Change recovery key”."),
            question(
                "The key is on the first screen. Copy it to a safe place, and only then choose “Continue”.",
            ),
            field("Enter it once more and choose “Confirm new recovery key”."),
        ],
    ),
    walk(
        App::Element,
        OLD,
        &[menu("Update this app first, and stay signed in. What it offers itself would delete the backup.")],
    ),
];

/// Giving the new recovery key to an app that still holds the old messages' keys.
pub const ENTER_KEY: [Walk; 8] = [
    walk(
        App::Element,
        NEW,
        &[
            toast(
                "Look for the box “Verify this device” or “Verify this session” and choose “Verify”. No box? Reload the app.",
            ),
            question(
                "On the page “Confirm your identity” or “Confirm your digital identity”, choose “Use recovery key”.",
            ),
            field("Put your key under “Enter your recovery key” and choose “Continue”."),
        ],
    ),
    walk(
        App::Element,
        OLD,
        &[
            toast("Look for the box “Verify this session” and choose “Verify”. No box? Reload the app."),
            question("Choose “Verify with Security Key or Phrase”, or “Verify with Security Key”."),
            field(
                "If the field wants a phrase, choose “use your Security Key”. Enter your recovery key, then “Continue”.",
            ),
        ],
    ),
    walk(
        App::ElementX,
        ELEMENT_X,
        &[
            question("At “Confirm your digital identity”, choose “Use recovery key”."),
            field("Put your key under “Enter your recovery key” and choose “Continue”."),
        ],
    ),
    walk(
        App::ElementClassic,
        CLASSIC,
        &[
            menu("Open its settings: “Security & Privacy” and “Show All Sessions”, on an iPhone “Security”."),
            question(
                "Tap the current session and verify it with your recovery key, there called Security Key.",
            ),
            question("Then open Element X: it finds Element Classic and goes on with what is set up now."),
        ],
    ),
    walk(
        App::Cinny,
        CINNY,
        &[
            menu("Choose your picture at the bottom left, then “Devices”."),
            field("Choose “Verify Manually” and “Recovery Key”, enter the key, then “Verify”."),
        ],
    ),
    walk(
        App::Nheko,
        NHEKO,
        &[
            toast("Choose the yellow bar “Unverified login”, or look for the box “Activate Encryption”."),
            field("Choose “ENTER PASSPHRASE” and enter the recovery key: it takes that, too."),
        ],
    ),
    walk(
        App::Hydrogen,
        HYDROGEN,
        &[
            menu("Open the settings and find “Key backup & security”."),
            field("Enter the key, or choose “use a security phrase” for your phrase. Then choose “Set up”."),
        ],
    ),
    walk(
        App::Unknown,
        ANOTHER,
        &[field(
            "Look for “Verify”, or for a message about an unverified device. Enter your recovery key there.",
        )],
    ),
];

/// Finding this page's verification request in an app, and accepting it.
pub const ANSWER: [Walk; 8] = [
    walk(
        App::Element,
        NEW,
        &[
            toast(
                "Does it show “Verify this device” or “Verify this session”? Choose “Stop” here. Then there “Verify” and “Use another device”, and here “Compare”.",
            ),
            toast(
                "Otherwise look for the box “Verification requested” and choose “Start Verification”. Close “New login. Was this you?”: it begins nothing.",
            ),
            question("If it asks how, choose “Start” below the emoji, not the square code."),
        ],
    ),
    walk(
        App::Element,
        OLD,
        &[
            toast(
                "Does it show “Verify this session”? Choose “Stop” here. Then there “Verify” and “Verify with another device”, and here “Compare”.",
            ),
            toast(
                "Otherwise look for the box “Verification requested” and choose “Verify Session”. Close “New login. Was this you?”: it begins nothing.",
            ),
            question("Choose “Verify by emoji” or “Start” below the emoji."),
        ],
    ),
    walk(
        App::ElementX,
        ELEMENT_X,
        &[
            question(
                "Does it show “Confirm your digital identity”? Choose “Stop” here. Then there “Use another device”, and here “Compare”.",
            ),
            question("Otherwise it asks “Verification requested” by itself. Choose “Start verification”."),
        ],
    ),
    walk(
        App::Cinny,
        CINNY,
        &[
            question("The box “Device Verification” opens by itself. Choose “Accept”."),
            question("When the emoji are the same, choose “They Match”."),
        ],
    ),
    walk(
        App::Nheko,
        NHEKO,
        &[
            question("A window says that your device “has requested to be verified”. Choose “Accept”."),
            question("When the emoji are the same, choose “They match!”."),
        ],
    ),
    walk(
        App::FluffyChat,
        FLUFFYCHAT,
        &[question("Open the app. It asks “New verification request” by itself: choose “Accept”.")],
    ),
    walk(
        App::Hydrogen,
        HYDROGEN,
        &[field("It may not answer. Enter your key there: settings, “Key backup & security”, “Set up”.")],
    ),
    walk(
        App::Unknown,
        ANOTHER,
        &[toast("Open the app and look for a message about verification. Accept it, and choose emoji.")],
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
        &[
            toast("Choose “Verify”, then “Use another device”, in older ones “Verify with another device”."),
            question("This page then says that the app asks: choose “Compare” here."),
        ],
    ),
    walk(
        App::Element,
        ["Element, verified", "", NEW[2]],
        &[
            menu("Open the settings and choose “Sessions”, or “Security & Privacy” in older ones."),
            question("Find “Key backup page (temporary)” in the list, open it and choose “Verify session”."),
        ],
    ),
    walk(
        App::FluffyChat,
        FLUFFYCHAT,
        &[
            menu("Open the settings and choose “Devices”."),
            question("Tap “Key backup page (temporary)” and choose “Start verification”."),
        ],
    ),
    walk(
        App::Unknown,
        ANOTHER,
        &[menu(
            "Look in its settings for a list of your devices. Choose “Key backup page (temporary)” there, then “Verify”.",
        )],
    ),
];

/// Exporting an app's room keys to a file.
pub const EXPORT: [Walk; 6] = [
    walk(
        App::Element,
        NEW,
        &[
            menu("It has to be verified first. Open the settings and choose “Encryption”."),
            field("Under “Advanced”, choose “Export keys” and make up a passphrase for the file."),
        ],
    ),
    walk(
        App::Element,
        OLD,
        &[
            menu("Open the menu at your name and choose “Security & Privacy”."),
            field("Choose “Export E2E room keys” and make up a passphrase for the file."),
        ],
    ),
    walk(
        App::ElementClassic,
        CLASSIC,
        &[
            menu("Open its settings and choose “Security & Privacy”, on an iPhone “Security”."),
            field(
                "Choose “Export E2E room keys”, on an iPhone “Export keys manually”. Make up a passphrase.",
            ),
        ],
    ),
    walk(
        App::Cinny,
        CINNY,
        &[
            menu("Choose your picture at the bottom left, then “Devices”."),
            menu("Under “Local Backup”, at “Export Messages Data”, choose “Expand”."),
            field("Make up a passphrase, enter it twice and choose “Export”."),
        ],
    ),
    walk(
        App::Nheko,
        NHEKO,
        &[
            menu("Open the settings with the gear and find “Encryption”."),
            field("At “Session Keys”, choose “EXPORT” and make up a passphrase for the file."),
        ],
    ),
    walk(
        App::Unknown,
        ANOTHER,
        &[menu(
            "Look in its settings for “Export”, near encryption or session keys. Element X and Hydrogen cannot.",
        )],
    ),
];
