//! Writing: how far it is, what holds it up, and what stays written if it ends too soon.

use super::asked::Asked;
use crate::domain::{account::Account, plan::Task, problem::Problem};

/// How far writing is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Work {
    /// The tasks that are done, in order.
    pub done: Vec<Task>,
    /// How far the present one is: room keys done, and how many there are.
    pub progress: Option<(u64, u64)>,
    /// Whether the person asked to stop.
    pub stopping: bool,
    /// Whether the person refused the proof, and what was written is to be taken back: from then on nothing is
    /// written any more.
    pub withdrawing: bool,
    /// Whether the server was faster than the person who refused its proof: what the engine still says of taking back
    /// is no news.
    pub overtaken: bool,
    /// The account as it was found afterwards.
    pub looked: Option<Account>,
    /// Whether all that was written and is not among the tasks that are done was put back.
    pub taken_back: bool,
}

/// What holds writing up.
#[derive(Clone, Debug, PartialEq)]
pub enum Pause {
    /// The server wants a proof.
    Proof(Asked),
    /// What was written is being taken back.
    Withdrawing,
    /// A problem; trying again goes on where it stopped.
    Trouble(Problem),
}

/// What has been written when a visit ends too soon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// What surely was.
    pub tasks: Vec<Task>,
    /// What was being written at that moment.
    pub perhaps: Option<Task>,
    /// Whether something that was begun is not complete.
    pub cut_short: bool,
}
