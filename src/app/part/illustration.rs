//! Thin line drawings, made for this page. Screen readers skip them: the text says the same.

use leptos::prelude::*;

/// A drawing: four kinds of line, each as the data of one path.
pub struct Drawing {
    class: &'static str,
    view_box: &'static str,
    /// Tinted areas.
    soft: &'static str,
    /// Lines in the text's colour.
    thin: &'static str,
    /// Lines in the accent colour: what the drawing is about.
    accent: &'static str,
    /// Dotted lines: ways and writing.
    dots: &'static str,
}

impl Drawing {
    const WIDE: Self =
        Self { class: "drawing", view_box: "0 0 240 120", soft: "", thin: "", accent: "", dots: "" };
    const SKETCH: Self = Self {
        class: "sketch",
        view_box: "0 0 96 64",
        thin: "M8 4h80a4 4 0 0 1 4 4v48a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4V8a4 4 0 0 1 4-4z",
        ..Self::WIDE
    };
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

/// A phone that hands its keys to a laptop.
pub const PHONE_AND_LAPTOP: Drawing = Drawing {
    soft: "M132 36h76v50h-76z",
    thin: "M32 24h28a8 8 0 0 1 8 8v64a8 8 0 0 1-8 8H32a8 8 0 0 1-8-8V32a8 8 0 0 1 8-8zM40 32h12M42 96h8M132 36h76v50h-76zM120 96h100l-8-10h-84zM34 46h24v14h-14l-6 5v-5h-4z",
    accent: "M112 55l8 7-8 7M153 61a7 7 0 1 0 14 0a7 7 0 1 0-14 0M167 61h18M180 61v6",
    dots: "M76 62h44",
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

/// An app's window with its menu open in the corner.
pub const APP_MENU: Drawing = Drawing {
    soft: "M12 22h40v26H12z",
    accent: "M28 4v56M11 14a5 5 0 1 0 10 0a5 5 0 1 0-10 0M12 22h40v26H12zM18 29h24M18 35h28M18 41h20",
    ..Drawing::SKETCH
};

/// An app's window with a small box in its corner that asks for something.
pub const APP_TOAST: Drawing = Drawing {
    soft: "M9 10h42v28H9z",
    accent: "M28 38v22M9 10h42v28H9zM15 18h24M15 24h16M33 29h13v5H33z",
    ..Drawing::SKETCH
};

/// An app's window with a question and a button.
pub const APP_QUESTION: Drawing = Drawing {
    soft: "M20 13h56v38H20z",
    accent: "M20 13h56v38H20zM27 21h30M27 27h40M46 39h24v7H46z",
    ..Drawing::SKETCH
};

/// An app's window with a field for the key.
pub const APP_FIELD: Drawing = Drawing {
    soft: "M20 13h56v38H20z",
    accent: "M20 13h56v38H20zM27 26h42v10H27zM31.5 31a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0M36.5 31h6.5v3M27 21h20M52 42h17v5H52z",
    ..Drawing::SKETCH
};

/// Makes a view of a drawing.
pub fn picture(of: &'static Drawing) -> AnyView {
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
