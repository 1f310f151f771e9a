//! Estimates how soon a phrase is guessed by somebody who knows what people say.
//!
//! zxcvbn knows words, names and rows of keys, and takes each word for a choice of its own. A proverb is one choice,
//! though, and in a sentence most words follow from the others.

use zeroize::Zeroizing;
use zxcvbn::zxcvbn;

use super::known::{GLUE, KNOWN, ROWS};

/// The guesses for one well-known phrase, as a power of ten.
const KNOWN_POWER: f64 = 3.0;
/// The guesses for one row of a keyboard, as a power of ten.
const ROW_POWER: f64 = 1.0;

/// The reason why a phrase is easier to guess than its words, with the guesses as a power of ten.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Common {
    /// The power of ten.
    pub(super) power: f64,
    /// The reason, in a sentence for the person.
    pub(super) reason: &'static str,
}

impl Common {
    /// Estimates a phrase; `None` if nothing common is in it.
    pub(super) fn of(phrase: &str) -> Option<Self> {
        let plain = Zeroizing::new(letters(phrase));
        let meant = Zeroizing::new(without_digits_for_letters(&plain));
        [known(&plain), known(&meant), sentence(phrase)]
            .into_iter()
            .flatten()
            .min_by(|one, other| one.power.total_cmp(&other.power))
    }
}

/// Estimates a phrase that has well-known phrases or rows of keys in it: those, and what remains without them.
fn known(letters: &str) -> Option<Common> {
    let mut rest = Zeroizing::new(letters.to_owned());
    let mut power = 0.0;
    let lists = [(KNOWN, KNOWN_POWER), (ROWS, ROW_POWER)];
    for (part, each) in lists.into_iter().flat_map(|(list, each)| list.iter().map(move |part| (*part, each)))
    {
        let often = rest.matches(part).count();
        if often > 0 {
            power += each;
            rest = Zeroizing::new(rest.replace(part, ""));
        }
    }
    let common = Common { power: power + guesses(&rest), reason: "Many people know this phrase." };
    (power > 0.0).then_some(common)
}

/// Estimates a sentence by the words that do not hold it together. A list of words is no sentence: it has none of those
/// that cannot be proposed.
fn sentence(phrase: &str) -> Option<Common> {
    let small = Zeroizing::new(phrase.to_lowercase());
    let spaced: Vec<&str> = small.split(|c: char| !is_of_a_word(c)).filter(|word| !word.is_empty()).collect();
    // Without spaces between them, zxcvbn finds the words.
    let entropy = zxcvbn(&small, &[]);
    let found: Vec<&str> = entropy.sequence().iter().map(|found| found.token.as_str()).collect();
    let words = if spaced.len() > 1 { spaced } else { found };
    let plain = |word: &str| word.replace(['\'', '’'], "");
    let holds = |word: &str| GLUE.contains(&Zeroizing::new(plain(word)).as_str());
    let marks = words.iter().any(|word| holds(word) && !is_proposed(word));
    let power = words.iter().filter(|word| !holds(word)).map(|word| guesses(word)).sum();
    marks.then_some(Common { power, reason: "Sentences are easier to guess than words by chance." })
}

/// Tells whether a word may be in a phrase that the page proposes.
fn is_proposed(word: &str) -> bool {
    bip39::Language::English.word_list().contains(&word)
}

fn guesses(text: &str) -> f64 {
    if text.is_empty() { 0.0 } else { zxcvbn(text, &[]).guesses_log10() }
}

/// Returns the letters and digits of a text, in small letters.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '’')
}

/// Replaces digits that stand for letters, as in "c0rrect".
fn without_digits_for_letters(letters: &str) -> String {
    let meant = |c| match c {
        '0' => 'o',
        '1' => 'l',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        c => c,
    };
    letters.chars().map(meant).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_written_as_phrases_are_compared() {
        for part in KNOWN.iter().chain(ROWS).chain(GLUE) {
            assert_eq!(letters(part), **part);
        }
    }

    #[test]
    fn words_by_chance_are_no_sentence() {
        for phrase in
            ["glass otter fifty moons under snow", "Glass-Otter-Fifty", "abandon ability able about above"]
        {
            assert_eq!(Common::of(phrase), None, "{phrase}");
        }
    }
}
