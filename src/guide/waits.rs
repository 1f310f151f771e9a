//! Times that the page waits, in milliseconds.

/// The shortest and the longest wait between two counts of room keys.
pub(super) const COUNT_EVERY_MS: (u32, u32) = (2_000, 15_000);
/// The wait before the page counts again how long the other device takes.
pub(super) const TICK_MS: u32 = 5_000;
/// The time without a change after which no more room keys are expected, once some have come.
const REST_MS: u32 = 10_000;
/// The time after which none are expected any more. matrix-js-sdk waits up to 10 s, at random, before it sends any.
const NONE_MS: u32 = 25_000;

/// The wait before the next count, after so long without a change. It grows once no more room keys are expected.
pub(super) fn pause_between_counts(still_ms: u32) -> u32 {
    match still_ms {
        0..NONE_MS => COUNT_EVERY_MS.0,
        NONE_MS..60_000 => 5_000,
        _ => COUNT_EVERY_MS.1,
    }
}

/// The time until no more room keys are expected, after so long without a change; zero once it has passed. `came`:
/// some have come since an app was given the key.
pub(super) fn left_ms(came: bool, still_ms: u32) -> u32 {
    if came { REST_MS } else { NONE_MS }.saturating_sub(still_ms)
}
