//! Progress of a command that takes long.

/// Progress of a command that takes long and can be stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Long {
    /// The part that is done, and the whole.
    pub progress: Option<(u64, u64)>,
    /// Set if the person asked to stop it.
    pub stopping: bool,
    /// Set if it puts entries back whole; otherwise it looks at messages, imports or copies.
    pub mends: bool,
}
