//! The second part of the page's program: all that is needed only after signing in.
//!
//! `tools/split.mjs` takes the release apart behind [`fetch`]. Code that only [`Later`] leads to becomes a
//! file of its own, which is fetched with the engine. The engine is started only when both are here, and
//! without it no step leads further than signing in.

use leptos::prelude::*;

use super::{
    conductor::{Conductor, Handle},
    estimate, screen,
};
use crate::{
    domain::secret::Secret,
    guide::{Guide, Step},
    protocol::{
        messages::{Envelope, Event},
        wire::{self, Unreadable},
    },
};

/// The functions of the second part.
#[derive(Clone, Copy)]
pub struct Later {
    /// Draws a step that comes after signing in.
    pub draw: fn(Conductor, &Step) -> AnyView,
    /// Hands an input to all of the guide, not only to its entrance.
    pub handle: Handle,
    /// Estimates how many guesses a phrase withstands.
    pub estimate: fn(Secret, String, estimate::Done),
    /// Decodes a message of the engine's.
    pub read_event: fn(&[u8]) -> Result<Envelope<Event>, Unreadable>,
}

const LATER: Later = Later {
    draw: screen::draw_later,
    handle: Guide::handle,
    estimate: estimate::of,
    read_event: wire::decode,
};

pub use part::{fetch, get};

#[cfg(feature = "split")]
mod part {
    use std::sync::OnceLock;

    use leptos::wasm_split::{SplitLoaderError, wasm_split};

    use super::{LATER, Later};
    use crate::app::worker_files::Missing;

    static HERE: OnceLock<Later> = OnceLock::new();

    /// Returns the second part, if it is here.
    pub fn get() -> Option<&'static Later> {
        HERE.get()
    }

    /// Fetches the second part.
    ///
    /// # Errors
    /// [`Missing`] when it did not arrive, or is not the one this page was built with.
    pub async fn fetch() -> Result<(), Missing> {
        let later = later().await?;
        HERE.get_or_init(|| later);
        Ok(())
    }

    #[wasm_split(later, fallible, wasm_split_path = leptos::wasm_split)]
    fn later() -> Result<Later, Missing> {
        Ok(LATER)
    }

    impl From<SplitLoaderError> for Missing {
        fn from(_: SplitLoaderError) -> Self {
            Self
        }
    }
}

/// Stands in where the program is in one piece, as in the gallery.
#[cfg(not(feature = "split"))]
mod part {
    use super::{LATER, Later};
    use crate::app::worker_files::Missing;

    /// Returns the second part, which is always here.
    pub fn get() -> Option<&'static Later> {
        const { Some(&LATER) }
    }

    /// Has nothing to fetch.
    ///
    /// # Errors
    /// None.
    pub async fn fetch() -> Result<(), Missing> {
        Ok(())
    }
}
