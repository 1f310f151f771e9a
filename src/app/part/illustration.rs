//! Draws the drawings of [`crate::drawings`].

use leptos::prelude::*;

use crate::drawings::Drawing;
pub use crate::drawings::{KEY, KEY_AND_BOX, OPEN, PADLOCK, PAPER_AND_SAFE, TICK, WORDS_AND_LOCK};

/// Makes a view of a drawing, which screen readers skip: the text beside it says the same.
pub fn picture(of: &Drawing) -> AnyView {
    let Drawing { class, view_box, soft, thin, accent, dots } = *of;
    view! {
        <svg class=class viewBox=view_box aria-hidden="true" focusable="false">
            <path class="soft" d=soft />
            <path class="thin" d=thin />
            <path class="accent" d=accent />
            <path class="accent dots" d=dots />
        </svg>
    }
    .into_any()
}
