//! Times that the page waits, in milliseconds.

/// The wait between two counts of room keys: the shortest and the longest.
pub(super) const COUNT_EVERY_MS: (u32, u32) = (2_000, 15_000);
/// The wait between two looks at how long the other device takes.
pub(super) const TICK_MS: u32 = 5_000;

/// The wait before the next count: longer, the more counts in a row have brought the same number.
pub(super) fn pause_between_counts(unchanged: u32) -> u32 {
    (COUNT_EVERY_MS.0 << unchanged.min(3)).min(COUNT_EVERY_MS.1)
}
