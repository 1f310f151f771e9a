//! What the server may be asked to delete: older versions of a backup, and devices of earlier visits.

use super::asked::Asked;

/// What became of the older versions of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// They are kept: nobody asked for anything else.
    Kept,
    /// The server is being asked.
    Asked,
    /// Those whose every key is in the fresh backup are gone.
    Done,
}

/// What becomes of devices that earlier visits of this page left in the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// Nothing, unless the person wants it.
    Offered,
    /// The server is being asked.
    Asked,
    /// The server wants a proof.
    Proof(Asked),
}
