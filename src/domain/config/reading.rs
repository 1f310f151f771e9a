//! Reads a host's settings value by value, and warns of each value of the wrong type.

use super::warning::{Fault, Warning};
use crate::domain::{contact::plain_text, json::Json};

/// The most warnings that are given.
const MOST_WARNINGS: usize = 20;

/// Collects the warnings.
#[derive(Default)]
pub(super) struct Reading {
    warnings: Vec<Warning>,
}

impl Reading {
    /// Notes that a value is not used.
    pub(super) fn warn(&mut self, key: &str, fault: Fault) {
        match self.warnings.len() {
            ..MOST_WARNINGS => self.warnings.push(Warning::new(key, fault)),
            MOST_WARNINGS => self.warnings.push(Warning::new("", Fault::AndMore)),
            _ => {}
        }
    }

    /// The warnings so far.
    pub(super) fn warnings(self) -> Vec<Warning> {
        self.warnings
    }

    /// Reads an object; warns of each key that is not in `known`.
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

    /// Reads the first `most` items of a list.
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

    /// Reads a text with `meaning`; warns with `otherwise` if it means nothing.
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

    /// Reads a text that the page shows as it is.
    pub(super) fn plain(&mut self, key: &str, json: Option<&Json>, longest: usize) -> Option<String> {
        self.text(key, json, |text| plain_text(text, longest), Fault::NotPlain { longest })
    }

    /// Reads a boolean.
    pub(super) fn flag(&mut self, key: &str, json: Option<&Json>) -> Option<bool> {
        match json? {
            Json::Bool(is) => Some(*is),
            _ => {
                self.warn(key, Fault::NotAFlag);
                None
            }
        }
    }

    pub(super) fn number(&mut self, key: &str, json: Option<&Json>) -> Option<f64> {
        let number = json?.number();
        if number.is_none() {
            self.warn(key, Fault::NotANumber);
        }
        number
    }

    /// Reads a value that is required; warns if it is missing.
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
