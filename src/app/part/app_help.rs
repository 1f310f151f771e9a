//! Words on what one app of the person's needs, by its name.

use leptos::prelude::*;

use super::{
    app_steps::{folded, with_labels},
    element::{all, el, keyed, p},
};
use crate::{
    app::conductor::Conductor,
    domain::apps::{
        App, Sends,
        walks::{EXPORT, WARNING},
    },
    guide::Step,
};

/// Draws the warning of what deletes the backup, for wherever a person is sent into an app.
pub fn never() -> AnyView {
    el("p").child(with_labels(WARNING)).view()
}

/// Says what follows when an app was just compared with and gets the key to the backup.
pub fn given(app: App) -> Vec<AnyView> {
    let facts = app.facts();
    match facts.sends {
        Sends::Never => {
            vec![p("It gets the key to your backup by itself."), p(facts.remedy), export(app)]
        }
        Sends::ByItself | Sends::Untried => vec![
            p("It gets the key to your backup by itself and should send its keys there. Keep the app open."),
            p(["If none come within a minute: ", facts.remedy].concat()),
        ],
    }
}

/// Draws what the app that was given the key needs, once no key has come for as long as that app gets.
pub fn nothing_came(conductor: Conductor) -> AnyView {
    let remedy = move || {
        conductor.ask(None, |step| {
            let Step::OldKeys { harvest, .. } = step else { return None };
            Some(harvest.remedy())
        })
    };
    let key = move || remedy().map_or_else(String::new, |(_, text)| text.to_owned());
    let draw = move || match untrack(remedy) {
        Some((app, text)) => el("div")
            .class("panel")
            .child(p(text))
            .all(app.facts().exports.then(|| export(app)).into_iter().collect())
            .view(),
        None => all(Vec::new()),
    };
    el("div").attr("role", "status").child(keyed(key, draw)).view()
}

fn export(app: App) -> AnyView {
    folded("How to export its keys", "export", &EXPORT, &[app])
}
