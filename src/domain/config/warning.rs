//! Warnings for whoever wrote the host's settings.

use std::fmt;

/// The most characters that a warning repeats of a key.
const NAME_SHOWN: usize = 40;

/// A value in the host's settings that is not used. The warning says where it stands, and never repeats it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Path of the value, as in `links[0].url`; empty for the whole file.
    key: String,
    fault: Fault,
}

/// The reason why a value is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The page knows no such key.
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
        /// The longest text that is taken, in characters.
        longest: usize,
    },
    /// There are more than the page takes; the rest is left out.
    TooMany {
        /// The number that is taken.
        most: usize,
    },
    /// The URL is not a plain https URL.
    NotHttps,
    /// It does not lead to a file beside the page.
    NotBeside,
    /// It is neither a server name nor a URL.
    NoServer,
    /// `locked` is set, but no usable homeserver is named.
    NothingToLock,
    /// It is neither a link nor plain text.
    NoContact,
    /// The page has no texts in this language.
    NoLanguage,
    /// It would allow weaker phrases than the page itself does.
    TooWeak,
    /// It asks for more guesses than the phrases that the page suggests withstand.
    TooStrong,
    /// The file is not JSON, or too large, or nested too deeply.
    NotJson,
    /// The host neither serves the file nor answers 404.
    NotServed,
    /// There are more warnings than are given.
    AndMore,
}

impl Warning {
    pub(super) fn new(key: &str, fault: Fault) -> Self {
        let fits = |c: &char| !c.is_control();
        Self { key: key.chars().filter(fits).take(NAME_SHOWN).collect(), fault }
    }

    /// Path of the value; empty for the whole file.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The reason why it is not used.
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
            Fault::NoLanguage => "must be the tag of one of the page's languages, such as de; ignored",
            Fault::TooWeak => "is less than the page asks for; ignored",
            Fault::TooStrong => "is more than suggested phrases have; the most that makes sense is used",
            Fault::NotJson => "is not JSON of up to 64 kB; ignored",
            Fault::NotServed => "could not be read; the host should serve it, or answer 404",
            Fault::AndMore => "there is more that is ignored",
        })
    }
}
