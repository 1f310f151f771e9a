//! Bounds how long a server may ask this page to wait.

/// The longest wait that is believed, in milliseconds: a day. Nobody keeps a page open for longer.
const LONGEST_WAIT_MS: f64 = 86_400_000.0;

/// Reads a server's `retry_after_ms`, at most a day; `None` for a number that is no time.
pub fn wait_ms(retry_after_ms: f64) -> Option<u64> {
    (retry_after_ms >= 0.0).then(|| retry_after_ms.min(LONGEST_WAIT_MS) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_believed_up_to_a_day_and_only_if_it_is_one() {
        let day = 86_400_000;
        for (asked, expected) in [
            (2_500.0, Some(2_500)),
            (0.9, Some(0)),
            (1e300, Some(day)),
            (f64::INFINITY, Some(day)),
            (-1.0, None),
            (f64::NAN, None),
        ] {
            assert_eq!(wait_ms(asked), expected, "{asked}");
        }
    }
}
