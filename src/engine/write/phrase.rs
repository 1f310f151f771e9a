//! Judges and proposes security phrases.

use matrix_sdk::ruma::UserId;
use rand::RngExt as _;
use zeroize::Zeroizing;

use crate::{
    domain::{
        passphrase::{Estimate, Judgement, LEAST_SCORE, Refusal, Strength, refuse},
        secret::Secret,
    },
    engine::{account::derivation::composed, sign_in::remembered::has_password},
};

/// The words of a proposed phrase, unless that would be too short. Six of 2,048 are 66 bits, too many to guess at 500,000
/// rounds a guess.
const WORDS: usize = 6;

/// Whatever others ask of a phrase, beyond the page's own minimum.
#[derive(Clone, Copy, Default)]
pub(in crate::engine) struct Demands {
    /// The host's minimum.
    pub(in crate::engine) strength: Strength,
    /// The least number of characters that the homeserver asks for.
    pub(in crate::engine) least: u8,
}

/// Judges a phrase by its estimate, and whether it must not be used at all.
pub(in crate::engine) fn judge(
    phrase: &Secret,
    estimate: Option<Estimate>,
    account_password: &Secret,
    user_id: &UserId,
    demands: Demands,
) -> Judgement {
    let phrase = composed(phrase);
    let text = phrase.expose();
    let (user_id, server) = (user_id.as_str(), user_id.server_name().as_str());
    let is_estimated = estimate.is_some();
    let estimate = estimate.unwrap_or_default();
    let score = estimate.score();
    // A score that the page refuses by itself needs no second refusal on another's behalf.
    let is_good = score >= LEAST_SCORE;
    let is_short = is_good && is_shorter(text, demands.least);
    let is_weak = is_good && !estimate.withstands(demands.strength);
    Judgement {
        score,
        refusal: has_password(&phrase, account_password)
            .then_some(Refusal::AccountPassword)
            .or(refuse(text, account_password.expose(), user_id, server))
            .or((!is_estimated).then_some(Refusal::NotEstimated))
            .or(is_short.then_some(Refusal::TooShort { least: demands.least }))
            .or(is_weak.then_some(Refusal::NotForThisHost)),
        reason: estimate.reason,
    }
}

/// Tells whether a phrase has fewer characters than that. Apps count in other units, none of which gives less.
fn is_shorter(phrase: &str, least: u8) -> bool {
    phrase.chars().count() < usize::from(least)
}

/// The estimate of what [`suggest`] proposes: each word is one of 2,048, drawn by chance.
pub(in crate::engine) fn estimate_of_suggested() -> Estimate {
    let guesses = f64::from(u32::try_from(WORDS).unwrap_or(u32::MAX)) * 2048f64.log10();
    Estimate::of(guesses, String::new)
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

    fn judged_by(phrase: &str, power: f64, demands: Demands) -> Judgement {
        let (password, estimate) =
            (Secret::from("Sommer-2024!"), Estimate::of(power, || "It is short.".into()));
        judge(&Secret::from(phrase), Some(estimate), &password, user_id!("@ada:example.org"), demands)
    }

    /// Judges a phrase that is hard enough to guess for the page.
    fn judged(phrase: &str, demands: Demands) -> Judgement {
        judged_by(phrase, 12.0, demands)
    }

    fn of_strength(power: u8) -> Demands {
        Demands { strength: Strength::at_least(power), least: 0 }
    }

    #[test]
    fn proposed_phrases_are_acceptable_to_every_host_and_differ() {
        let phrases: Vec<Secret> = (0..50).map(|_| suggest(0)).collect();
        for phrase in &phrases {
            assert_eq!(phrase.expose().split(' ').count(), WORDS);
            let (estimate, user) = (Some(estimate_of_suggested()), user_id!("@ada:example.org"));
            let judgement = judge(phrase, estimate, &Secret::default(), user, of_strength(Strength::MOST));
            assert!(judgement.is_acceptable() && judgement.score == 4);
        }
        assert!(phrases.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn weak_phrases_are_not_acceptable_whatever_a_host_asks() {
        for power in [0.0, 3.0, 8.5, 9.999] {
            // Every strength that a host may configure, valid or not.
            for strength in [0, 4, 10, 16, 255] {
                let judgement = judged_by("a phrase", power, of_strength(strength));
                assert!(!judgement.is_acceptable(), "{power}");
                assert_eq!((judgement.refusal, judgement.reason.as_str()), (None, "It is short."));
            }
        }
    }

    #[test]
    fn a_phrase_that_nobody_estimated_is_not_acceptable_and_what_it_must_not_be_is_said_first() {
        let judged = |phrase: &str| {
            let password = Secret::from("Sommer-2024!");
            judge(&Secret::from(phrase), None, &password, user_id!("@ada:example.org"), Demands::default())
        };
        assert_eq!(judged("glass otter fifty moons").refusal, Some(Refusal::NotEstimated));
        assert!(!judged("glass otter fifty moons").is_acceptable());
        assert_eq!(judged("sommer-2024!").refusal, Some(Refusal::AccountPassword));
    }

    #[test]
    fn no_phrase_has_the_account_password_in_it_however_it_is_written() {
        for phrase in
            ["Sommer-2024!", "otter SOMMER 2024! fifty moons", "my sommer\u{2011}2024! and more of it"]
        {
            assert_eq!(
                judged(phrase, Demands::default()).refusal,
                Some(Refusal::AccountPassword),
                "{phrase}"
            );
        }
        for phrase in ["otter sommer 2025! fifty moons", "2024 moons in summer"] {
            assert_eq!(judged(phrase, Demands::default()).refusal, None, "{phrase}");
        }
    }

    #[test]
    fn a_host_may_ask_for_more_and_never_for_less() {
        let phrase = "glass otter fifty";
        assert!(judged(phrase, of_strength(Strength::LEAST)).is_acceptable());
        let judgement = judged(phrase, of_strength(Strength::MOST));
        assert_eq!((judgement.score, judgement.refusal), (4, Some(Refusal::NotForThisHost)));
        // A phrase that may not be used at all is refused for that, not for the host's demand.
        assert_eq!(
            judged("sommer-2024!", of_strength(Strength::MOST)).refusal,
            Some(Refusal::AccountPassword)
        );
    }

    #[test]
    fn a_homeserver_may_ask_for_a_length_and_is_proposed_one() {
        let judged = |phrase: &str, least| {
            let judgement = judged(phrase, Demands { least, ..Demands::default() });
            (judgement.score, judgement.refusal)
        };
        let phrase = "glass otter größ 🦦";
        assert_eq!(judged(phrase, 18), (4, None));
        assert_eq!(judged(phrase, 19), (4, Some(Refusal::TooShort { least: 19 })));
        // The letters are counted as they become the key: composed.
        assert_eq!(judged("glass otter gro\u{308}ß 🦦", 18), (4, None));
        // What nobody may use at all is refused for that, and what can be guessed for that.
        assert_eq!(judged("@ada:example.org", 200).1, Some(Refusal::UserId));
        let weak = judged_by("otter", 4.0, Demands { least: 200, ..Demands::default() });
        assert_eq!((weak.score, weak.refusal), (1, None));
        for least in [0, 1, 24, 64, 128, u8::MAX] {
            let phrase = suggest(least);
            assert_eq!(judged(phrase.expose(), least), (4, None), "{least}");
            assert!(phrase.expose().len() < usize::from(least) + WORDS * 9, "{least}");
        }
    }
}
