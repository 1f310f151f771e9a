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
            element::{all, at_times, el, say},
            keys_elsewhere::keys_elsewhere,
        },
    },
    domain::apps::{App, walks::ENTER_KEY},
    guide::{Input, Part},
    words,
};

/// Draws the other ways, and the way out.
pub(super) fn other_ways(conductor: Conductor, stage: Stage, imports: bool, apps: &[App]) -> AnyView {
    let plain = |text, part| go(conductor, Look::Plain, text, part);
    // The line below each screen offers it while nothing was changed (`reassurance.rs`).
    let has_changed = move || conductor.read(|guide| !guide.has_changed_nothing());
    let leave = at_times(has_changed, move || {
        button(Look::Plain, words::signing_out_sign_out_here(), conductor.on(|| Input::WantedSignOut))
    });
    if stage == Stage::Alone {
        return actions(vec![leave]);
    }
    let mut buttons = Vec::new();
    if stage != Stage::Open {
        buttons.push(plain(words::old_keys_other_ways_compare_emoji_with_an_app(), Part::Verify));
    }
    if imports && stage != Stage::Import {
        buttons.push(plain(words::old_keys_other_ways_import_a_file(), Part::Import));
    }
    if stage == Stage::Open {
        buttons.push(plain(words::old_keys_other_ways_go_on_without_them(), Part::Coverage));
    }
    buttons.push(leave);
    let enter = folded(words::old_keys_other_ways_enter_the_recovery_key_in(), "element", &ENTER_KEY, apps);
    el("details")
        .class("fold")
        .child(say("summary", "", words::old_keys_other_ways_another_way()))
        .child(actions(buttons))
        .child(enter)
        .child(never())
        .child(all(keys_elsewhere().into()))
        .view()
}
