//! Judging and proposing security phrases.

use rand::RngExt as _;
use zeroize::Zeroizing;
use zxcvbn::zxcvbn;

use crate::domain::{
    passphrase::{Judgement, refuse},
    secret::Secret,
};

/// How many words are proposed: six of 2,048 are 66 bits, which at 500,000 rounds a guess nobody tries.
const WORDS: usize = 6;

/// How guessable the phrase is, and whether it must not be used at all.
pub(super) fn judge(phrase: &Secret, account_password: &Secret, user_id: &str, server: &str) -> Judgement {
    let text = phrase.expose();
    let entropy = zxcvbn(text, &[account_password.expose(), user_id, server, "matrix", "element"]);
    let reason = entropy.feedback().and_then(|feedback| feedback.warning());
    Judgement {
        score: entropy.score().into(),
        refusal: refuse(text, account_password.expose(), user_id, server),
        reason: reason.map(|warning| warning.to_string()).unwrap_or_default(),
    }
}

/// Six words, drawn evenly by the browser's generator.
pub(super) fn suggest() -> Secret {
    let list = bip39::Language::English.word_list();
    let mut random = rand::rng();
    let mut phrase = Zeroizing::new(String::with_capacity(WORDS * 9));
    for number in 0..WORDS {
        if number > 0 {
            phrase.push(' ');
        }
        phrase.push_str(list[random.random_range(0..list.len())]);
    }
    Secret::from(phrase.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proposed_phrases_are_acceptable_and_differ() {
        let password = Secret::from("Sommer-2024!");
        let phrases: Vec<Secret> = (0..50).map(|_| suggest()).collect();
        for phrase in &phrases {
            assert_eq!(phrase.expose().split(' ').count(), WORDS);
            assert!(judge(phrase, &password, "@ada:example.org", "example.org").is_acceptable());
        }
        assert!(phrases.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn weak_phrases_are_not_acceptable_and_the_reason_never_repeats_them() {
        let password = Secret::from("Sommer-2024!");
        for weak in
            ["iloveyou", "qwertzuiop", "xyzxyzxyz", "19840401", "matrix element", "ada", "letmein now"]
        {
            let judgement = judge(&Secret::from(weak), &password, "@ada:example.org", "example.org");
            assert!(!judgement.is_acceptable(), "{weak}");
            assert!(!judgement.reason.contains(weak), "{weak}");
        }
    }
}
