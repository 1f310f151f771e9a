//! Estimates how many guesses a phrase withstands.
//!
//! This is a program of its own (`src/bin/estimate.rs`), in a worker: the lists of words in it are large, and most people
//! take a phrase that the page proposes, or none.

mod common;
mod known;

use zxcvbn::zxcvbn;

use self::common::Common;
use crate::domain::passphrase::Estimate;

/// Estimates a phrase. `known` is what others know about the person: it counts as guessed early.
pub fn of(phrase: &str, known: &[&str]) -> Estimate {
    let entropy = zxcvbn(phrase, known);
    let warning = entropy.feedback().and_then(|feedback| feedback.warning());
    let by_words = Estimate::of(entropy.guesses_log10(), || {
        warning.map(|warning| warning.to_string()).unwrap_or_default()
    });
    match Common::of(phrase) {
        Some(common) if common.power < entropy.guesses_log10() => {
            Estimate::of(common.power, || common.reason.to_owned())
        }
        _ => by_words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::passphrase::{LEAST_SCORE, Strength, score_of};

    #[test]
    fn what_many_people_know_or_say_is_not_enough() {
        for phrase in [
            // Examples from guides to passwords.
            "correct horse battery staple",
            "CorrectHorseBatteryStaple",
            "correct-horse-battery-staple!",
            "c0rrect h0rse battery staple 2024",
            "the quick brown fox jumps over the lazy dog",
            "The quick brown fox jumped over the lazy dog.",
            "Franz jagt im komplett verwahrlosten Taxi quer durch Bayern",
            "Lorem ipsum dolor sit amet",
            // Names, pets, people, dates.
            "my dog is called rex",
            "mydogiscalledrex",
            "My dog is called Rex!",
            "my cat is named whiskers",
            "my daughter emma was born in 1984",
            "i love my wife sarah",
            "I love you and the kids",
            "my name is michael jackson",
            "we live in new york city",
            "this is my password",
            "this is my secret phrase",
            "please let me in now, it is me",
            "mein hund heisst bello",
            "Mein Hund heißt Bello",
            // Proverbs and sayings.
            "an apple a day keeps the doctor away",
            "a bird in the hand is worth two in the bush",
            "when life gives you lemons make lemonade",
            "to be or not to be that is the question",
            "actions speak louder than words",
            "morgenstund hat gold im mund",
            "liberte egalite fraternite",
            // Songs, films, books.
            "never gonna give you up never gonna let you down",
            "twinkle twinkle little star",
            "is this the real life is this just fantasy",
            "stairway to heaven",
            "may the force be with you",
            "one ring to rule them all",
            "it was the best of times it was the worst of times",
            "happy birthday to you",
            // Bible and prayers.
            "in the beginning God created the heaven and the earth",
            "The Lord is my shepherd; I shall not want",
            "for God so loved the world",
            "Our Father who art in heaven",
            // Rows of keys.
            "qwertyuiop asdfghjkl zxcvbnm",
            "qwertzuiopasdfghjklyxcvbnm",
            "1qaz 2wsx 3edc 4rfv 5tgb",
            "1q2w3e4r5t6y7u8i9o0p",
            "abcdefghijklmnopqrstuvwxyz 1234567890",
        ] {
            let estimate = of(phrase, &["@ada:example.org", "example.org"]);
            assert!(estimate.score() < LEAST_SCORE, "{phrase}: {estimate:?}");
            assert!(!estimate.reason.is_empty(), "{phrase}");
        }
    }

    #[test]
    fn weak_phrases_are_seen_and_the_reason_never_repeats_them() {
        for weak in
            ["iloveyou", "qwertzuiop", "xyzxyzxyz", "19840401", "matrix element", "ada", "letmein now"]
        {
            let estimate = of(weak, &["@ada:example.org", "example.org", "matrix", "element"]);
            assert!(estimate.score() < LEAST_SCORE, "{weak}");
            assert!(!estimate.reason.contains(weak), "{weak}");
        }
    }

    #[test]
    fn words_by_chance_are_no_sentence() {
        let list = bip39::Language::English.word_list();
        for at in 0..200 {
            // Spread over the list.
            let words: Vec<_> = (0..6).map(|word| list[(at * 7 + word * 331) % list.len()]).collect();
            let phrase = words.join(" ");
            assert_eq!(Common::of(&phrase), None, "{phrase}");
            assert_eq!(of(&phrase, &[]).score(), 4, "{phrase}");
        }
    }

    #[test]
    fn the_pages_own_limit_is_where_the_best_score_begins() {
        for (phrase, score) in [("glass otter", 3), ("glass otter fifty", 4)] {
            let entropy = zxcvbn(phrase, &[]);
            assert_eq!(u8::from(entropy.score()), score, "{phrase}");
            assert_eq!(score_of(entropy.guesses_log10()), score, "{phrase}");
            assert_eq!(of(phrase, &[]).score(), score, "{phrase}");
            assert_eq!(
                score >= LEAST_SCORE,
                entropy.guesses_log10() >= f64::from(Strength::LEAST),
                "{phrase}"
            );
        }
    }
}
