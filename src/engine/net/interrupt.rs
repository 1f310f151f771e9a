//! A bell that ends waiting: rung from outside when somebody wants something of the engine.

use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    task::{Poll, Waker},
};

/// Rung when the next command arrives while one is carried out that only waits.
#[derive(Debug, Default)]
pub struct Interrupt {
    is_raised: Cell<bool>,
    waiting: RefCell<Option<Waker>>,
}

impl Interrupt {
    /// Ends the waiting that is under way, and any that begins before [`Self::lower`].
    pub fn raise(&self) {
        self.is_raised.set(true);
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }

    /// From here on there is time to wait again.
    pub fn lower(&self) {
        self.is_raised.set(false);
    }

    /// Comes to its end as soon as it is raised.
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
