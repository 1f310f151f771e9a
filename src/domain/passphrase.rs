//! When a security phrase is good enough, and what is wrong with one that is not.

use serde::{Deserialize, Serialize};

use super::recovery_key::RecoveryKey;

/// The weakest score that is accepted, of zxcvbn's 0 to 4: more than 10^10 guesses. Whoever holds the
/// server's data can guess offline, and at the specification's 500,000 rounds a score of 3 would keep a
/// few graphics cards busy for hours only. Element asks for 4, too. A host may ask for more: [`Strength`].
pub const LEAST_SCORE: u8 = 4;

/// How many guesses a phrase has to withstand, as a power of ten. A host may raise it; no value of this
/// type is below what the page asks for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Strength(u8);

impl Strength {
    /// What the page asks for itself: where zxcvbn's best score begins.
    pub const LEAST: u8 = 10;
    /// The most that a host may ask for: every phrase that the page suggests has more.
    pub const MOST: u8 = 16;

    /// So many guesses, or the nearest that is allowed.
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

/// The engine's judgement of one phrase. It never contains the phrase or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// zxcvbn's score, 0 (a guess away) to 4 (out of reach).
    pub score: u8,
    /// Why the phrase is refused whatever its score.
    pub refusal: Option<Refusal>,
    /// Why it is guessable, in zxcvbn's words; empty when it has none.
    pub reason: String,
}

/// What a security phrase must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The account password: whoever sees it at sign-in would open the backup, too.
    AccountPassword,
    /// The user id or the name in it.
    UserId,
    /// The server's name.
    ServerName,
    /// It begins or ends with white space, which no one can see when it has to be typed again.
    OuterSpace,
    /// There is a character in it that nobody sees, and that another keyboard may leave out.
    Invisible,
    /// A recovery key, or a text with one in it: wherever it is entered later, it is taken for that key.
    RecoveryKey,
    /// It would do for the page, and not for whoever hosts it.
    NotForThisHost,
}

impl Judgement {
    /// Whether the person may go on with this phrase.
    pub fn is_acceptable(&self) -> bool {
        self.refusal.is_none() && self.score >= LEAST_SCORE
    }
}

/// Refuses what the phrase must not be, ignoring case and outer white space.
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

/// Whether a character shows nothing of itself: control characters and what Unicode calls default ignorable, such as
/// joiners, marks of direction, variation selectors, tags and fillers.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether it looks like the space bar's, and is another one. The ideographic space is as wide as a letter: it is seen.
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
    fn only_the_best_score_is_acceptable() {
        for score in 0..=4 {
            let judgement = Judgement { score, refusal: None, reason: String::new() };
            assert_eq!(judgement.is_acceptable(), score == 4, "{score}");
            let refused = Judgement { refusal: Some(Refusal::UserId), ..judgement };
            assert!(!refused.is_acceptable(), "{score}");
        }
    }
}
