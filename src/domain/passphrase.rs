//! Judges security phrases.

use serde::{Deserialize, Serialize};

use super::recovery_key::RecoveryKey;

/// The lowest of zxcvbn's scores (0 to 4) that is accepted: it stands for more than 10^10 guesses. The homeserver can
/// guess offline. At the specification's 500,000 rounds, a few graphics cards find a phrase of score 3 within hours.
/// Element asks for 4, too. A host may ask for more: [`Strength`].
pub const LEAST_SCORE: u8 = 4;

/// The number of guesses that a phrase has to withstand, as a power of ten. A host may raise it, but not lower it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Strength(u8);

impl Strength {
    /// The page's own minimum: zxcvbn's score of 4 begins here.
    pub const LEAST: u8 = 10;
    /// The most that a host may ask for; every phrase that the page suggests withstands more.
    pub const MOST: u8 = 16;

    /// Makes a strength of 10^`power` guesses, or the nearest one allowed.
    pub fn at_least(power: u8) -> Self {
        Self(power.clamp(Self::LEAST, Self::MOST))
    }

    /// The power of ten.
    pub fn power(self) -> u8 {
        self.0
    }
}

impl Default for Strength {
    fn default() -> Self {
        Self(Self::LEAST)
    }
}

/// The engine's judgement of a phrase. It contains no part of the phrase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// zxcvbn's score, from 0 (easily guessed) to 4 (very hard to guess).
    pub score: u8,
    /// The reason to refuse the phrase whatever its score.
    pub refusal: Option<Refusal>,
    /// zxcvbn's explanation why the phrase can be guessed; empty if it gives none.
    pub reason: String,
}

/// The reason why a phrase is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// It is the account password, or has that in it: the homeserver sees that at sign-in, and could open the backup.
    AccountPassword,
    /// It is the user ID, or the name in it.
    UserId,
    /// It is the server's name.
    ServerName,
    /// It begins or ends with white space, which nobody sees when they type it again.
    OuterSpace,
    /// It has an invisible character, which another keyboard may leave out.
    Invisible,
    /// It is a recovery key, or has one in it: whoever enters it later would be taken to mean that key.
    RecoveryKey,
    /// Nobody could estimate it: the program for that did not come.
    NotEstimated,
    /// It is good enough for the page, but not for the host's settings.
    NotForThisHost,
    /// It is good enough for the page, but shorter than its user's server wants.
    TooShort {
        /// The least number of characters.
        least: u8,
    },
}

/// How many guesses a phrase withstands, by an estimate (`src/estimate`). It contains no part of the phrase.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Hundredths of the power of ten.
    power: u16,
    /// zxcvbn's explanation why the phrase can be guessed; empty if it gives none, or if none is needed.
    pub reason: String,
}

impl Estimate {
    /// An estimate of 10^`power` guesses. The reason is asked for only if the page refuses the phrase.
    pub fn of(power: f64, reason: impl FnOnce() -> String) -> Self {
        let hundredths = (power * 100.0).clamp(0.0, f64::from(u16::MAX));
        // Rounded down: no phrase is called better than it is.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped above")]
        let mut estimate = Self { power: hundredths as u16, reason: String::new() };
        if estimate.score() < LEAST_SCORE {
            estimate.reason = reason();
        }
        estimate
    }

    /// zxcvbn's score, from 0 (easily guessed) to 4 (very hard to guess).
    pub fn score(&self) -> u8 {
        score_of(f64::from(self.power) / 100.0)
    }

    /// Tells whether it withstands so many guesses.
    pub fn withstands(&self, strength: Strength) -> bool {
        self.power >= u16::from(strength.power()) * 100
    }

    /// The power of ten, in hundredths.
    pub fn hundredths(&self) -> u16 {
        self.power
    }
}

/// Returns zxcvbn's score for a number of guesses, which is given as a power of ten.
pub fn score_of(power: f64) -> u8 {
    [3.0, 6.0, 8.0, f64::from(Strength::LEAST)].into_iter().map(|bound| u8::from(power >= bound)).sum()
}

impl Judgement {
    /// Tells whether the person may go on with this phrase.
    pub fn is_acceptable(&self) -> bool {
        self.refusal.is_none() && self.score >= LEAST_SCORE
    }
}

/// Refuses a phrase that equals something known about the person, apart from case and outer white space, or that has
/// characters nobody can retype.
pub fn refuse(phrase: &str, account_password: &str, user_id: &str, server: &str) -> Option<Refusal> {
    let plain = |text: &str| text.trim().to_lowercase();
    let phrase_plain = plain(phrase);
    let is = |text: &str| !text.trim().is_empty() && phrase_plain == plain(text);
    let localpart = user_id.strip_prefix('@').unwrap_or(user_id).split(':').next().unwrap_or_default();
    if is(account_password) {
        Some(Refusal::AccountPassword)
    } else if is(user_id) || is(localpart) || is(user_id.strip_prefix('@').unwrap_or(user_id)) {
        Some(Refusal::UserId)
    } else if is(server) || user_id.split_once(':').is_some_and(|(_, name)| is(name)) {
        Some(Refusal::ServerName)
    } else if RecoveryKey::is_in(phrase) {
        Some(Refusal::RecoveryKey)
    } else if phrase.trim() != phrase {
        Some(Refusal::OuterSpace)
    } else if phrase.contains(|c| is_invisible(c) || is_odd_space(c)) {
        Some(Refusal::Invisible)
    } else {
        None
    }
}

/// Tells whether a character is invisible: control characters and those that Unicode calls default ignorable.
/// Examples are joiners, marks of direction, variation selectors, tags and fillers.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Tells whether a space looks like the space bar's, but is another one. The ideographic space is as wide as a
/// letter, so people see it.
fn is_odd_space(c: char) -> bool {
    c.is_whitespace() && !matches!(c, ' ' | '\u{3000}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_know_about_the_person_is_refused() {
        for (phrase, refusal) in [
            ("Sommer-2024!", Some(Refusal::AccountPassword)),
            (" sommer-2024! ", Some(Refusal::AccountPassword)),
            ("@Ada:example.org", Some(Refusal::UserId)),
            ("ada", Some(Refusal::UserId)),
            ("ada:example.org", Some(Refusal::UserId)),
            ("Example.org", Some(Refusal::ServerName)),
            ("matrix.example.org", Some(Refusal::ServerName)),
            ("glass otter fifty moons ", Some(Refusal::OuterSpace)),
            ("glass otter fifty moons", None),
            ("glass\u{200b}otter fifty moons", Some(Refusal::Invisible)),
            ("glass\u{ad}otter fifty moons", Some(Refusal::Invisible)),
            ("glass\totter fifty moons", Some(Refusal::Invisible)),
            ("glass\u{a0}otter fifty moons", Some(Refusal::Invisible)),
            ("glass\u{2009}otter fifty moons", Some(Refusal::Invisible)),
            ("👩\u{200d}🚀 fifty moons", Some(Refusal::Invisible)),
            ("glass otter fifty moons\u{feff}", Some(Refusal::Invisible)),
            ("größer als 100 € こん\u{3000}にちは 🦦", None),
            ("ada likes glass otters", None),
            ("EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d", Some(Refusal::RecoveryKey)),
            ("my key: EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d", Some(Refusal::RecoveryKey)),
            ("EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk", None),
        ] {
            let found = refuse(phrase, "Sommer-2024!", "@ada:example.org", "matrix.example.org");
            assert_eq!(found, refusal, "{phrase:?}");
        }
    }

    #[test]
    fn an_unknown_password_refuses_nothing() {
        assert_eq!(refuse("", "", "@ada:example.org", ""), None);
    }

    #[test]
    fn scores_follow_the_guesses() {
        for (power, score) in
            [(0.0, 0), (2.9, 0), (3.0, 1), (6.0, 2), (8.5, 3), (9.99, 3), (10.0, 4), (30.0, 4)]
        {
            assert_eq!(score_of(power), score, "{power}");
        }
    }

    #[test]
    fn only_the_best_score_is_acceptable() {
        for score in 0..=4 {
            let judgement = Judgement { score, refusal: None, reason: String::new() };
            assert_eq!(judgement.is_acceptable(), score == 4, "{score}");
            let refused = Judgement { refusal: Some(Refusal::UserId), ..judgement };
            assert!(!refused.is_acceptable(), "{score}");
        }
    }
}
