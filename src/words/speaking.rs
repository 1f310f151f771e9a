//! Has a test speak each language.

use super::{KEYS, LANGUAGES, begin};

/// Runs a check in each language, with its tag. The check sees the texts as the page does.
pub fn in_each_language(check: impl Fn(&str)) {
    for language in LANGUAGES {
        speak(language);
        check(language);
    }
    speak(LANGUAGES[0]);
}

fn speak(language: &str) {
    let texts = texts(language);
    begin(KEYS.iter().map(|key| texts[*key].as_str().unwrap().to_owned()).collect(), false);
}

/// Reads the file of a language.
pub fn texts(language: &str) -> serde_json::Value {
    let file = format!("{}/src/words/{language}.arb", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}
