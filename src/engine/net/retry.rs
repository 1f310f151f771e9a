//! Sends requests: the only place that retries. Every attempt has a deadline.

use std::time::Duration;

use crate::engine::net::{
    failure::{Failure, Limits, Refusal, Repeat},
    timing,
    transport::{Answer, Bounds, Transport},
};

/// The pause before the second attempt; it doubles for each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(400);

/// Sends requests, and repeats them where that is allowed.
#[derive(Clone)]
pub(in crate::engine) struct Retry(Transport);

impl Retry {
    /// Makes the handle; sends nothing.
    pub(in crate::engine) fn new() -> Self {
        Self(Transport::new())
    }

    /// Sends a request, and repeats it as `repeat` and `limits` allow. A status outside 2xx is a [`Failure`].
    ///
    /// # Errors
    /// The last attempt's [`Failure`].
    pub(in crate::engine) async fn exchange(
        &self,
        request: &http::Request<Vec<u8>>,
        repeat: Repeat,
        limits: Limits,
    ) -> Result<http::Response<Vec<u8>>, Failure> {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            let failure = match self.attempt(request.clone(), limits).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            let wait = match failure.wait_before_next(repeat, pause) {
                Some(wait) if attempt < limits.attempts => wait,
                _ => return Err(failure),
            };
            timing::pause(wait).await;
            attempt += 1;
            pause *= 2;
        }
    }

    async fn attempt(
        &self,
        request: http::Request<Vec<u8>>,
        limits: Limits,
    ) -> Result<http::Response<Vec<u8>>, Failure> {
        let bounds = Bounds { deadline: timing::deadline(limits.deadline), largest: limits.largest_answer };
        let Answer { status, body } = self.0.exchange(request, bounds).await?;
        if !(200..300).contains(&status) {
            return Err(Failure::Refused(Refusal::read(status, &body)));
        }
        http::Response::builder().status(status).body(body).map_err(|_| Failure::Garbled)
    }
}
