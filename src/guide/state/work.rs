//! Progress of an order, the reasons why it pauses, and what stays written if it ends too soon.

use super::asked::AskedProof;
use crate::domain::{account::Account, plan::Task, problem::Problem};

/// Progress of an order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Work {
    /// The tasks that are done, in order.
    pub done: Vec<Task>,
    /// Progress of the present task, in room keys: the part that is done, and the whole.
    pub progress: Option<(u64, u64)>,
    /// Set if the person asked to stop it.
    pub stopping: bool,
    /// Set if the person refused the proof, so that the engine takes the order back and writes nothing more.
    pub withdrawing: bool,
    /// Set if the server accepted the proof before the engine could take the order back. The engine's answer to
    /// taking it back is then ignored.
    pub overtaken: bool,
    /// The account as the engine found it afterwards.
    pub looked: Option<Account>,
    /// Set if the engine put back all that was written, except for the tasks in `done`.
    pub taken_back: bool,
}

/// The reason why an order does not go on.
#[derive(Clone, Debug, PartialEq)]
pub enum Pause {
    /// The server asks for a proof.
    Proof(AskedProof),
    /// The engine is taking the order back.
    Withdrawing,
    /// There is a problem; the order can go on from where it stopped.
    Trouble(Problem),
}

/// The tasks that were written when a visit ended too soon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Tasks that were surely written.
    pub tasks: Vec<Task>,
    /// The task that was under way.
    pub perhaps: Option<Task>,
    /// Set if something was begun and is not complete.
    pub cut_short: bool,
}
