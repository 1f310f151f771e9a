//! Runs requests on whose answers nothing depends: they may fail, and get little time.

use std::{future::Future, pin::pin, time::Duration};

use futures_util::future::{Either, select};
use matrix_sdk::sleep::sleep;

use crate::engine::net::timing;

/// The longest wait for such a request: longer than an honest server takes, shorter than its deadlines and retries
/// together.
const PATIENCE: Duration = Duration::from_secs(15);

/// Returns the result of `look`, or `None` if it failed or took too long; then it is dropped.
///
/// There is no error to pass on, so that the caller cannot fail by it.
pub(in crate::engine) async fn optional<T, E>(look: impl Future<Output = Result<T, E>>) -> Option<T> {
    within(timing::deadline(PATIENCE), look).await
}

async fn within<T, E>(patience: Duration, look: impl Future<Output = Result<T, E>>) -> Option<T> {
    match select(pin!(look), pin!(sleep(patience))).await {
        Either::Left((result, _)) => result.ok(),
        Either::Right(((), _)) => None,
    }
}

#[cfg(test)]
#[cfg(feature = "native")]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn a_request_that_decides_nothing_fails_alone_and_is_not_waited_for_without_end() {
        assert_eq!(optional(ready(Ok::<_, ()>(7))).await, Some(7));
        assert_eq!(optional(ready(Err::<u8, _>("no"))).await, None);
        assert_eq!(within(Duration::from_millis(10), pending::<Result<u8, ()>>()).await, None);
    }
}
