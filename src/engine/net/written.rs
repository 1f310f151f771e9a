//! Remembers the global account data that this visit wrote: an answer that lacks it came from a server's cache.

use std::{cell::RefCell, collections::BTreeMap};

use matrix_sdk::ruma::OwnedUserId;
use serde_json::Value;

/// The last content of each type that is known to have arrived.
#[derive(Default)]
pub(in crate::engine) struct Written(RefCell<Option<Contents>>);

struct Contents {
    user_id: OwnedUserId,
    by_type: BTreeMap<String, Value>,
}

impl Written {
    /// Notes a write that came through.
    pub(in crate::engine) fn note(&self, user_id: &OwnedUserId, event_type: &str, content: &Value) {
        let mut contents = self.0.borrow_mut();
        let contents =
            contents.get_or_insert_with(|| Contents { user_id: user_id.clone(), by_type: BTreeMap::new() });
        contents.by_type.insert(event_type.to_owned(), content.clone());
    }

    /// Forgets what was written of a type.
    pub(in crate::engine) fn forget(&self, event_type: &str) {
        if let Some(contents) = &mut *self.0.borrow_mut() {
            contents.by_type.remove(event_type);
        }
    }

    /// Returns the account's user id if an answer lacks something that this visit wrote. `answer` gives the content
    /// that it has of a type.
    pub(in crate::engine) fn is_not_shown_in<'a>(
        &self,
        answer: impl Fn(&str) -> Option<&'a Value>,
    ) -> Option<OwnedUserId> {
        let contents = self.0.borrow();
        let contents = contents.as_ref()?;
        // Writing an empty content is how account data is deleted.
        let is_empty = |content: &Value| content.as_object().is_some_and(serde_json::Map::is_empty);
        let is_shown = |(event_type, content): (&String, &Value)| {
            answer(event_type) == Some(content).filter(|content| !is_empty(content))
        };
        (!contents.by_type.iter().all(is_shown)).then(|| contents.user_id.clone())
    }

    /// The types that were written.
    pub(in crate::engine) fn types(&self) -> Vec<String> {
        let contents = self.0.borrow();
        contents.iter().flat_map(|contents| contents.by_type.keys().cloned()).collect()
    }

    /// Takes over the contents of single reads: later answers have to show what another client wrote meanwhile.
    pub(in crate::engine) fn correct<'a>(&self, data: impl Fn(&str) -> Option<&'a Value>) {
        if let Some(contents) = &mut *self.0.borrow_mut() {
            for (event_type, content) in &mut contents.by_type {
                *content = data(event_type).cloned().unwrap_or_else(|| serde_json::json!({}));
            }
        }
    }

    /// Takes over what this visit wrote before it had to sign in again.
    pub(in crate::engine) fn carry_over(&self, before: &Self) {
        self.0.swap(&before.0);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Reads an answer with these events; an empty event is a deleted one.
    fn data<'a>(events: &'a Value) -> impl Fn(&str) -> Option<&'a Value> {
        move |event_type| events.get(event_type).filter(|content| **content != json!({}))
    }

    #[test]
    fn an_answer_that_lacks_what_was_written_is_told_from_one_that_shows_it() {
        let written = Written::default();
        let user_id: OwnedUserId = "@a:b".try_into().unwrap();
        assert_eq!(written.is_not_shown_in(data(&json!({}))), None, "nothing was written");
        written.note(&user_id, "t", &json!({"a": 1}));
        written.note(&user_id, "gone", &json!({}));
        for (answer, is_shown) in [
            (json!({"t": {"a": 1}}), true),
            (json!({"t": {"a": 1}, "gone": {}}), true),
            (json!({"t": {"a": 1}, "other": {"b": 2}}), true),
            (json!({"t": {"a": 1}, "gone": {"b": 2}}), false),
            (json!({"t": {"a": 2}}), false),
            (json!({"t": {}}), false),
            (json!({}), false),
        ] {
            assert_eq!(written.is_not_shown_in(data(&answer)).is_none(), is_shown, "{answer}");
        }
        written.correct(data(&json!({"t": {"a": 2}})));
        assert_eq!(
            written.is_not_shown_in(data(&json!({"t": {"a": 2}}))),
            None,
            "another client's content is shown"
        );
        written.forget("t");
        assert_eq!(written.is_not_shown_in(data(&json!({}))), None, "it may or may not have arrived");
    }
}
