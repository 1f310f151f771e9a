//! Thin line drawings, made for this page.

use leptos::prelude::*;

/// A drawing: four kinds of line, each as the data of one path.
pub struct Drawing {
    /// The class by which the style tells its size.
    pub class: &'static str,
    /// Its coordinates: left, top, width and height.
    pub view_box: &'static str,
    /// Tinted areas.
    pub soft: &'static str,
    /// Lines in the text's colour.
    pub thin: &'static str,
    /// Lines in the accent colour: what the drawing is about.
    pub accent: &'static str,
    /// Dotted lines: ways and writing.
    pub dots: &'static str,
}

impl Drawing {
    /// A drawing without any line yet.
    pub const WIDE: Self =
        Self { class: "drawing", view_box: "0 0 240 120", soft: "", thin: "", accent: "", dots: "" };
    const SIGN: Self = Self { class: "sign", view_box: "0 0 24 24", ..Self::WIDE };
}

/// A key beside a closed box.
pub const KEY_AND_BOX: Drawing = Drawing {
    soft: "M132 58h76v46h-76z",
    thin: "M132 58h76v46h-76zM132 58l14-20h48l14 20M170 38v20M162 72h16v14h-16zM166 72v-4a4 4 0 0 1 8 0v4",
    accent: "M28 64a18 18 0 1 0 36 0a18 18 0 1 0-36 0M40 64a6 6 0 1 0 12 0a6 6 0 1 0-12 0M64 64h50M98 64v12M108 64v9",
    dots: "M20 104h92",
    ..Drawing::WIDE
};

/// A sheet of paper with a key on it, on its way to a safe place.
pub const PAPER_AND_SAFE: Drawing = Drawing {
    soft: "M30 18h44l16 16v70h-60z",
    thin: "M30 18h44l16 16v70h-60zM74 18v16h16M146 26h66a4 4 0 0 1 4 4v66a4 4 0 0 1-4 4h-66a4 4 0 0 1-4-4V30a4 4 0 0 1 4-4zM161 63a18 18 0 1 0 36 0a18 18 0 1 0-36 0M179 45v8M179 73v8M161 63h8M189 63h8M152 100v6M206 100v6",
    accent: "M40 56a6 6 0 1 0 12 0a6 6 0 1 0-12 0M52 56h22M68 56v6M121 57l8 7-8 7",
    dots: "M40 74h40M40 84h40M40 94h24M100 64h28",
    ..Drawing::WIDE
};

/// Words that a person keeps in mind and that open a lock.
pub const WORDS_AND_LOCK: Drawing = Drawing {
    soft: "M24 26h92a8 8 0 0 1 8 8v40a8 8 0 0 1-8 8H60l-16 14V82H24a8 8 0 0 1-8-8V34a8 8 0 0 1 8-8z",
    thin: "M24 26h92a8 8 0 0 1 8 8v40a8 8 0 0 1-8 8H60l-16 14V82H24a8 8 0 0 1-8-8V34a8 8 0 0 1 8-8zM178 54h38a4 4 0 0 1 4 4v32a4 4 0 0 1-4 4h-38a4 4 0 0 1-4-4V58a4 4 0 0 1 4-4zM184 54V42a13 13 0 0 1 26 0v12M197 70v9",
    accent: "M30 46h28M66 46h16M90 46h20M30 62h16M54 62h30M92 62h18M153 49l8 7-8 7",
    dots: "M134 56h26",
    ..Drawing::WIDE
};

/// A key, beside the page's name.
pub const KEY: Drawing =
    Drawing { thin: "M3 12a4 4 0 1 0 8 0a4 4 0 1 0-8 0M11 12h10M18 12v3M21 12v3", ..Drawing::SIGN };

/// A closed padlock.
pub const PADLOCK: Drawing =
    Drawing { thin: "M5 11h14v9H5zM8 11V7a4 4 0 0 1 8 0v4M12 14v3", ..Drawing::SIGN };

/// A tick.
pub const TICK: Drawing =
    Drawing { thin: "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M7.5 12.5l3 3 6-7", ..Drawing::SIGN };

/// An empty circle, to be ticked.
pub const OPEN: Drawing = Drawing { thin: "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0", ..Drawing::SIGN };

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
