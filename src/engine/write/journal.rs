//! The account data written since an order began, with what it replaced, so that it can be put back.

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
    writes: RefCell<Vec<Write>>,
    is_undoing: Cell<bool>,
}

struct Write {
    event_type: String,
    before: Option<Value>,
    /// Every content that was sent, whether or not it arrived.
    written: Vec<Value>,
}

/// The way to take back one event.
enum Undoing {
    /// It is as it was before the order.
    Nothing,
    /// It is as the order wrote it: this content has to replace it.
    Restore(Value),
    /// Another client has changed it since.
    Leave,
}

impl Journal {
    /// Empties the journal: an order begins, or its writes can no longer be taken back.
    pub(in crate::engine) fn forget(&self) {
        self.writes.borrow_mut().clear();
        self.is_undoing.set(false);
    }

    /// Notes that taking back has begun. The order may not go on: what it relies on may be gone.
    pub(in crate::engine) fn begin_undoing(&self) {
        self.is_undoing.set(true);
    }

    /// Tells whether taking back has begun and is not complete.
    pub(in crate::engine) fn is_undoing(&self) -> bool {
        self.is_undoing.get()
    }

    /// Notes a write before it is sent. `before` is what was read: our own content, if an earlier attempt arrived.
    fn note(&self, event_type: &str, before: Option<&Value>, content: &Value) {
        let mut writes = self.writes.borrow_mut();
        match writes.iter_mut().find(|write| write.event_type == event_type) {
            Some(write) => {
                if !write.written.iter().any(|written| Some(written) == before) {
                    write.before = before.cloned();
                }
                write.written.push(content.clone());
            }
            None => writes.push(Write {
                event_type: event_type.to_owned(),
                before: before.cloned(),
                written: vec![content.clone()],
            }),
        }
    }

    /// The content that an event had before this order wrote it; `None` if the order did not write it.
    pub(in crate::engine) fn before(&self, event_type: &str) -> Option<Option<Value>> {
        let writes = self.writes.borrow();
        writes.iter().find(|write| write.event_type == event_type).map(|write| write.before.clone())
    }

    /// Returns the writes that take everything back, in reverse order, and whether they take back all of it.
    pub(in crate::engine) fn undo(&self, now: &AccountData) -> (Vec<(String, Value)>, bool) {
        let writes = self.writes.borrow();
        let mut is_all = true;
        let mut restore = Vec::new();
        for write in writes.iter().rev() {
            match write.undo(now.get(&write.event_type)) {
                Undoing::Nothing => {}
                Undoing::Restore(content) => restore.push((write.event_type.clone(), content)),
                Undoing::Leave => is_all = false,
            }
        }
        (restore, is_all)
    }

    /// Notes and writes one event; `before` is its content so far.
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

    /// Puts back everything that the order has written and nobody has changed since. Returns whether that was all of
    /// it: what another client has changed stays.
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

impl Write {
    fn undo(&self, now: Option<&Value>) -> Undoing {
        if now == self.before.as_ref() {
            Undoing::Nothing
        } else if self.written.iter().any(|written| Some(written) == now) {
            // Account data cannot be removed: an empty event counts as deleted.
            Undoing::Restore(self.before.clone().unwrap_or_else(|| json!({})))
        } else {
            Undoing::Leave
        }
    }
}
