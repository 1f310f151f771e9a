//! A bell that ends a wait: the worker rings it when the next command comes.

use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    task::{Poll, Waker},
};

/// Ends a command that only waits, such as `Command::Listen`, when the next one arrives.
#[derive(Debug, Default)]
pub struct Interrupt {
    is_raised: Cell<bool>,
    waiting: RefCell<Option<Waker>>,
}

impl Interrupt {
    /// Ends the wait under way, and any that begins before [`Self::lower`].
    pub fn raise(&self) {
        self.is_raised.set(true);
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }

    /// Lets later waits run until the bell is raised again.
    pub fn lower(&self) {
        self.is_raised.set(false);
    }

    /// Resolves as soon as the bell is raised.
    pub(in crate::engine) fn raised(&self) -> impl Future<Output = ()> + '_ {
        poll_fn(|context| {
            if self.is_raised.get() {
                return Poll::Ready(());
            }
            self.waiting.replace(Some(context.waker().clone()));
            Poll::Pending
        })
    }
}
