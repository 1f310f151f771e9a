//! Words on what one app of the person's needs, by its name.

use leptos::prelude::*;

use super::{
    app_steps::{folded, with_labels},
    element::{all, el, keyed, p},
};
use crate::{
    app::conductor::Conductor,
    domain::apps::walks::{EXPORT, WARNING},
    guide::{Step, remedy::Remedy, step},
    words,
};

/// Draws the warning of what deletes the backup, for wherever a person is sent into an app.
pub fn never() -> AnyView {
    el("p").child(with_labels(WARNING())).view()
}

/// Says that this page and the app can be on one phone.
pub fn on_one_phone() -> AnyView {
    p(words::app_help_all_on_one_phone_switch())
}

/// Draws how to export keys from the app that was given the key, or the only one, once that is what helps.
pub fn export_walk(conductor: Conductor) -> AnyView {
    let wanted = move || {
        conductor.ask(None, |step| {
            let Step::OldKeys(step::OldKeys { harvest, .. }) = step else { return None };
            let app = harvest
                .compared_with
                .or_else(|| harvest.visit.silent_app())
                .filter(|app| app.facts().exports);
            Some(app.filter(|_| Remedy::wanted(harvest) == Some(Remedy::Export)))
        })
    };
    let export = |app| folded(words::app_help_how_to_export_its_keys(), "export", &EXPORT, &[app]);
    let draw = move || untrack(wanted).map_or_else(|| all(Vec::new()), export);
    keyed(move || wanted().is_some().to_string(), draw)
}
