//! Everything that must never be sent as an account password: it opened something in this visit, or was made in it.

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::domain::{opening::Likeness, passphrase::is_invisible, secret::Secret};

/// Phrases and keys, in the form in which they are compared; wiped when dropped.
#[derive(Default)]
pub(in crate::engine) struct Remembered(Vec<Secret>);

impl Remembered {
    /// Remembers a phrase or a key.
    pub(in crate::engine) fn add(&mut self, entry: &Secret) {
        if !entry.is_blank() && !self.holds(entry) {
            self.0.push(folded(entry));
        }
    }

    /// Tells whether an entry is one of them, whatever its capitals, spaces, dashes or form of the same letters.
    pub(in crate::engine) fn holds(&self, entry: &Secret) -> bool {
        self.0.contains(&folded(entry))
    }
}

/// Tells how near an entry is to the account password, whatever its capitals, spaces, dashes or form of the same letters. A
/// blank one is near none.
pub(in crate::engine) fn likeness(entry: &Secret, password: &Secret) -> Likeness {
    if entry.is_blank() || folded(entry) != folded(password) {
        Likeness::Other
    } else if entry == password {
        Likeness::Same
    } else {
        Likeness::Alike
    }
}

/// The least number of characters of an account password that is looked for within a phrase: fewer are in many words.
const SHORTEST: usize = 6;

/// Tells whether a phrase is near the account password, or has in it what is near that, if it has six characters or more.
pub(in crate::engine) fn has_password(phrase: &Secret, password: &Secret) -> bool {
    let (within, sought) = (folded(phrase), folded(password));
    let is_long = sought.expose().chars().count() >= SHORTEST;
    likeness(phrase, password) != Likeness::Other || is_long && within.expose().contains(sought.expose())
}

/// Removes from an entry what people leave out or change unseen.
fn folded(entry: &Secret) -> Secret {
    let text = entry.expose();
    // Large enough hardly ever to grow, which would leave copies behind.
    let mut kept = Zeroizing::new(String::with_capacity(8 * text.len()));
    let counts = |c: &char| !c.is_whitespace() && !is_dash(*c) && !is_invisible(*c);
    // Both conversions: some letters have a capital of two letters, and some have two small forms.
    let letters = text.nfkc().filter(counts).flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    kept.extend(letters);
    if kept.is_empty() { entry.clone() } else { Secret::from(kept.as_str()) }
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_something_is_known_again_however_it_was_written() {
        let mut remembered = Remembered::default();
        for entry in ["Größer als ein Glas Otter", "EsTc LW2K PGiF", " \u{200b}", "---"] {
            remembered.add(&Secret::from(entry));
        }
        for entry in [
            "Größer als ein Glas Otter",
            " größer als ein glas otter\n",
            "GRÖSSER ALS EIN GLAS OTTER",
            "Gro\u{308}ßer als ein\u{a0}Glas Otter",
            "Größer-als  ein\u{200b} Glas Ｏtter",
            "EsTcLW2KPGiF",
            "estc-lw2k-pgif",
            "---",
        ] {
            assert!(remembered.holds(&Secret::from(entry)), "{entry}");
        }
        for entry in ["Größer als ein Glas Ottern", "", " ", "-", "Grosser als ein Glas Otter", "EsTc"] {
            assert!(!remembered.holds(&Secret::from(entry)), "{entry}");
        }
    }

    #[test]
    fn the_password_is_known_again_however_it_was_written_and_a_blank_one_is_none() {
        use Likeness::{Alike, Other, Same};
        for (entry, password, expected) in [
            ("Sommer-2024!", "Sommer-2024!", Same),
            (" sommer 2024!\n", "Sommer-2024!", Alike),
            ("Größer als ein Glas", "Gro\u{308}ßer als ein\u{a0}Glas", Alike),
            ("Sommer-2024", "Sommer-2024!", Other),
            ("glass otter", "", Other),
            ("", "", Other),
            (" ", "", Other),
            ("", "Sommer-2024!", Other),
        ] {
            let found = likeness(&Secret::from(entry), &Secret::from(password));
            assert_eq!(found, expected, "{entry:?} {password:?}");
        }
    }
}
