//! A problem in the person's terms, where it happened.

use leptos::prelude::*;

use super::element::{all, el, keyed, say};
use crate::domain::problem::{Problem, Tone, Words};

/// Words to show; `None` while there is nothing to say.
pub type Saying = Box<dyn Fn() -> Option<Words> + Send + Sync>;

/// Draws what happened, what it means and what to do. Screen readers read it out as soon as it appears.
pub fn notice(id: &'static str, words: Saying) -> AnyView {
    let words = StoredValue::new(words);
    let say_now = move || words.with_value(|words| words());
    let key = move || {
        say_now().map_or_else(String::new, |words| [words.title, words.meaning, words.action].join(" "))
    };
    let draw = move || {
        let Some(Words { title, meaning, action, tone }) = say_now() else { return all(Vec::new()) };
        let mut lines = vec![say("p", "notice-title", title)];
        lines.extend(
            [meaning, action].into_iter().filter(|text| !text.is_empty()).map(|text| say("p", "", text)),
        );
        let look = match tone {
            Tone::Good => "notice notice-good",
            Tone::Calm => "notice notice-calm",
            Tone::Alarm => "notice",
        };
        el("div").class(look).all(lines).view()
    };
    el("div").attr("role", "alert").attr("id", id).child(keyed(key, draw)).view()
}

/// Returns the words for a problem, if there is one.
pub fn words_of(problem: Option<Problem>) -> Option<Words> {
    problem.as_ref().map(Problem::words)
}

/// Makes words of what went wrong and what to do.
pub fn words(title: impl Into<String>, action: impl Into<String>) -> Words {
    Words::new(title, action)
}
