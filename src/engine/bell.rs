//! A bell that ends a wait: the worker rings it when the next command comes.

use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    task::{Poll, Waker},
};

/// Ends a command that only waits, such as `Command::Listen`, when the next one arrives.
#[derive(Debug, Default)]
pub struct Bell {
    has_rung: Cell<bool>,
    waiting: RefCell<Option<Waker>>,
}

impl Bell {
    /// Ends the wait under way, and any that begins before [`Self::reset`].
    pub fn ring(&self) {
        self.has_rung.set(true);
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }

    /// Lets later waits run until the bell is rung again.
    pub fn reset(&self) {
        self.has_rung.set(false);
    }

    /// Resolves as soon as the bell is rung.
    pub(in crate::engine) fn rung(&self) -> impl Future<Output = ()> + '_ {
        poll_fn(|context| {
            if self.has_rung.get() {
                return Poll::Ready(());
            }
            self.waiting.replace(Some(context.waker().clone()));
            Poll::Pending
        })
    }
}
