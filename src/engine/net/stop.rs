//! Stops work that does not look at the stop flag by itself.

use std::{cell::Cell, future::Future, pin::pin, time::Duration};

use futures_util::future::{Either, select};
use matrix_sdk::sleep::sleep;

/// The time between two looks at the stop flag.
const HEARS_EVERY: Duration = Duration::from_millis(100);

/// Runs `work` to its end. Once `stop` is set, drops it and returns `None`.
pub(in crate::engine) async fn unless_stopped<T>(
    stop: &Cell<bool>,
    work: impl Future<Output = T>,
) -> Option<T> {
    match select(pin!(work), pin!(asked(stop))).await {
        Either::Left((result, _)) => Some(result),
        Either::Right(_) => None,
    }
}

/// Resolves once `stop` is set.
async fn asked(stop: &Cell<bool>) {
    while !stop.get() {
        sleep(HEARS_EVERY).await;
    }
}
