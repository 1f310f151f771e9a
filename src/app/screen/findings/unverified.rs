//! The person's apps that are not verified, each with what verifies it.

use leptos::prelude::*;

use super::device_name;
use crate::{
    app::part::{
        app_help::never,
        app_steps::with_labels,
        element::{el, h2, p, say},
    },
    domain::{
        account::{Account, Device},
        apps::{self, App},
    },
    words,
};

/// The most apps that are listed; people have a handful.
const MOST: usize = 20;

/// Draws the list, if there is anything to list. Verifying takes a key that is `proved` to open everything.
pub(super) fn unverified(account: &Account, proved: bool) -> Vec<AnyView> {
    let devices = apps::unverified(account);
    if devices.is_empty() {
        return Vec::new();
    }
    let item = |device: &&Device| {
        let app = App::of(device.name.as_deref());
        let (name, how) = (say("bdi", "host", device_name(device)), with_labels(app.facts().verify));
        el("li").sentence(words::findings_unverified_app(), vec![("app", name), ("how", how)]).view()
    };
    let mut views = vec![
        h2(words::findings_unverified_not_verified_yet()),
        p(words::findings_unverified_since_april_2026_most_apps()),
    ];
    if !proved {
        views.push(p(words::findings_unverified_go_on_here_first_once()));
    }
    views.push(el("ul").all(devices.iter().take(MOST).map(item).collect()).view());
    let more = devices.len().saturating_sub(MOST);
    if more > 0 {
        views.push(p(words::findings_unverified_more(more as u64)));
    }
    views.push(el("p").child(with_labels(words::findings_unverified_is_there_one_that_you())).view());
    views.push(never());
    views
}
