//! Reads the host's settings from `config.json`.
//!
//! Everything is optional. The page leaves out what it cannot use, with a warning, and keeps its own default. A host
//! can narrow what the page does, and never widen it. `hosting/config.schema.json` says the same to an editor; a test
//! compares the two.

mod offers;
mod reading;
#[cfg(test)]
mod tests;
mod warning;

pub use offers::Offers;
pub use warning::{Fault, Warning};

use self::reading::Reading;
use super::{
    address::{Address, BaseUrl, ServerName},
    answer::Answer,
    contact::Contact,
    json::Json,
    passphrase::Strength,
    web_address::WebAddress,
};
use crate::words::LANGUAGES;

/// URL of the settings, relative to the page.
pub const FILE: &str = "./config.json";

const KEYS: [&str; 11] = [
    "$schema",
    "homeserver",
    "brand",
    "logo",
    "links",
    "notice",
    "contact",
    "element_address",
    "journeys",
    "minimum_phrase_strength",
    "language",
];
const HOMESERVER_KEYS: [&str; 2] = ["address", "locked"];
const LINK_KEYS: [&str; 2] = ["text", "url"];

const LONGEST_BRAND: usize = 40;
const LONGEST_LOGO: usize = 200;
const LONGEST_LINK_TEXT: usize = 40;
const LONGEST_NOTICE: usize = 600;
/// The most links that the page shows.
pub const MOST_LINKS: usize = 6;

/// The host's settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The homeserver that the page proposes, or the only one it accepts.
    pub home: Option<Home>,
    /// Name of the host.
    pub brand: Option<String>,
    /// Path of the host's logo, relative to the page.
    pub logo: Option<String>,
    /// Links to the host's own pages, such as an imprint.
    pub links: Vec<Link>,
    /// A text for the first screen.
    pub notice: Option<String>,
    /// Somebody to ask for help.
    pub contact: Option<Contact>,
    /// URL at which people open their app in a browser.
    pub element: Option<WebAddress>,
    /// Optional actions that the page offers.
    pub offers: Offers,
    /// Number of guesses that a phrase has to withstand.
    pub strength: Strength,
    /// Tag of the language for people whose browser asks for none that the page has.
    pub language: Option<&'static str>,
}

/// A homeserver that a host proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The server's name or URL, as it is shown and as a person would enter it.
    pub name: String,
    /// The same, as the page reads it.
    pub address: Address,
    /// Set if the page accepts no other homeserver.
    pub is_locked: bool,
}

/// A link to one of the host's pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The text to show.
    pub text: String,
    /// The URL it opens.
    pub address: WebAddress,
}

impl Config {
    /// Reads the host's settings; the warnings name each one that is ignored.
    pub fn read(json: &Json) -> (Self, Vec<Warning>) {
        let mut reading = Reading::default();
        let known = reading.object("", Some(json), &KEYS);
        let get = |key: &str| known.and_then(|known| known.get(key));
        let config = Self {
            home: read_home(&mut reading, get("homeserver")),
            brand: reading.plain("brand", get("brand"), LONGEST_BRAND),
            logo: reading.text(
                "logo",
                get("logo"),
                |text| is_beside(text).then(|| text.to_owned()),
                Fault::NotBeside,
            ),
            links: read_links(&mut reading, get("links")),
            notice: reading.plain("notice", get("notice"), LONGEST_NOTICE),
            contact: reading.text("contact", get("contact"), Contact::parse, Fault::NoContact),
            element: reading.text(
                "element_address",
                get("element_address"),
                WebAddress::parse,
                Fault::NotHttps,
            ),
            offers: Offers::read(&mut reading, get("journeys")),
            strength: read_strength(&mut reading, get("minimum_phrase_strength")),
            language: reading.text(
                "language",
                get("language"),
                |tag| LANGUAGES.into_iter().find(|language| *language == tag),
                Fault::NoLanguage,
            ),
        };
        (config, reading.warnings())
    }

    /// Reads the host's answer at [`FILE`]. A missing file (404) is no reason to warn.
    pub fn read_answer(answer: &Answer) -> (Self, Vec<Warning>) {
        let fault = match answer {
            Answer::Status(404, _) => return Self::default_with(&[]),
            Answer::Status(200, Some(json)) => return Self::read(json),
            Answer::Status(200, None) => Fault::NotJson,
            Answer::Status(..) | Answer::Nothing => Fault::NotServed,
        };
        Self::default_with(&[fault])
    }

    fn default_with(faults: &[Fault]) -> (Self, Vec<Warning>) {
        (Self::default(), faults.iter().map(|fault| Warning::new("", *fault)).collect())
    }

    /// The homeserver, if the page accepts no other.
    pub fn locked(&self) -> Option<&Home> {
        self.home.as_ref().filter(|home| home.is_locked)
    }
}

impl Home {
    /// The name at the end of this server's Matrix IDs; unknown where the host gave a URL.
    pub fn server_name(&self) -> Option<&ServerName> {
        match &self.address {
            Address::Server(name) => Some(name),
            Address::UserId { .. } | Address::Url(_) => None,
        }
    }

    /// Tells whether a user name surely belongs to another server, and only this one is accepted.
    pub fn refuses(&self, user: &str) -> bool {
        match (Address::parse(user), self.server_name()) {
            (Ok(Address::UserId { server, .. }), Some(name)) => self.is_locked && server != *name,
            _ => false,
        }
    }
}

fn read_home(reading: &mut Reading, json: Option<&Json>) -> Option<Home> {
    let json = reading.object("homeserver", json, &HOMESERVER_KEYS)?;
    let address = reading.text("homeserver.address", json.get("address"), home_address, Fault::NoServer);
    let is_locked = reading.flag("homeserver.locked", json.get("locked"));
    match address {
        Some((name, address)) => Some(Home { name, address, is_locked: is_locked.unwrap_or_default() }),
        None => {
            if is_locked == Some(true) {
                reading.warn("homeserver.locked", Fault::NothingToLock);
            }
            None
        }
    }
}

/// Reads a server name or a URL, but no Matrix ID.
fn home_address(text: &str) -> Option<(String, Address)> {
    let address = Address::parse(text).ok()?;
    let name = match &address {
        Address::Server(name) => name.as_str().to_owned(),
        Address::Url(base_url) => BaseUrl::as_str(base_url).to_owned(),
        Address::UserId { .. } => return None,
    };
    Some((name, address))
}

fn read_links(reading: &mut Reading, json: Option<&Json>) -> Vec<Link> {
    let mut links = Vec::new();
    for (number, json) in reading.list("links", json, MOST_LINKS).iter().enumerate() {
        let at = |key: &str| format!("links[{number}]{key}");
        let Some(link) = reading.object(&at(""), Some(json), &LINK_KEYS) else { continue };
        let text = reading.needed(&at(".text"), link.get("text"), |reading, key, json| {
            reading.plain(key, json, LONGEST_LINK_TEXT)
        });
        let address = reading.needed(&at(".url"), link.get("url"), |reading, key, json| {
            reading.text(key, json, WebAddress::parse, Fault::NotHttps)
        });
        links.extend(text.zip(address).map(|(text, address)| Link { text, address }));
    }
    links
}

fn read_strength(reading: &mut Reading, json: Option<&Json>) -> Strength {
    const KEY: &str = "minimum_phrase_strength";
    match reading.number(KEY, json) {
        Some(power) if power < f64::from(Strength::LEAST) => {
            reading.warn(KEY, Fault::TooWeak);
            Strength::default()
        }
        Some(power) => {
            if power > f64::from(Strength::MOST) {
                reading.warn(KEY, Fault::TooStrong);
            }
            // The cast turns what is too large into 255.
            Strength::at_least(power.ceil() as u8)
        }
        None => Strength::default(),
    }
}

/// Tells whether a path leads to a file in the page's folder or below: no other host, no scheme, no way up.
fn is_beside(path: &str) -> bool {
    let part = |part: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        !part.is_empty() && !part.starts_with('.') && part.chars().all(fits)
    };
    let path = path.strip_prefix("./").unwrap_or(path);
    path.len() <= LONGEST_LOGO && path.split('/').all(part)
}
