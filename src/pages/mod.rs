//! Makes the pages beside the page, one file for each language: how to do the same inside one's app
//! (`in-app-TAG.html`), and the sheet for those who help (`help-TAG.html`).
//!
//! They need no script. So they can be read where the page itself does not run, printed, linked to, and found by search
//! engines. `tools/pin-engine.mjs` runs the program that makes them (`src/bin/pages.rs`) at the end of each build.

mod help;
mod in_app;
#[cfg(test)]
mod tests;

use serde::Deserialize;

use crate::words::speak;

/// The language of labels in apps that are not translated.
const ENGLISH: &str = "en";
/// Direction of a language that is written from the right.
const FROM_THE_RIGHT: &str = "rtl";

/// What the build knows and the pages need.
#[derive(Clone, Debug, Deserialize)]
pub struct Build {
    /// The policy of these pages (Content Security Policy).
    pub policy: String,
    /// Address of the icon.
    pub icon: String,
    /// The style sheets, in order.
    pub styles: Vec<Style>,
    /// Every language of the page.
    pub languages: Vec<Language>,
}

/// A style sheet.
#[derive(Clone, Debug, Deserialize)]
pub struct Style {
    /// Its address.
    pub address: String,
    /// Its digest, as `integrity` has it.
    pub integrity: String,
}

/// A language of the page.
#[derive(Clone, Debug, Deserialize)]
pub struct Language {
    /// Its tag (BCP 47).
    pub tag: String,
    /// Its name in itself.
    pub name: String,
    /// The direction of its writing, as `dir` has it.
    pub direction: String,
}

/// A page that was made.
pub struct Made {
    /// The name of its file.
    pub file: String,
    /// Its markup.
    pub html: String,
}

/// The head of a page, and the way to the same page in other languages.
struct Frame<'a> {
    build: &'a Build,
    language: &'a Language,
    /// The beginning of the name of its file.
    name: &'static str,
    title: &'static str,
    /// What search engines and previews of links show below the title.
    description: &'static str,
}

impl Frame<'_> {
    fn is(&self, language: &Language) -> bool {
        self.language.tag == language.tag
    }
}

/// Makes every page in every language. `texts` returns the text with a key in the language with this tag.
///
/// # Errors
/// If a template cannot be filled.
pub fn make(build: &Build, texts: impl Fn(&str, &str) -> String) -> Result<Vec<Made>, askama::Error> {
    speak(|key| texts(ENGLISH, key), false);
    let in_english = in_app::walks();
    let mut made = Vec::new();
    for language in &build.languages {
        speak(|key| texts(&language.tag, key), language.direction == FROM_THE_RIGHT);
        made.push(in_app::page(build, language, &in_english)?);
        made.push(help::page(build, language)?);
    }
    Ok(made)
}
