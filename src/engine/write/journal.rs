//! What was written of account data since an order began, with what stood there before: so that it can be taken back.

use std::cell::{Cell, RefCell};

use serde_json::{Value, json};

use crate::engine::{
    account::account_data::{self, AccountData},
    connection::Connection,
    net::failure::Failure,
};

/// The writes of one order.
#[derive(Default)]
pub(in crate::engine) struct Journal {
    entries: RefCell<Vec<Entry>>,
    is_undoing: Cell<bool>,
}

struct Entry {
    event_type: String,
    before: Option<Value>,
    /// Each content that was sent, whether or not it arrived.
    written: Vec<Value>,
}

/// What can be done about an event that an order wrote.
enum Undoing {
    /// It is as it was before.
    Nothing,
    /// It is as it was written: this is to take its place.
    Restore(Value),
    /// Somebody else has changed it since.
    Leave,
}

impl Journal {
    /// An order begins, or what was written cannot be taken back any more.
    pub(in crate::engine) fn forget(&self) {
        self.entries.borrow_mut().clear();
        self.is_undoing.set(false);
    }

    /// What was written is being taken back: from here on the order may not go on, for what it relies on may be gone.
    pub(in crate::engine) fn begin_undoing(&self) {
        self.is_undoing.set(true);
    }

    /// Whether taking back has begun and has not come to its end.
    pub(in crate::engine) fn is_undoing(&self) -> bool {
        self.is_undoing.get()
    }

    /// Notes a write before it is sent. `before` is what was read: our own content, where an earlier attempt has
    /// come through.
    fn note(&self, event_type: &str, before: Option<&Value>, content: &Value) {
        let mut entries = self.entries.borrow_mut();
        match entries.iter_mut().find(|entry| entry.event_type == event_type) {
            Some(entry) => {
                if !entry.written.iter().any(|written| Some(written) == before) {
                    entry.before = before.cloned();
                }
                entry.written.push(content.clone());
            }
            None => entries.push(Entry {
                event_type: event_type.to_owned(),
                before: before.cloned(),
                written: vec![content.clone()],
            }),
        }
    }

    /// What stood in an event's place before this order wrote it; `None` if it did not.
    pub(in crate::engine) fn before(&self, event_type: &str) -> Option<Option<Value>> {
        let entries = self.entries.borrow();
        entries.iter().find(|entry| entry.event_type == event_type).map(|entry| entry.before.clone())
    }

    /// What is to be written to take everything back, in the opposite order; and whether that is all of it.
    pub(in crate::engine) fn undo(&self, now: &AccountData) -> (Vec<(String, Value)>, bool) {
        let entries = self.entries.borrow();
        let mut is_all = true;
        let mut restore = Vec::new();
        for entry in entries.iter().rev() {
            match entry.undo(now.get(&entry.event_type)) {
                Undoing::Nothing => {}
                Undoing::Restore(content) => restore.push((entry.event_type.clone(), content)),
                Undoing::Leave => is_all = false,
            }
        }
        (restore, is_all)
    }

    /// Writes one event, and notes what stood in its place.
    ///
    /// # Errors
    /// The request's [`Failure`].
    pub(in crate::engine) async fn write(
        &self,
        connection: &Connection,
        event_type: &str,
        before: Option<&Value>,
        content: &Value,
    ) -> Result<(), Failure> {
        self.note(event_type, before, content);
        account_data::write(&connection.server, &connection.user_id, event_type, content).await
    }

    /// Puts everything back that the order has written and that is still as it was written. Whether that is all of it:
    /// what somebody else has changed since stays as they left it.
    ///
    /// # Errors
    /// The request's [`Failure`].
    pub(in crate::engine) async fn put_back(
        &self,
        connection: &Connection,
        now: &AccountData,
    ) -> Result<bool, Failure> {
        let (restore, is_all) = self.undo(now);
        for (event_type, content) in &restore {
            account_data::write(&connection.server, &connection.user_id, event_type, content).await?;
        }
        Ok(is_all)
    }
}

impl Entry {
    fn undo(&self, now: Option<&Value>) -> Undoing {
        if now == self.before.as_ref() {
            Undoing::Nothing
        } else if self.written.iter().any(|written| Some(written) == now) {
            // An empty event is a deleted one; account data cannot be taken away.
            Undoing::Restore(self.before.clone().unwrap_or_else(|| json!({})))
        } else {
            Undoing::Leave
        }
    }
}
