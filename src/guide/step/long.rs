//! Work that takes its time.

/// Something that takes its time and may be stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Long {
    /// How much is done, and of how much.
    pub progress: Option<(u64, u64)>,
    /// Whether the person asked to stop.
    pub stopping: bool,
    /// Whether keys are put back whole, rather than looked at.
    pub mends: bool,
}
