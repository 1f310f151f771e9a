//! The page's texts, in the person's language.
//!
//! Each language has a file here, `en.arb` being the one that the others follow. `build.rs` makes a function of each of
//! its keys, with the text's arguments: `words::verdict_not_safe_yet()`. The page fetches the texts of one language, and
//! those of the first screen apart ([`begin`], [`add`]); native programs have the English ones.
//!
//! Numbers, plurals and lists are the browser's ([`Writing`]).

mod message;
#[cfg(test)]
pub mod speaking;
#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
};

use message::{Piece, parse};

/// How a language writes numbers and lists.
#[derive(Clone, Copy)]
pub struct Writing {
    /// Names the CLDR category of a number: "one", "few", "other" and so on.
    pub category: fn(u64) -> String,
    /// Writes a number.
    pub number: fn(u64) -> String,
    /// Writes a list of things that all count: "A, B and C".
    pub list: fn(&[String]) -> String,
}

/// A part of a sentence that has elements in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Text(String),
    /// The place of the element with this name.
    Element(&'static str),
}

/// The value of an argument.
#[derive(Clone, Copy)]
enum Given<'a> {
    Text(&'a str),
    Number(u64),
}

thread_local! {
    static TEXTS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    static IS_FROM_THE_RIGHT: Cell<bool> = const { Cell::new(false) };
    static WRITING: Cell<Writing> = const { Cell::new(Writing {
        category: |number| if number == 1 { "one" } else { "other" }.to_owned(),
        number: with_commas,
        list: with_and,
    }) };
}

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// Begins a language with the texts of its first screen, in place of the one before.
pub fn begin(first: Vec<String>, is_from_the_right: bool) {
    IS_FROM_THE_RIGHT.set(is_from_the_right);
    TEXTS.with_borrow_mut(Vec::clear);
    add(first);
}

/// Adds the other texts of the language.
pub fn add(rest: Vec<String>) {
    // Kept to the end: screens hold them, and a person changes the language a few times at most.
    TEXTS.with_borrow_mut(|texts| texts.extend(rest.into_iter().map(|text| &*String::leak(text))));
}

/// Has numbers and lists written as the browser does in the language. Until then they are written as in English.
pub fn write_by(writing: Writing) {
    WRITING.set(writing);
}

/// Has no words, where a table needs some.
pub fn nothing() -> &'static str {
    ""
}

/// A text of a table.
pub type Word = fn() -> &'static str;

/// Writes a number as the language does.
pub fn number(number: u64) -> String {
    (WRITING.get().number)(number)
}

/// Writes names one after the other, as the language does.
pub fn list(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| isolated(name.as_ref())).collect();
    (WRITING.get().list)(&names)
}

/// Joins a list as English does.
fn with_and(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [name] => name.clone(),
        [first @ .., last] => [&*first.join(", "), " and ", last].concat(),
    }
}

/// Writes a number with commas between its thousands, as English does.
fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns the text with this number, or none while it has not been fetched.
fn look_up(at: usize) -> &'static str {
    #[cfg(any(not(target_family = "wasm"), feature = "gallery"))]
    let english = ENGLISH.get(at).copied();
    #[cfg(not(any(not(target_family = "wasm"), feature = "gallery")))]
    let english = None;
    TEXTS.with_borrow(|texts| texts.get(at).copied()).or(english).unwrap_or_default()
}

/// Puts texts into a text.
fn put_in(at: usize, given: &[(&'static str, &str)]) -> String {
    join(split(at, given))
}

/// Puts texts into a text; the other arguments are elements. The first screen needs no more than this, so that its
/// program has none of what follows.
fn split(at: usize, given: &[(&'static str, &str)]) -> Vec<Part> {
    let (mut parts, mut rest) = (Vec::new(), look_up(at));
    // The build has refused malformed texts.
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or_default();
        say(before, &mut parts);
        match given.iter().find(|(of, _)| *of == name) {
            Some((_, value)) => say(&isolated(value), &mut parts),
            None => parts.push(Part::Element(name)),
        }
        rest = after;
    }
    say(rest, &mut parts);
    parts
}

fn join(parts: Vec<Part>) -> String {
    parts.into_iter().map(|part| if let Part::Text(text) = part { text } else { String::new() }).collect()
}

/// Puts texts and numbers into a text.
fn fill(at: usize, given: &[(&'static str, Given<'_>)]) -> String {
    join(parts(at, given))
}

/// Puts arguments into a text; those that are not given are elements.
fn parts(at: usize, given: &[(&'static str, Given<'_>)]) -> Vec<Part> {
    let mut parts = Vec::new();
    // The build has refused malformed texts.
    write(&parse(look_up(at)).unwrap_or_default(), given, 0, &mut parts);
    parts
}

fn write(
    pieces: &[Piece<'static>],
    given: &[(&'static str, Given<'_>)],
    counted: u64,
    parts: &mut Vec<Part>,
) {
    let value = |name: &str| given.iter().find(|(of, _)| *of == name).map(|(_, value)| *value);
    for piece in pieces {
        match piece {
            Piece::Text(text) => say(text, parts),
            Piece::Number => say(&number(counted), parts),
            Piece::Argument(name) => match value(name) {
                Some(Given::Text(text)) => say(&isolated(text), parts),
                Some(Given::Number(value)) => say(&number(value), parts),
                None => parts.push(Part::Element(name)),
            },
            Piece::Plural(name, forms) => {
                let Some(Given::Number(value)) = value(name) else { continue };
                write(form(forms, value), given, value, parts);
            }
        }
    }
}

/// Chooses the form for a number.
fn form<'a>(forms: &'a [(&'static str, Vec<Piece<'static>>)], value: u64) -> &'a [Piece<'static>] {
    let (exact, category) = (format!("={value}"), (WRITING.get().category)(value));
    let find = |wanted: &str| forms.iter().find(|(name, _)| *name == wanted).map(|(_, form)| &**form);
    find(&exact).or_else(|| find(&category)).or_else(|| find("other")).unwrap_or_default()
}

/// Takes out the marks of direction: what leaves the page as text is searched, compared and put into other texts, where
/// nobody sees them. A text without any is not copied.
pub fn without_marks(text: &str) -> Cow<'_, str> {
    if text.contains(is_mark) { Cow::Owned(text.replace(is_mark, "")) } else { Cow::Borrowed(text) }
}

/// Tells whether a character only says how others run (Unicode's `Bidi_Control`).
fn is_mark(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Keeps names and addresses, which are written from the left, from turning the words around them.
fn isolated(text: &str) -> String {
    if IS_FROM_THE_RIGHT.get() { ["\u{2068}", text, "\u{2069}"].concat() } else { text.to_owned() }
}

fn say(text: &str, parts: &mut Vec<Part>) {
    if text.is_empty() {
        return;
    }
    match parts.last_mut() {
        Some(Part::Text(words)) => words.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}
