//! The person's apps that are not verified, each with what verifies it.

use leptos::prelude::*;

use super::device_name;
use crate::{
    app::part::{
        app_help::never,
        app_steps::with_labels,
        element::{el, h2, p, say},
        number::thousands,
    },
    domain::{
        account::{Account, Device},
        apps::{self, App},
    },
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
        el("li")
            .child(say("bdi", "host", device_name(device)))
            .text(": ")
            .child(with_labels(app.facts().verify))
            .view()
    };
    let mut views = vec![
        h2("Not verified yet"),
        p("Since April 2026, most apps exchange no encrypted messages with apps that are not verified."),
    ];
    if !proved {
        views.push(p(
            "Go on here first. Once your recovery key opens everything, verify each of these with it:",
        ));
    }
    views.push(el("ul").all(devices.iter().take(MOST).map(item).collect()).view());
    let more = devices.len().saturating_sub(MOST);
    if more > 0 {
        views.push(p(["And ", &*thousands(more as u64), " more."].concat()));
    }
    views.push(
        el("p")
            .child(with_labels(
                "Is there one that you no longer use? It may hold keys that no other app has. Choose “Remove this device” for it, in older apps “Sign out”, only after this page has said “You're safe”.",
            ))
            .view(),
    );
    views.push(never());
    views
}
