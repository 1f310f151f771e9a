//! Thin line drawings, made for this page, as data: the page and the pages beside it draw them.

pub mod comparing;
pub mod places;

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

/// A window with a name and a password in it.
pub const SIGNING_IN: Drawing = Drawing {
    soft: "M52 40h136v16H52zM52 64h136v16H52z",
    thin: "M36 8h168a6 6 0 0 1 6 6v92a6 6 0 0 1-6 6H36a6 6 0 0 1-6-6V14a6 6 0 0 1 6-6zM30 24h180M37 16h2M44 16h2M54 16h150M52 40h136v16H52zM52 64h136v16H52z",
    accent: "M60 48h28M92 48h20M60 72h1M66 72h1M72 72h1M78 72h1M84 72h1M90 72h1M96 72h1M150 88h38v15h-38zM163 95.5h12m-4-4l4 4-4 4",
    ..Drawing::WIDE
};

/// A closed box with a lock, and a tick over it.
pub const CLOSED: Drawing = Drawing {
    soft: "M76 46h88v58H76z",
    thin: "M76 46h88v58H76zM76 46l14-20h60l14 20M112 66h16v14h-16zM116 66v-4a4 4 0 0 1 8 0v4M52 104h136",
    accent: "M168 30a15 15 0 1 0 30 0a15 15 0 1 0-30 0M175 30.5l5.5 5.5 10.5-11",
    dots: "M20 104h24M196 104h24",
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
