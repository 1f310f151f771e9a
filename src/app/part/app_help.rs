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
    guide::{Step, remedy::Remedy, step},
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
            vec![
                p(["Now ", facts.name, " gets the key to your backup."].concat()),
                p(facts.remedy),
                export(app),
            ]
        }
        Sends::ByItself | Sends::Untried => vec![
            p([
                "Now ",
                facts.name,
                " gets the key to your backup, and should send its keys there. Keep it open.",
            ]
            .concat()),
            p(["If none come within a minute: ", facts.remedy].concat()),
        ],
    }
}

/// Draws how to export keys from the app that was given the key, once that is what helps.
pub fn export_walk(conductor: Conductor) -> AnyView {
    let wanted = move || {
        conductor.ask(None, |step| {
            let Step::OldKeys(step::OldKeys { harvest, .. }) = step else { return None };
            let app = harvest.told.filter(|app| app.facts().exports);
            Some(app.filter(|_| Remedy::of(harvest) == Remedy::Export))
        })
    };
    let draw = move || untrack(wanted).map_or_else(|| all(Vec::new()), export);
    keyed(move || wanted().is_some().to_string(), draw)
}

fn export(app: App) -> AnyView {
    folded("How to export its keys", "export", &EXPORT, &[app])
}
