//! Seven emoji on two devices, and the way that the key goes when they are the same.

use leptos::prelude::*;

use crate::{
    drawings::comparing::{DEVICES, IN_THE_APP, IN_THE_PAGE, SCREENS},
    words,
};

/// Draws the comparison with an app that receives the key from this page, or, where the page `receives`, gives its keys.
pub fn comparing(receives: bool) -> AnyView {
    let (has, gets, way, says) = if receives {
        (
            IN_THE_APP,
            IN_THE_PAGE,
            "M108 36h16M108 44h16M92 82h48m-8-8l8 8-8 8",
            words::comparing_your_app_and_this_page(),
        )
    } else {
        (
            IN_THE_PAGE,
            IN_THE_APP,
            "M108 36h16M108 44h16M140 82H92m8-8l-8 8 8 8",
            words::comparing_your_app_and_this_page_show_the(),
        )
    };
    let (your_app, this_page) = (words::comparing_your_app(), words::comparing_this_page());
    view! {
        <svg class="drawing comparing" viewBox="0 0 240 130" role="img" aria-label=says>
            <path class="soft" d=SCREENS />
            <path d=DEVICES />
            <path class="accent" d=[has, way].concat() />
            <path class="accent dots" d=gets />
            <text x="46" y="126">{your_app}</text>
            <text x="190" y="126">{this_page}</text>
        </svg>
    }
    .into_any()
}
