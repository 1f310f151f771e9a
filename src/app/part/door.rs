//! A door: a way to sign in that leads over a page of the server's, in a window of its own.

use leptos::prelude::*;

use super::{
    attempt::{is_asking, is_ready},
    button::{Look, actions, button},
    element::{Element, all, el, keyed, p, say},
    focus::focus_soon,
    link::link_button,
};
use crate::{
    app::conductor::Conductor,
    domain::{
        session_limit::warning,
        sign_in::{Door, Way},
        web_address::WebAddress,
    },
    guide::{Attempt, Input},
    words::{self, Part},
};

/// Id of the heading that says to go on in the other window.
const HEADING: &str = "other-window";

/// Draws the buttons that open the window. Once one was pressed, what to do in the window takes their place.
pub fn door(conductor: Conductor, way: &Way, look: Look, wait: RwSignal<u32>) -> AnyView {
    let doors = StoredValue::new(doors_of(way));
    let is_oauth = matches!(way, Way::OAuth(_));
    let warning = warning(way);
    let is_here = move || {
        conductor.ask(false, |step| match step.attempt()? {
            Attempt::Window { door, .. } => {
                Some(doors.with_value(|doors| doors.iter().any(|mine| mine.door == **door)))
            }
            Attempt::None | Attempt::Asking { .. } => None,
        })
    };
    let key = move || if is_here() { "open" } else { "" }.to_owned();
    let draw = move || {
        if is_here() {
            return opened(conductor, is_oauth);
        }
        let buttons = doors.with_value(|doors| {
            // No provider is recommended over the others.
            let look = if doors.len() > 1 { Look::Plain } else { look };
            doors.iter().map(|door| knock(conductor, door, look, wait)).collect()
        });
        let what = if is_oauth {
            words::door_your_servers_sign_in_page()
        } else {
            words::door_your_server_sends_you_on()
        };
        let mut views = vec![p(what)];
        views.extend(warning.map(p));
        views.push(actions(buttons));
        all(views)
    };
    keyed(key, draw)
}

/// A door with the text of its button, and the name for the text that the server gave.
struct Labelled {
    door: Door,
    text: Vec<Part>,
    name: String,
}

/// Returns each door of a way.
fn doors_of(way: &Way) -> Vec<Labelled> {
    let sso = |provider| Door::SingleSignOn { provider };
    match way {
        Way::OAuth(server) => {
            let name = server.authorization_endpoint.host().to_owned();
            vec![Labelled { door: Door::OAuth(server.clone()), text: words::door_continue_at(), name }]
        }
        Way::SingleSignOn(providers) if providers.is_empty() => {
            let text = vec![Part::Text(words::door_continue_with_single_sign_on().to_owned())];
            vec![Labelled { door: sso(None), text, name: String::new() }]
        }
        Way::SingleSignOn(providers) => providers
            .iter()
            .map(|provider| Labelled {
                door: sso(Some(provider.id.clone())),
                text: words::door_continue_with(),
                name: provider.name.clone(),
            })
            .collect(),
        Way::Password => Vec::new(),
    }
}

fn knock(conductor: Conductor, labelled: &Labelled, look: Look, wait: RwSignal<u32>) -> AnyView {
    let Labelled { door, text, name } = labelled;
    let door = door.clone();
    el("button")
        .class(look.class())
        .attr("type", "button")
        .live_attr("disabled", move || (wait.get() != 0 || is_asking(conductor)).then_some(""))
        .on("click", move |_| conductor.choose_door(door.clone()))
        .sentence(text.clone(), vec![("name", say("bdi", "", name))])
        .view()
}

/// Follows the address that the window is to show, once it is known, and whether the browser blocked the window.
fn window(conductor: Conductor) -> (Option<WebAddress>, bool) {
    conductor.ask((None, false), |step| {
        let Attempt::Window { address, blocked, .. } = step.attempt()? else { return None };
        Some((address.clone(), *blocked))
    })
}

/// Draws what to do in the window, a link that opens it again, and a button to do without it.
fn opened(conductor: Conductor, is_oauth: bool) -> AnyView {
    focus_soon(HEADING);
    let said = move || {
        match (window(conductor), is_ready(conductor)) {
            ((None, _), false) => words::door_loading_the_encryption_engine_1(),
            ((None, _), true) => words::door_in_a_moment_the_other(),
            ((Some(_), true), _) => words::door_open_your_servers_page_with(),
            ((Some(_), false), _) => words::door_sign_in_there_then_come(),
        }
        .to_owned()
    };
    let key = move || window(conductor).0.map(|address| address.as_str().to_owned()).unwrap_or_default();
    let draw = move || {
        let (address, blocked) = window(conductor);
        let cancel = button(Look::Plain, words::door_cancel(), conductor.on(|| Input::ClosedDoor));
        let Some(address) = address else { return actions(vec![cancel]) };
        let (look, text) = if blocked {
            (Look::Primary, words::door_open())
        } else {
            (Look::Plain, words::door_open_again())
        };
        all(vec![
            where_it_is(&address, is_oauth),
            actions(vec![link_button(look, text, &address, Callback::new(|()| ())), cancel]),
        ])
    };
    panel()
        .child(
            el("h2").attr("id", HEADING).attr("tabindex", "-1").text(words::door_go_on_in_the_other()).view(),
        )
        .child(el("p").attr("role", "status").live(said).view())
        .child(keyed(key, draw))
        .view()
}

fn panel() -> Element {
    el("section").class("panel").attr("aria-labelledby", HEADING)
}

fn where_it_is(address: &WebAddress, is_oauth: bool) -> AnyView {
    let host = say("bdi", "host", address.host());
    let said = if is_oauth { words::door_check_its_address() } else { words::door_it_begins_at() };
    el("p").sentence(said, vec![("host", host)]).view()
}
