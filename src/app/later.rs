//! The second part of the page's program: all that is needed only after "Start".
//!
//! `tools/split.mjs` takes the release apart behind [`fetch`]. Code that only [`Later`] leads to becomes a file of its
//! own, which is fetched behind the first screen (`entrance.rs`). Without it no step leads further than that.

use leptos::prelude::*;

use super::{
    conductor::{Conductor, Handle, Performer},
    effects,
    part::{about, footer},
    screen,
};
use crate::guide::{Guide, Step};

/// The functions of the second part.
#[derive(Clone, Copy)]
pub struct Later {
    /// Draws any step.
    pub draw: fn(Conductor, &Step) -> AnyView,
    /// Draws what stands folded below the first screen.
    pub folds: fn(Conductor) -> AnyView,
    /// Draws what else is in the footer; the memo has the hosts that the browser is locked to.
    pub about: fn(Conductor, Memo<String>) -> AnyView,
    /// Hands an input to all of the guide.
    pub handle: Handle,
    /// Begins to watch the browser, and to listen to the engine.
    pub begin: fn(Conductor),
    /// Draws the page in the host's language, if the person's browser asked for none that the page has.
    pub prefer: fn(Conductor),
    /// Tells whether there is a step to go back to.
    pub can_go_back: fn(&Guide) -> bool,
    /// Names the hosts that the browser is locked to.
    pub locked_to: fn(&Guide) -> Option<String>,
    /// Carries out what the guide asks.
    pub performer: &'static dyn Performer,
}

const LATER: Later = Later {
    draw: screen::draw,
    folds: screen::intro::folds::folds,
    about: about::about,
    handle: Guide::handle,
    begin: effects::begin,
    prefer: effects::prefer,
    can_go_back: Guide::can_go_back,
    locked_to: footer::everyone,
    performer: &effects::Live,
};

pub use part::{fetch, get, take};

#[cfg(feature = "split")]
mod part {
    use std::sync::OnceLock;

    use leptos::wasm_split::{SplitLoaderError, wasm_split};

    use super::{LATER, Later};
    use crate::app::worker_files::Missing;

    static HERE: OnceLock<Later> = OnceLock::new();

    /// Returns the second part, if it was taken.
    pub fn get() -> Option<&'static Later> {
        HERE.get()
    }

    /// Takes the second part, once all is here that it needs.
    pub fn take(later: Later) -> &'static Later {
        HERE.get_or_init(|| later)
    }

    /// Fetches the second part.
    ///
    /// # Errors
    /// [`Missing`] when it did not arrive, or is not the one this page was built with.
    pub async fn fetch() -> Result<Later, Missing> {
        later().await
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

    /// Has it already.
    pub fn take(_: Later) -> &'static Later {
        const { &LATER }
    }

    /// Has nothing to fetch.
    ///
    /// # Errors
    /// None.
    pub async fn fetch() -> Result<Later, Missing> {
        const { Ok(LATER) }
    }
}
