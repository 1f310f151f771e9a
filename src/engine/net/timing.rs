//! Pauses between attempts, and deadlines of answers.
//!
//! In the browser both last exactly as long as asked for. Tests that break every request in every way would take hours
//! at that pace, so native builds can shorten both.

use std::time::Duration;

use matrix_sdk::sleep::sleep;

/// Lets time pass between two attempts.
pub(in crate::engine) async fn pause(length: Duration) {
    #[cfg(feature = "native")]
    let length = haste::pause(length);
    sleep(length).await;
}

/// The time that an answer may take.
pub(in crate::engine) fn deadline(length: Duration) -> Duration {
    #[cfg(feature = "native")]
    let length = haste::deadline(length);
    length
}

#[cfg(feature = "native")]
pub use haste::hurry;

#[cfg(feature = "native")]
mod haste {
    use std::{
        sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
        time::Duration,
    };

    static PAUSES_DIVIDED_BY: AtomicU32 = AtomicU32::new(1);
    static LONGEST_DEADLINE: AtomicU64 = AtomicU64::new(u64::MAX);

    /// For tests: divides every pause from now on, and cuts every deadline to at most `longest_deadline`.
    pub fn hurry(pauses_divided_by: u32, longest_deadline: Duration) {
        PAUSES_DIVIDED_BY.store(pauses_divided_by.max(1), Relaxed);
        let millis = u64::try_from(longest_deadline.as_millis()).unwrap_or(u64::MAX);
        LONGEST_DEADLINE.store(millis, Relaxed);
    }

    pub(in crate::engine) fn pause(length: Duration) -> Duration {
        length / PAUSES_DIVIDED_BY.load(Relaxed)
    }

    pub(in crate::engine) fn deadline(length: Duration) -> Duration {
        length.min(Duration::from_millis(LONGEST_DEADLINE.load(Relaxed)))
    }
}
