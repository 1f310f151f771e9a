//! What of a host's settings is ignored, in words for whoever wrote them.

use std::fmt;

/// How much of a name that nobody knows is repeated, in characters.
const NAME_SHOWN: usize = 40;

/// Something in a host's settings that is not used. What it says is not repeated, only where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where it stands, as in `links[0].url`; empty for the whole.
    key: String,
    fault: Fault,
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no such key.
    Unknown,
    /// It is not a text.
    NotText,
    /// It is not `true` or `false`.
    NotAFlag,
    /// It is not a number.
    NotANumber,
    /// It is not a list.
    NotAList,
    /// It is not an object.
    NotAnObject,
    /// It is missing where it is needed.
    Missing,
    /// The text is empty, too long or has control characters.
    NotPlain {
        /// How long it may be, in characters.
        longest: usize,
    },
    /// There are more of them; those are left out.
    TooMany {
        /// How many are taken.
        most: usize,
    },
    /// The address is not a plain https address.
    NotHttps,
    /// It does not lead to a file beside the page.
    NotBeside,
    /// It is neither a server's name nor an address.
    NoServer,
    /// No homeserver is named that could be the only one.
    NothingToLock,
    /// Nobody can be asked there.
    NoContact,
    /// It would allow weaker phrases than the page does.
    TooWeak,
    /// It asks for more than the phrases have that the page suggests.
    TooStrong,
    /// What the host serves is no JSON, or too large, or too deep.
    NotJson,
    /// The host neither serves it nor says that there is none.
    NotServed,
    /// There was more to warn of.
    AndMore,
}

impl Warning {
    pub(super) fn new(key: &str, fault: Fault) -> Self {
        let fits = |c: &char| !c.is_control();
        Self { key: key.chars().filter(fits).take(NAME_SHOWN).collect(), fault }
    }

    /// Where it stands.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Why it is not used.
    pub fn fault(&self) -> Fault {
        self.fault
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("config.json")?;
        if !self.key.is_empty() {
            write!(f, ", {}", self.key)?;
        }
        f.write_str(": ")?;
        f.write_str(match self.fault {
            Fault::Unknown => "there is no such key; ignored",
            Fault::NotText => "must be a text; ignored",
            Fault::NotAFlag => "must be true or false; ignored",
            Fault::NotANumber => "must be a number; ignored",
            Fault::NotAList => "must be a list; ignored",
            Fault::NotAnObject => "must be an object; ignored",
            Fault::Missing => "is missing; ignored what needs it",
            Fault::NotPlain { longest } => {
                return write!(f, "must be a text of 1 to {longest} characters without line breaks; ignored");
            }
            Fault::TooMany { most } => return write!(f, "only the first {most} are used"),
            Fault::NotHttps => "must be a plain address that begins with https://; ignored",
            Fault::NotBeside => "must be the path of a file beside the page, such as logo.svg; ignored",
            Fault::NoServer => "must be a server's name or its https address; ignored",
            Fault::NothingToLock => "needs an address to be locked to; ignored",
            Fault::NoContact => "must be an https or e-mail address, a Matrix ID or plain words; ignored",
            Fault::TooWeak => "is less than the page asks for; ignored",
            Fault::TooStrong => "is more than suggested phrases have; the most that makes sense is used",
            Fault::NotJson => "is not JSON of up to 64 kB; ignored",
            Fault::NotServed => "could not be read; the host should serve it, or answer 404",
            Fault::AndMore => "there is more that is ignored",
        })
    }
}
