//! Links that lead away: into another tab, which gets neither an opener nor a referrer, if they leave this site.

use leptos::prelude::*;

use super::{
    button::Look,
    element::{all, at_times, el, say, sentence},
};
use crate::{
    app::{conductor::Conductor, language},
    domain::{config::Link, contact::Contact, web_address::WebAddress},
    words::{self, Part},
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

/// Draws the link to the page on how to set up backup inside other apps (`src/pages`). The person is not signed in yet, and
/// comes back by a link there.
pub fn in_app() -> AnyView {
    let address = ["./in-app-", &language::tag(), ".html"].concat();
    el("a").attr("href", address).text(words::link_do_it_in_your_app()).view()
}

/// Draws a link to a server's page that looks like a button. Its text has the element `host`. No browser blocks the tab
/// that it opens. A click calls `opened`.
pub fn link_button(look: Look, text: Vec<Part>, address: &WebAddress, opened: Callback<()>) -> AnyView {
    el("a")
        .class(if look == Look::Primary { "button primary" } else { "button" })
        .attr("href", address.as_str())
        .attr("target", "_blank")
        .attr("rel", "noopener noreferrer")
        .on("click", move |_| opened.run(()))
        .sentence(text, vec![("host", say("bdi", "", address.host()))])
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
        let contacts = conductor.peek(|guide| guide.contacts());
        let both = |one, other| all(sentence(words::link_contacts(), vec![("one", one), ("other", other)]));
        let contacts = contacts.iter().map(one_to_ask).reduce(both);
        let line = el("p").class("whom-to-ask");
        let contacts = contacts.map(|contacts| ("contacts", contacts)).into_iter().collect();
        line.sentence(words::link_you_can_ask(), contacts).view()
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
            Some(address) => {
                let link = link(address.host(), address.as_str());
                el("p").sentence(words::link_your_app(), vec![("link", link)]).view()
            }
            None => all(Vec::new()),
        })
    })
}
