//! Hearing that it is to stop, while something is waited for that cannot hear it.

use std::{cell::Cell, future::Future, pin::pin, time::Duration};

use futures_util::future::{Either, select};
use matrix_sdk::sleep::sleep;

/// How often it is asked whether to stop.
const HEARS_EVERY: Duration = Duration::from_millis(100);

/// Does something unless it is asked to stop before the end; then `None`, and what was under way is dropped.
pub(in crate::engine) async fn unless_stopped<T>(
    stop: &Cell<bool>,
    work: impl Future<Output = T>,
) -> Option<T> {
    match select(pin!(work), pin!(asked(stop))).await {
        Either::Left((result, _)) => Some(result),
        Either::Right(_) => None,
    }
}

/// Comes to its end when it is asked to stop.
async fn asked(stop: &Cell<bool>) {
    while !stop.get() {
        sleep(HEARS_EVERY).await;
    }
}
