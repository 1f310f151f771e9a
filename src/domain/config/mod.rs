//! What a host may set: names, links and whom to ask; a homeserver; less on offer; a stricter phrase.
//!
//! Everything is optional. What cannot be used is left out with a warning, and what the page does without
//! it stays: a host can narrow what the page does, and never widen it. `hosting/config.schema.json` says
//! the same to an editor; a test holds the two together.

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

/// Where the page looks, beside itself.
pub const FILE: &str = "./config.json";

const KEYS: [&str; 10] = [
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
];
const HOMESERVER_KEYS: [&str; 2] = ["address", "locked"];
const LINK_KEYS: [&str; 2] = ["text", "url"];

const LONGEST_BRAND: usize = 40;
const LONGEST_LOGO: usize = 200;
const LONGEST_LINK_TEXT: usize = 40;
const LONGEST_NOTICE: usize = 600;
/// How many links are taken.
pub const MOST_LINKS: usize = 6;

/// What a host has set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The homeserver that is proposed, or the only one.
    pub home: Option<Home>,
    /// What the host calls itself.
    pub brand: Option<String>,
    /// Where its sign is, beside the page.
    pub logo: Option<String>,
    /// Where its pages are, such as an imprint.
    pub links: Vec<Link>,
    /// What it wants to say on the first screen.
    pub notice: Option<String>,
    /// Whom to ask.
    pub contact: Option<Contact>,
    /// Where people open their app in a browser.
    pub element: Option<WebAddress>,
    /// What is on offer.
    pub offers: Offers,
    /// How hard to guess a phrase has to be.
    pub strength: Strength,
}

/// A homeserver that a host proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// As it is shown, and as a person would enter it.
    pub name: String,
    /// What that means.
    pub address: Address,
    /// Whether there is no other.
    pub is_locked: bool,
}

/// A link of the host's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub address: WebAddress,
}

impl Config {
    /// Reads what a host has set, and says what of it is ignored.
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
        };
        (config, reading.warnings())
    }

    /// Reads what the host answered at [`FILE`]. That there is no such file is nothing to warn of.
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

    /// The only homeserver there is, if there is only one.
    pub fn locked(&self) -> Option<&Home> {
        self.home.as_ref().filter(|home| home.is_locked)
    }
}

impl Home {
    /// The server's name, where another server's people can be told by theirs.
    pub fn server_name(&self) -> Option<&ServerName> {
        match &self.address {
            Address::Server(name) => Some(name),
            Address::UserId { .. } | Address::Url(_) => None,
        }
    }

    /// Whether a name to sign in with surely belongs to another server.
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

/// A server or an address, and no person.
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
            // A cast cuts what is too large.
            Strength::at_least(power.ceil() as u8)
        }
        None => Strength::default(),
    }
}

/// Whether a path leads to a file in the page's own folder, or deeper: no other host, no scheme, no way up.
fn is_beside(path: &str) -> bool {
    let part = |part: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        !part.is_empty() && !part.starts_with('.') && part.chars().all(fits)
    };
    let path = path.strip_prefix("./").unwrap_or(path);
    path.len() <= LONGEST_LOGO && path.split('/').all(part)
}
