//! Links that lead away: always into another tab, which gets neither an opener nor a referrer.

use leptos::prelude::*;

use super::{
    button::Look,
    element::{all, at_times, el, say},
};
use crate::{
    app::conductor::Conductor,
    domain::{config::Link, contact::Contact, web_address::WebAddress},
};

/// Draws a link to a page elsewhere.
pub fn link(text: &str, address: &str) -> AnyView {
    el("a")
        .attr("href", address)
        .attr("target", "_blank")
        .attr("rel", "noopener noreferrer")
        .child(say("bdi", "", text))
        .view()
}

/// Draws a link to a server's page that looks like a button. No browser blocks the tab that it opens. A click calls
/// `opened`.
pub fn link_button(look: Look, text: &'static str, address: &WebAddress, opened: Callback<()>) -> AnyView {
    el("a")
        .class(if look == Look::Primary { "button primary" } else { "button" })
        .attr("href", address.as_str())
        .attr("target", "_blank")
        .attr("rel", "noopener noreferrer")
        .on("click", move |_| opened.run(()))
        .text(text)
        .child(say("bdi", "", address.host()))
        .view()
}

/// Draws the links to the host's own pages.
pub fn links(links: &[Link]) -> AnyView {
    let item = |it: &Link| el("li").child(link(&it.text, it.address.as_str())).view();
    el("ul").class("links").all(links.iter().map(item).collect()).view()
}

/// Names the contacts for help, if any are known.
pub fn whom_to_ask(conductor: Conductor) -> AnyView {
    let any = move || conductor.read(|guide| !guide.contacts().is_empty());
    at_times(any, move || {
        let line = el("p").class("whom-to-ask").text("You can ask: ");
        let contacts = conductor.peek(|guide| guide.contacts());
        let line = contacts.iter().enumerate().fold(line, |line, (number, contact)| {
            if number > 0 { line.text(", ") } else { line }.child(one_to_ask(contact))
        });
        line.view()
    })
}

fn one_to_ask(contact: &Contact) -> AnyView {
    match &contact.link {
        Some(address) => link(&contact.text, address),
        None => say("bdi", "", &*contact.text),
    }
}

/// Draws a link to the app in the browser, if the host has set its address.
pub fn open_app(conductor: Conductor) -> AnyView {
    let known = move || conductor.read(|guide| guide.config().element.is_some());
    at_times(known, move || {
        conductor.peek(|guide| match &guide.config().element {
            Some(address) => el("p")
                .text("Your app in the browser: ")
                .child(link(address.host(), address.as_str()))
                .text(". It opens in another tab.")
                .view(),
            None => all(Vec::new()),
        })
    })
}
