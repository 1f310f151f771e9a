//! Questions about the sign-in that is under way, for all that is drawn beside it.

use crate::{
    app::conductor::Conductor,
    guide::{Step, step},
};

/// Tells whether the server is being asked.
pub fn is_asking(conductor: Conductor) -> bool {
    conductor.ask(true, |step| Some(step.attempt()?.is_asking()))
}

/// Tells whether the engine has started.
pub fn is_ready(conductor: Conductor) -> bool {
    conductor.ask(true, |step| {
        let Step::SignIn(step::SignIn { engine_ready, .. }) = step else { return None };
        Some(*engine_ready)
    })
}
