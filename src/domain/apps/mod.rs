//! The apps that people use, recognised by the name that each gives its device, and what each does and can do.
//!
//! All that is known of an app stands here: [`App::facts`] has what it does with old messages' keys, [`walks`] has
//! the labels on its screens, [`messages`] the sentences that bring people here. When an app changes, only this folder has to.

pub mod messages;
#[cfg(test)]
mod tests;
pub mod walks;

use super::account::{Account, Device};
use crate::words::{self, Word};

/// An app, or a family of apps that behave alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    /// Element in a browser or on a desktop, at whatever address it is hosted.
    Element,
    /// Element X on a phone, and Element Pro, which is made from it.
    ElementX,
    /// The Element for phones before Element X.
    ElementClassic,
    /// SchildiChat, which follows Element.
    SchildiChat,
    /// Cinny.
    Cinny,
    /// Nheko.
    Nheko,
    /// Hydrogen.
    Hydrogen,
    /// FluffyChat.
    FluffyChat,
    /// Fractal.
    Fractal,
    /// Any other, or one whose device was given another name.
    Unknown,
}

/// The use that an app makes of the backup's key once it has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sends {
    /// It sends every old key by itself; seen to.
    ByItself,
    /// It never sends an old key, only those of messages that come from then on.
    Never,
    /// Most likely it sends them, but nobody has seen it with this page.
    Untried,
}

/// Facts about an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its name, as a sentence uses it; unknown apps are "your app".
    pub name: &'static str,
    /// Its use of the backup's key.
    pub sends: Sends,
    /// Set if it can write its keys into a file that this page reads.
    pub exports: bool,
    /// The sentences for when no old key has come a minute after it got the backup's key.
    pub remedy: &'static str,
    /// The sentences for when it is not verified: the first steps on its own screen.
    pub verify: &'static str,
}

/// Parts of a name, in small letters, each with the app that it tells. The first that fits counts.
const NAMES: [(&str, App); 16] = [
    ("schildichat", App::SchildiChat),
    ("element x", App::ElementX),
    ("elementx", App::ElementX),
    ("element pro", App::ElementX),
    ("element classic", App::ElementClassic),
    ("element android", App::ElementClassic),
    ("element ios", App::ElementClassic),
    ("riotx", App::ElementClassic),
    ("riot android", App::ElementClassic),
    ("riot ios", App::ElementClassic),
    ("cinny", App::Cinny),
    ("nheko", App::Nheko),
    ("hydrogen", App::Hydrogen),
    ("fluffychat", App::FluffyChat),
    ("fractal", App::Fractal),
    ("element", App::Element),
];

impl App {
    /// Recognises an app by the name of its device, which anybody may have changed: so it is only ever a hint.
    pub fn of(name: Option<&str>) -> Self {
        let Some(name) = name.map(str::to_lowercase) else { return Self::Unknown };
        if is_a_web_address(&name) {
            return Self::Element;
        }
        NAMES.into_iter().find(|(part, _)| is_in(&name, part)).map_or(Self::Unknown, |(_, app)| app)
    }

    /// Returns its name as its makers write it, in every language alike; none for an unknown one.
    pub fn product(self) -> Option<&'static str> {
        match self {
            Self::Element => Some("Element"),
            Self::ElementX => Some("Element X"),
            Self::ElementClassic => Some("Element Classic"),
            Self::SchildiChat => Some("SchildiChat"),
            Self::Cinny => Some("Cinny"),
            Self::Nheko => Some("Nheko"),
            Self::Hydrogen => Some("Hydrogen"),
            Self::FluffyChat => Some("FluffyChat"),
            Self::Fractal => Some("Fractal"),
            Self::Unknown => None,
        }
    }

    /// Returns the apps of these devices, each once, in order.
    pub fn among<'a>(devices: impl IntoIterator<Item = &'a Device>) -> Vec<Self> {
        let mut apps = Vec::new();
        for app in devices.into_iter().map(|device| Self::of(device.name.as_deref())) {
            if !apps.contains(&app) {
                apps.push(app);
            }
        }
        apps
    }

    /// Returns what is known of it.
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub fn facts(self) -> Facts {
        let (name, sends, exports, remedy, verify) = match self {
            Self::Element => (
                "Element",
                Sends::ByItself,
                true,
                words::apps_reload_element_if_still_no(),
                words::apps_open_it_at_verify_this(),
            ),
            Self::ElementX => (
                words::apps_element_x(),
                Sends::Untried,
                false,
                words::apps_close_element_x_fully_and(),
                words::apps_open_it_at_confirm_your(),
            ),
            Self::ElementClassic => (
                words::apps_element_classic(),
                Sends::Untried,
                true,
                words::apps_close_element_classic_fully_and(),
                words::apps_open_its_settings_then_security(),
            ),
            Self::SchildiChat => (
                "SchildiChat",
                Sends::Untried,
                true,
                words::apps_reload_schildichat_or_close_it(),
                VERIFY_ANY(),
            ),
            Self::Cinny => (
                words::apps_cinny(),
                Sends::ByItself,
                true,
                words::apps_reload_cinny_if_still_no(),
                words::apps_open_it_choose_your_picture(),
            ),
            Self::Nheko => (
                words::apps_nheko(),
                Sends::Never,
                true,
                words::apps_nheko_never_sends_its_old(),
                words::apps_open_it_choose_the_yellow(),
            ),
            Self::Hydrogen => (
                words::apps_hydrogen(),
                Sends::Untried,
                false,
                words::apps_reload_hydrogen_it_cant_export(),
                words::apps_open_its_settings_then_key(),
            ),
            Self::FluffyChat => (
                "FluffyChat",
                Sends::Untried,
                false,
                words::apps_close_fluffychat_fully_and_open(),
                VERIFY_ANY(),
            ),
            Self::Fractal => {
                ("Fractal", Sends::Untried, true, words::apps_close_fractal_and_open_it(), VERIFY_ANY())
            }
            Self::Unknown => (
                words::apps_your_app(),
                Sends::Untried,
                true,
                words::apps_reload_the_app_or_close(),
                VERIFY_ANY(),
            ),
        };
        Facts { name, sends, exports, remedy, verify }
    }
}

/// Returns the person's apps that are not verified, where there is an identity that could verify them. Since April 2026
/// most apps exchange no encrypted messages with such devices (MSC4153).
pub fn unverified(account: &Account) -> Vec<&Device> {
    let has_identity = account.identity.is_some();
    account.apps().filter(|device| has_identity && !device.verified).collect()
}

/// The warning wherever keys are in an app only. Since March 2026 Element has another name for signing out.
pub const STAY: Word = words::apps_do_not_sign_out_of;

const VERIFY_ANY: Word = words::apps_open_it_and_look_for;

/// Tells whether a part stands in a name and does not end in the middle of a word: "element x" is not in
/// "element xfce". A version may follow at once.
fn is_in(name: &str, part: &str) -> bool {
    let follows = |at: usize| name.get(at + part.len()..).and_then(|rest| rest.chars().next());
    name.match_indices(part).any(|(at, _)| !follows(at).is_some_and(char::is_alphabetic))
}

/// Tells whether a name is what Element in a browser gives itself: "chat.example.org: Firefox on Linux". In its
/// first years it was "https://riot.im/app/ via Firefox on Linux".
fn is_a_web_address(name: &str) -> bool {
    let runs_on = |rest: &str| rest.contains(" on ");
    let is_host = |host: &str| {
        host.contains('.') && !host.contains(char::is_whitespace) || host.starts_with("localhost")
    };
    let now = name.split_once(": ").is_some_and(|(host, rest)| is_host(host) && runs_on(rest));
    let once = name.split_once(" via ").is_some_and(|(host, rest)| host.starts_with("http") && runs_on(rest));
    now || once
}
