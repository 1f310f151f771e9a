//! The other ways in which keys can come, behind a line.

use leptos::prelude::*;

use super::{Stage, go};
use crate::{
    app::{
        conductor::Conductor,
        part::{
            app_help::never,
            app_steps::folded,
            button::{Look, actions, button},
            element::{all, el, say},
            keys_elsewhere::keys_elsewhere,
        },
    },
    domain::apps::{App, walks::ENTER_KEY},
    guide::{Input, Part},
};

/// Draws the other ways, and the way out.
pub(super) fn other_ways(conductor: Conductor, stage: Stage, imports: bool, apps: &[App]) -> AnyView {
    let plain = |text, part| go(conductor, Look::Plain, text, part);
    let finish = button(Look::Plain, "Sign out here and finish", conductor.on(|| Input::WantedSignOut));
    if stage == Stage::Alone {
        return actions(vec![finish]);
    }
    let mut buttons = Vec::new();
    if stage != Stage::Open {
        buttons.push(plain("Compare emoji with an app", Part::Verify));
    }
    if imports && stage != Stage::Import {
        buttons.push(plain("Import a file", Part::Import));
    }
    if stage == Stage::Open {
        buttons.push(plain("Go on without them", Part::Coverage));
    }
    buttons.push(finish);
    let enter = folded("Enter the recovery key in the app yourself", "element", &ENTER_KEY, apps);
    el("details")
        .class("fold")
        .child(say("summary", "", "Another way"))
        .child(actions(buttons))
        .child(enter)
        .child(never())
        .child(all(keys_elsewhere().into()))
        .view()
}
