//! Reading a host's settings: each value by its kind, and a warning for each that is of another.

use super::warning::{Fault, Warning};
use crate::domain::{contact::plain_text, json::Json};

/// How many warnings are told.
const MOST_WARNINGS: usize = 20;

/// What was found so far that is not used.
#[derive(Default)]
pub(super) struct Reading {
    warnings: Vec<Warning>,
}

impl Reading {
    /// Notes that something is not used.
    pub(super) fn warn(&mut self, key: &str, fault: Fault) {
        match self.warnings.len() {
            ..MOST_WARNINGS => self.warnings.push(Warning::new(key, fault)),
            MOST_WARNINGS => self.warnings.push(Warning::new("", Fault::AndMore)),
            _ => {}
        }
    }

    /// What was found that is not used.
    pub(super) fn warnings(self) -> Vec<Warning> {
        self.warnings
    }

    /// An object, whose other keys than these are not used.
    pub(super) fn object<'a>(
        &mut self,
        key: &str,
        json: Option<&'a Json>,
        known: &[&str],
    ) -> Option<&'a Json> {
        let json = json?;
        let Json::Object(members) = json else {
            self.warn(key, Fault::NotAnObject);
            return None;
        };
        let dot = if key.is_empty() { "" } else { "." };
        for (name, _) in members.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            self.warn(&[key, dot, name].concat(), Fault::Unknown);
        }
        Some(json)
    }

    /// The first items of a list.
    pub(super) fn list<'a>(&mut self, key: &str, json: Option<&'a Json>, most: usize) -> &'a [Json] {
        let Some(json) = json else { return &[] };
        let Some(items) = json.items() else {
            self.warn(key, Fault::NotAList);
            return &[];
        };
        if items.len() > most {
            self.warn(key, Fault::TooMany { most });
        }
        &items[..items.len().min(most)]
    }

    /// A text that means something.
    pub(super) fn text<T>(
        &mut self,
        key: &str,
        json: Option<&Json>,
        meaning: impl FnOnce(&str) -> Option<T>,
        otherwise: Fault,
    ) -> Option<T> {
        let text = json?.text();
        let fault = if text.is_some() { otherwise } else { Fault::NotText };
        let found = text.map(str::trim).and_then(meaning);
        if found.is_none() {
            self.warn(key, fault);
        }
        found
    }

    /// A text that is shown.
    pub(super) fn plain(&mut self, key: &str, json: Option<&Json>, longest: usize) -> Option<String> {
        self.text(key, json, |text| plain_text(text, longest), Fault::NotPlain { longest })
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, key: &str, json: Option<&Json>) -> Option<bool> {
        match json? {
            Json::Bool(is) => Some(*is),
            _ => {
                self.warn(key, Fault::NotAFlag);
                None
            }
        }
    }

    /// A number.
    pub(super) fn number(&mut self, key: &str, json: Option<&Json>) -> Option<f64> {
        let number = json?.number();
        if number.is_none() {
            self.warn(key, Fault::NotANumber);
        }
        number
    }

    /// Something without which the rest means nothing.
    pub(super) fn needed<T>(
        &mut self,
        key: &str,
        json: Option<&Json>,
        read: impl FnOnce(&mut Self, &str, Option<&Json>) -> Option<T>,
    ) -> Option<T> {
        if json.is_none() {
            self.warn(key, Fault::Missing);
        }
        read(self, key, json)
    }
}
