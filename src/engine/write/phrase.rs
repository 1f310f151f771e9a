//! Judges and proposes security phrases.

mod common;
mod known;

use matrix_sdk::ruma::UserId;
use rand::RngExt as _;
use zeroize::Zeroizing;
use zxcvbn::zxcvbn;

use self::common::Common;
use crate::{
    domain::{
        passphrase::{Judgement, LEAST_SCORE, Refusal, Strength, refuse, score_of},
        secret::Secret,
    },
    engine::account::derivation::composed,
};

/// The words of a proposed phrase, unless that would be too short. Six of 2,048 are 66 bits, too many to guess at 500,000
/// rounds a guess.
const WORDS: usize = 6;

/// Whatever others ask of a phrase, beyond the page's own minimum.
#[derive(Clone, Copy, Default)]
pub(in crate::engine) struct Asked {
    /// The host's minimum.
    pub(in crate::engine) strength: Strength,
    /// The least number of characters that the homeserver asks for.
    pub(in crate::engine) least: u8,
}

/// Judges how guessable a phrase is, and whether it must not be used at all.
pub(in crate::engine) fn judge(
    phrase: &Secret,
    account_password: &Secret,
    user_id: &UserId,
    asked: Asked,
) -> Judgement {
    let phrase = composed(phrase);
    let text = phrase.expose();
    let (user_id, server) = (user_id.as_str(), user_id.server_name().as_str());
    let entropy = zxcvbn(text, &[account_password.expose(), user_id, server, "matrix", "element"]);
    let warning = entropy.feedback().and_then(|feedback| feedback.warning());
    let common = Common::of(text).filter(|common| common.power < entropy.guesses_log10());
    let power = common.map_or(entropy.guesses_log10(), |common| common.power);
    let score = u8::from(entropy.score()).min(common.map_or(u8::MAX, |common| score_of(common.power)));
    let reason = match (common, warning) {
        // A phrase that is hard to guess all the same needs no reason.
        (Some(common), _) if score < LEAST_SCORE => common.reason.to_owned(),
        (_, warning) => warning.map(|warning| warning.to_string()).unwrap_or_default(),
    };
    // A score that the page refuses by itself needs no second refusal on another's behalf.
    let is_good = score >= LEAST_SCORE;
    let is_short = is_good && is_shorter(text, asked.least);
    let is_weak = is_good && power < f64::from(asked.strength.power());
    Judgement {
        score,
        refusal: refuse(text, account_password.expose(), user_id, server)
            .or(is_short.then_some(Refusal::TooShort { least: asked.least }))
            .or(is_weak.then_some(Refusal::NotForThisHost)),
        reason,
    }
}

/// Tells whether a phrase has fewer characters than that. Apps count in other units, none of which gives less.
fn is_shorter(phrase: &str, least: u8) -> bool {
    phrase.chars().count() < usize::from(least)
}

/// Proposes a phrase: words of the BIP 39 list, drawn evenly by a cryptographic generator.
pub(in crate::engine) fn suggest(least: u8) -> Secret {
    let list = bip39::Language::English.word_list();
    let mut random = rand::rng();
    // Large enough never to grow, which would leave copies behind.
    let mut phrase = Zeroizing::new(String::with_capacity(WORDS * 9 + usize::from(least)));
    let mut words = 0;
    while words < WORDS || is_shorter(&phrase, least) {
        if words > 0 {
            phrase.push(' ');
        }
        phrase.push_str(list[random.random_range(0..list.len())]);
        words += 1;
    }
    Secret::from(phrase.as_str())
}

#[cfg(test)]
mod tests {
    use matrix_sdk::ruma::user_id;

    use super::*;

    fn judged(phrase: &str, strength: u8) -> Judgement {
        let password = Secret::from("Sommer-2024!");
        let asked = Asked { strength: Strength::at_least(strength), least: 0 };
        judge(&Secret::from(phrase), &password, user_id!("@ada:example.org"), asked)
    }

    #[test]
    fn proposed_phrases_are_acceptable_to_every_host_and_differ() {
        let phrases: Vec<Secret> = (0..50).map(|_| suggest(0)).collect();
        for phrase in &phrases {
            assert_eq!(phrase.expose().split(' ').count(), WORDS);
            assert!(judged(phrase.expose(), Strength::MOST).is_acceptable());
        }
        assert!(phrases.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn weak_phrases_are_not_acceptable_and_the_reason_never_repeats_them() {
        for weak in
            ["iloveyou", "qwertzuiop", "xyzxyzxyz", "19840401", "matrix element", "ada", "letmein now"]
        {
            // Every strength that a host may configure, valid or not.
            for strength in [0, 4, 10, 16, 255] {
                let judgement = judged(weak, strength);
                assert!(!judgement.is_acceptable(), "{weak}");
                assert!(!judgement.reason.contains(weak), "{weak}");
            }
        }
    }

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
            let judgement = judged(phrase, Strength::LEAST);
            assert!(judgement.score < LEAST_SCORE, "{phrase}: {judgement:?}");
            assert!(!judgement.is_acceptable(), "{phrase}");
        }
    }

    #[test]
    fn proposed_phrases_are_no_sentences_and_stay_the_best() {
        for _ in 0..200 {
            let phrase = suggest(0);
            assert_eq!(judged(phrase.expose(), Strength::MOST).score, 4);
            assert_eq!(Common::of(phrase.expose()), None);
        }
    }

    #[test]
    fn a_host_may_ask_for_more_and_never_for_less() {
        let phrase = "glass otter fifty";
        assert!(judged(phrase, Strength::LEAST).is_acceptable());
        let judgement = judged(phrase, Strength::MOST);
        assert_eq!((judgement.score, judgement.refusal), (4, Some(Refusal::NotForThisHost)));
        // A phrase that may not be used at all is refused for that, not for the host's demand.
        assert_eq!(judged("sommer-2024!", Strength::MOST).refusal, Some(Refusal::AccountPassword));
        // The page's own limit is zxcvbn's best score, which begins at this power of ten.
        for (phrase, score) in [("glass otter", 3), ("glass otter fifty", 4)] {
            let password = Secret::default();
            let entropy = zxcvbn(phrase, &[]);
            let judgement = judge(&Secret::from(phrase), &password, user_id!("@a:b.org"), Asked::default());
            assert_eq!(judgement.score, score, "{phrase}");
            assert_eq!(
                score >= LEAST_SCORE,
                entropy.guesses_log10() >= f64::from(Strength::LEAST),
                "{phrase}"
            );
        }
    }

    #[test]
    fn a_homeserver_may_ask_for_a_length_and_is_proposed_one() {
        let judged = |phrase: &str, least| {
            let asked = Asked { least, ..Asked::default() };
            let judgement =
                judge(&Secret::from(phrase), &Secret::default(), user_id!("@ada:example.org"), asked);
            (judgement.score, judgement.refusal)
        };
        let phrase = "glass otter größ 🦦";
        assert_eq!(judged(phrase, 18), (4, None));
        assert_eq!(judged(phrase, 19), (4, Some(Refusal::TooShort { least: 19 })));
        // The letters are counted as they become the key: composed.
        assert_eq!(judged("glass otter gro\u{308}ß 🦦", 18), (4, None));
        // What nobody may use at all is refused for that, and what can be guessed for that.
        assert_eq!(judged("@ada:example.org", 200).1, Some(Refusal::UserId));
        assert_eq!(judged("otter", 200), (judged("otter", 0).0, None));
        for least in [0, 1, 24, 64, 128, u8::MAX] {
            let phrase = suggest(least);
            assert_eq!(judged(phrase.expose(), least), (4, None), "{least}");
            assert!(phrase.expose().len() < usize::from(least) + WORDS * 9, "{least}");
        }
    }
}
