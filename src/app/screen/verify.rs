//! What an open, verified app has to do, since this page cannot yet.

use leptos::prelude::*;

use super::findings::device_name;
use crate::{
    app::{
        conductor::Conductor,
        element_labels::{CHANGE_KEY, SET_UP},
        part::{
            button::{Look, actions, button},
            element::{all, el, p, say},
            element_steps::element_steps,
            heading::heading,
        },
    },
    domain::{account::SecretStorage, guide::Input, guide::Visit},
};

/// Says so, and how to do it there.
pub fn screen(conductor: Conductor, visit: &Visit) -> AnyView {
    let present = matches!(visit.account.secret_storage, SecretStorage::Present { .. });
    let mut views = vec![
        heading("Do this in your open app"),
        say("p", "lead", "This page cannot do that step yet. Confirming by emoji comes next."),
        p("One of these apps is confirmed as yours. It can do it safely:"),
    ];
    let verified = visit.account.devices.iter().filter(|device| device.verified);
    let names =
        verified.map(|device| el("li").child(say("bdi", "host", device_name(device))).view()).collect();
    views.push(el("ul").class("plain").all(names).view());
    views.extend(element_steps(if present { &CHANGE_KEY } else { &SET_UP }));
    views.extend([
        el("p")
            .class("warning")
            .child(say("strong", "", "Do not sign out of that app."))
            .text(" Never choose “Reset”, “Forgot recovery key?” or the “Key storage” switch: these delete the backup.")
            .view(),
        p("Then come back here with the new key. We check that it opens everything."),
        actions(vec![button(Look::Primary, "Sign out", conductor.on(|| Input::WantedSignOut))]),
    ]);
    all(views)
}
