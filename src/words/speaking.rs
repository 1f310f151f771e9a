//! Has a test speak each language.

use super::LANGUAGES;

/// Runs a check in each language, with its tag. The check sees the texts as the page does.
pub fn in_each_language(check: impl Fn(&str)) {
    for language in LANGUAGES {
        speak(language);
        check(language);
    }
    in_english();
}

/// Goes back to the language that tests begin with.
pub fn in_english() {
    speak(LANGUAGES[0]);
}

fn speak(language: &str) {
    let texts = texts(language);
    super::speak(|key| texts[key].as_str().unwrap().to_owned(), false);
}

/// Reads the file of a language.
pub fn texts(language: &str) -> serde_json::Value {
    let file = format!("{}/src/words/{language}.arb", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}
