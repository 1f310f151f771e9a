//! Seven emoji on two devices, and the way that the key goes when they are the same.

use super::Drawing;

/// The whole, with the way from the app to the page.
pub const COMPARING: Drawing = Drawing {
    class: "comparing drawing",
    view_box: "0 0 240 112",
    soft: SCREENS,
    thin: DEVICES,
    accent: IN_THE_APP,
    dots: "M108 36h16M108 44h16M92 82h48m-8-8l8 8-8 8",
};

/// A phone with the app, a browser's window with this page, the same seven emoji on both, and a key in the app's
/// and in the page's place.
macro_rules! devices {
    () => {
        concat!(
            "M16 2h60a8 8 0 0 1 8 8v92a8 8 0 0 1-8 8H16a8 8 0 0 1-8-8V10a8 8 0 0 1 8-8zM8 20h76M38 8h16v6h-9l-3 3v-3h-4z",
            "M154 6h72a6 6 0 0 1 6 6v88a6 6 0 0 1-6 6h-72a6 6 0 0 1-6-6V12a6 6 0 0 1 6-6zM148 20h84M155 13h2M161 13h2M170 13h54",
            "M16 28", seven_emoji!(), "M160 28", seven_emoji!()
        )
    };
}

/// Smiley, heart, tree, umbrella; moon, flag, clock: each 13 wide, from its corner and back to it.
macro_rules! seven_emoji {
    () => {
        concat!(
            "m0 6.5a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0m3.5 1.5a3.5 3.5 0 0 0 6 0m-5-4v1m4-1v1m-8.5-5",
            "m22.5 12.5c-8-5-6.5-10.5-3-10.5 2 0 3 1.5 3 2.5 0-1 1-2.5 3-2.5 3.5 0 5 5.5-3 10.5zm-22.5-12.5",
            "m38.5 0l5 7h-2.5l3.5 4h-12l3.5-4h-2.5zm0 11v2.5m-38.5-13.5",
            "m48 7a6.5 6.5 0 0 1 13 0zm6.5 0v4a2 2 0 0 0 4 0m-58.5-11",
            "m13 18a6.5 6.5 0 1 0 5.5 9.5a5.5 5.5 0 0 1-5.5-9.5m-13-18",
            "m25 31v-13h9.5l-2.5 3.5 2.5 3.5h-9.5m-25-25",
            "m41 24.5a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0m6.5-4v4h3"
        )
    };
}

/// A key in the app's place.
pub const IN_THE_APP: &str = "M28 82a6 6 0 1 0 12 0a6 6 0 1 0-12 0M40 82h24M58 82v6M64 82v5";
/// A key in the page's place.
pub const IN_THE_PAGE: &str = "M172 82a6 6 0 1 0 12 0a6 6 0 1 0-12 0M184 82h24M202 82v6M208 82v5";

/// Both devices with the emoji.
pub const DEVICES: &str = devices!();
/// The areas of both screens.
pub const SCREENS: &str =
    "M8 20h76v82a8 8 0 0 1-8 8H16a8 8 0 0 1-8-8zM148 20h84v80a6 6 0 0 1-6 6h-72a6 6 0 0 1-6-6z";
