//! Deletion of older backup versions, and of devices that earlier visits left.

use super::asked::AskedProof;

/// State of the deletion of older backup versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// They are kept, until the person asks otherwise.
    Kept,
    /// The engine is deleting them.
    Running,
    /// The superseded versions were deleted.
    Done,
}

/// State of the removal of devices that earlier visits of this page left in the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The page offers to remove them.
    Offered,
    /// The engine is removing them.
    Running,
    /// The server wants a proof.
    Proof(AskedProof),
}
