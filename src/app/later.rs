//! The second part of the page's program: what can only be shown once the engine runs.
//!
//! The release is taken apart behind [`fetch`] (`tools/pin-engine.mjs`): whatever only [`Later`]
//! leads to is a file of its own, which comes with the engine. The engine is started only when both
//! are here, and without the engine no step leads to these screens.

use std::sync::OnceLock;

use leptos::prelude::*;

use super::{conductor::Conductor, engine_files::Missing, screen};
use crate::{
    domain::guide::Step,
    protocol::{
        messages::{Envelope, Event},
        wire::{self, Unreadable},
    },
};

/// What the second part can do.
#[derive(Clone, Copy)]
pub struct Later {
    /// Draws a step that comes after signing in.
    pub draw: fn(Conductor, &Step) -> AnyView,
    /// Reads what the engine says.
    pub read_event: fn(&[u8]) -> Result<Envelope<Event>, Unreadable>,
}

const PARTS: Later = Later { draw: screen::draw_later, read_event: wire::decode };

static LATER: OnceLock<Later> = OnceLock::new();

/// The second part, if it is here.
pub fn get() -> Option<&'static Later> {
    LATER.get()
}

/// Fetches the second part.
///
/// # Errors
/// [`Missing`] when it did not arrive, or is not the one this page was built with.
pub async fn fetch() -> Result<(), Missing> {
    let later = split::later().await?;
    LATER.get_or_init(|| later);
    Ok(())
}

#[cfg(feature = "split")]
mod split {
    use leptos::wasm_split::{self, SplitLoaderError};

    use super::{Later, Missing, PARTS};

    impl From<SplitLoaderError> for Missing {
        fn from(_: SplitLoaderError) -> Self {
            Self
        }
    }

    #[wasm_split::wasm_split(later, fallible, wasm_split_path = leptos::wasm_split)]
    pub fn later() -> Result<Later, Missing> {
        Ok(PARTS)
    }
}

#[cfg(not(feature = "split"))]
mod split {
    use super::{Later, Missing, PARTS};

    pub async fn later() -> Result<Later, Missing> {
        Ok(PARTS)
    }
}
