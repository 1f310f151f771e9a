//! Reasons why a photo gives no recovery key, and what to do then.

use crate::words;

/// The reason why a photo gives no recovery key. A later one says more of the same photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoKey {
    /// The browser cannot open the picture.
    Unopened,
    /// No QR code is to be seen.
    NoCode,
    /// A code is to be seen, but not read.
    Unreadable,
    /// A code was read, and is something else.
    Other,
    /// A code was read, and is an address.
    Link,
    /// A code was read by which apps verify each other, or sign another one in.
    App,
    /// A code was read, and is nearly a recovery key.
    Mistyped,
    /// Two recovery keys were read.
    TwoKeys,
}

impl NoKey {
    /// Every reason, in the order of the list: the worker that reads the photo sends the place in it.
    const ALL: [Self; 8] = [
        Self::Unopened,
        Self::NoCode,
        Self::Unreadable,
        Self::Other,
        Self::Link,
        Self::App,
        Self::Mistyped,
        Self::TwoKeys,
    ];

    /// The number by which the worker names it to the page.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// Reads such a number.
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.number() == number)
    }

    /// Says what is so, and what to do.
    pub fn words(self) -> [&'static str; 2] {
        let your_kit = words::no_key_your_kit();
        match self {
            Self::Unopened => [words::no_key_unopened(), words::no_key_unopened_action()],
            Self::NoCode => [words::no_key_no_code(), words::no_key_no_code_action()],
            Self::Unreadable => [words::no_key_unreadable(), words::no_key_unreadable_action()],
            Self::Other => [words::no_key_other(), your_kit],
            Self::Link => [words::no_key_link(), your_kit],
            Self::App => [words::no_key_app(), your_kit],
            Self::Mistyped => [words::no_key_mistyped(), words::no_key_mistyped_action()],
            Self::TwoKeys => [words::no_key_two_keys(), words::no_key_two_keys_action()],
        }
    }
}
