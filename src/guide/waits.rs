//! Times that the page waits, in milliseconds.

/// The shortest and the longest wait between two counts of room keys.
pub(super) const COUNT_EVERY_MS: (u32, u32) = (2_000, 15_000);
/// The wait before the page counts again how long the other device takes.
pub(super) const TICK_MS: u32 = 5_000;

/// The wait before the next count. It grows with the number of counts in a row that were the same.
pub(super) fn pause_between_counts(unchanged: u32) -> u32 {
    (COUNT_EVERY_MS.0 << unchanged.min(3)).min(COUNT_EVERY_MS.1)
}
