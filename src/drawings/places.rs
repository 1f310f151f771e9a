//! The places in other apps that a person has to find, each marked in a drawing of that app's window.

use super::Drawing;
use crate::domain::apps::walks::Spot;

/// The outline of a window, and beside it the arrow's room.
macro_rules! window {
    ($rest:literal) => {
        concat!("M6 2h128a4 4 0 0 1 4 4v88a4 4 0 0 1-4 4H6a4 4 0 0 1-4-4V6a4 4 0 0 1 4-4z", $rest)
    };
}

/// The outline of a phone.
macro_rules! phone {
    ($rest:literal) => {
        concat!("M48 2h48a8 8 0 0 1 8 8v80a8 8 0 0 1-8 8H48a8 8 0 0 1-8-8V10a8 8 0 0 1 8-8zM66 8h12", $rest)
    };
}

/// The settings: a list of pages, of which one is marked, beside the page itself.
const SETTINGS: Drawing = Drawing {
    class: "sketch",
    view_box: "0 0 160 100",
    soft: "M32 43h38v14H32z",
    thin: window!(
        "M28 14h102v72H28zM74 14v72M35 24h22M35 34h28M35 68h20M35 77h26M82 26h24M82 36h40M82 64h40M82 74h30"
    ),
    accent: "M32 43h38v14H32zM38 50h24M158 50H78m7-7l-7 7 7 7",
    ..Drawing::WIDE
};

/// The same, behind the person's picture at the top left.
const NEW_SETTINGS: Drawing = Drawing {
    accent: "M32 43h38v14H32zM38 50h24M158 50H78m7-7l-7 7 7 7M9 15a6 6 0 1 0 12 0a6 6 0 1 0-12 0",
    dots: "M15 24v26h14",
    ..SETTINGS
};

/// The same, behind the person's picture at the bottom left.
const SETTINGS_BELOW: Drawing = Drawing {
    accent: "M32 43h38v14H32zM38 50h24M158 50H78m7-7l-7 7 7 7M9 85a6 6 0 1 0 12 0a6 6 0 1 0-12 0",
    dots: "M15 76V50h14",
    ..SETTINGS
};

/// A menu that hangs from the person's picture and name at the top left.
const OLD_MENU: Drawing = Drawing {
    soft: "M26 47h48v14H26z",
    thin: window!(
        "M22 24h56v56H22zM29 32h30M29 40h22M29 70h26M92 2v96M100 20h26M100 30h30M100 68h26M100 78h30"
    ),
    accent: "M26 47h48v14H26zM32 54h34M158 54H82m7-7l-7 7 7 7M9 13a6 6 0 1 0 12 0a6 6 0 1 0-12 0",
    ..SETTINGS
};

/// A box above a list of rooms, at the top left.
const NEW_BOX: Drawing = Drawing {
    soft: "M24 6h70v40H24z",
    thin: window!(
        "M20 2v96M7 13a4 4 0 1 0 8 0a4 4 0 1 0-8 0M62 50v48M26 58h28M26 68h22M26 78h26M26 88h18M70 64h44M70 73h56M70 88h60"
    ),
    accent: "M24 6h70v40H24zM31 15h42M31 23h54M42 31h19v9H42zM66 31h21v9H66zM158 35.5H98m7-7l-7 7 7 7",
    ..SETTINGS
};

/// The same above a list with sections.
const OLD_BOX: Drawing = Drawing {
    thin: window!(
        "M20 2v96M7 13a4 4 0 1 0 8 0a4 4 0 1 0-8 0M62 50v48M25 53l2 2 2-2M32 54h12M32 63h24M32 71h20M25 80l2 2 2-2M32 81h14M32 90h22M70 64h44M70 73h56M70 88h60"
    ),
    ..NEW_BOX
};

/// A bar across the list of rooms, under the person's name.
const BAR: Drawing = Drawing {
    soft: "M2 22h66v15H2z",
    thin: window!(
        "M68 2v96M8 12a5 5 0 1 0 10 0a5 5 0 1 0-10 0M24 12h26M10 50h40M10 62h32M10 74h44M10 86h30M78 64h40M78 74h50M78 88h52"
    ),
    accent: "M2 22h66v15H2zM9 29.5h44M158 29.5H74m7-7l-7 7 7 7",
    ..SETTINGS
};

/// A question over a window.
const QUESTION: Drawing = Drawing {
    soft: "M28 22h84v56H28z",
    thin: window!("M2 14h136M10 26h10M10 38h10M10 50h10M10 62h10M120 26h10M120 38h10M120 50h10"),
    accent: "M28 22h84v56H28zM38 34h42M38 44h62M50 60h40v11H50zM158 65.5H96m7-7l-7 7 7 7",
    ..SETTINGS
};

/// A list of settings that fills a phone.
const PHONE_SETTINGS: Drawing = Drawing {
    soft: "M45 50h54v14H45z",
    thin: phone!("M50 20h24M50 32h40M50 42h32M50 74h36M50 84h28"),
    accent: "M45 50h54v14H45zM51 57h34M158 57h-50m7-7l-7 7 7 7",
    ..SETTINGS
};

/// A question that fills a phone, with its buttons at the bottom.
const PHONE_QUESTION: Drawing = Drawing {
    soft: "M47 58h50v12H47zM47 75h50v12H47z",
    thin: phone!("M66 25a6 6 0 1 0 12 0a6 6 0 1 0-12 0M54 39h36M58 47h28"),
    accent: "M47 58h50v12H47zM47 75h50v12H47zM58 64h28M58 81h28M158 72.5h-50m7-7l-7 7 7 7",
    ..SETTINGS
};

/// A box over a window that shows a key, with the buttons that keep it.
const KEY: Drawing = Drawing {
    soft: "M30 34h80v16H30z",
    thin: window!("M24 14h92v74H24zM32 23h42M30 34h80v16H30z"),
    accent: "M36 42h8M48 42h8M60 42h8M72 42h8M84 42h8M96 42h8M32 62h32v13H32zM76 62h32v13H76zM158 68.5H114m7-7l-7 7 7 7",
    ..SETTINGS
};

/// The same, filling a phone.
const PHONE_KEY: Drawing = Drawing {
    soft: "M46 36h52v20H46z",
    thin: phone!("M50 22h32M50 28h24M46 36h52v20H46z"),
    accent: "M51 42h7M62 42h7M73 42h7M84 42h7M51 50h7M62 50h7M73 50h7M47 66h50v12H47zM158 72h-56m7-7l-7 7 7 7",
    ..SETTINGS
};

/// A box over a window with a field for a key.
const ENTRY: Drawing = Drawing {
    soft: "M32 38h76v14H32z",
    thin: window!("M24 16h92v70H24zM32 26h42M76 64h32v13H76z"),
    accent: "M32 38h76v14H32zM39 41v8M158 45H114m7-7l-7 7 7 7",
    ..SETTINGS
};

/// The same, filling a phone.
const PHONE_ENTRY: Drawing = Drawing {
    soft: "M46 40h52v14H46z",
    thin: phone!("M50 24h32M50 30h24M47 72h50v12H47z"),
    accent: "M46 40h52v14H46zM52 43v8M158 47h-54m7-7l-7 7 7 7",
    ..SETTINGS
};

/// Returns the drawing of an app's window with this place marked.
pub fn drawing(of: Spot) -> &'static Drawing {
    match of {
        Spot::NewBox => &NEW_BOX,
        Spot::OldBox => &OLD_BOX,
        Spot::NewSettings => &NEW_SETTINGS,
        Spot::OldMenu => &OLD_MENU,
        Spot::SettingsBelow => &SETTINGS_BELOW,
        Spot::Settings => &SETTINGS,
        Spot::Bar => &BAR,
        Spot::Question => &QUESTION,
        Spot::PhoneSettings => &PHONE_SETTINGS,
        Spot::PhoneQuestion => &PHONE_QUESTION,
        Spot::Key => &KEY,
        Spot::PhoneKey => &PHONE_KEY,
        Spot::Entry => &ENTRY,
        Spot::PhoneEntry => &PHONE_ENTRY,
    }
}
