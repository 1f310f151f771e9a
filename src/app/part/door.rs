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
                Some(doors.with_value(|doors| doors.iter().any(|(mine, _)| *mine == **door)))
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
            doors.iter().map(|(door, name)| knock(conductor, door, name, look, wait)).collect()
        });
        let what = if is_oauth {
            "Your server's sign-in page opens in a window of its own. This page never sees your password."
        } else {
            "Your server sends you on to another service, in a window of its own. This page never sees your password."
        };
        let mut views = vec![p(what)];
        views.extend(warning.map(p));
        views.push(actions(buttons));
        all(views)
    };
    keyed(key, draw)
}

/// Returns each door with the text of its button: words of this page, and a name that the server gave.
fn doors_of(way: &Way) -> Vec<(Door, [String; 2])> {
    let sso = |provider| Door::SingleSignOn { provider };
    match way {
        Way::OAuth(server) => {
            let host = server.authorization_endpoint.host().to_owned();
            vec![(Door::OAuth(server.clone()), ["Continue at ".into(), host])]
        }
        Way::SingleSignOn(providers) if providers.is_empty() => {
            vec![(sso(None), ["Continue with single sign-on".into(), String::new()])]
        }
        Way::SingleSignOn(providers) => providers
            .iter()
            .map(|provider| {
                (sso(Some(provider.id.clone())), ["Continue with ".into(), provider.name.clone()])
            })
            .collect(),
        Way::Password => Vec::new(),
    }
}

fn knock(
    conductor: Conductor,
    door: &Door,
    [text, name]: &[String; 2],
    look: Look,
    wait: RwSignal<u32>,
) -> AnyView {
    let door = door.clone();
    el("button")
        .class(look.class())
        .attr("type", "button")
        .live_attr("disabled", move || (wait.get() != 0 || is_asking(conductor)).then_some(""))
        .on("click", move |_| conductor.choose_door(door.clone()))
        .text(text)
        .child(say("bdi", "", name))
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
            ((None, _), false) => {
                "Loading the encryption engine (1 MB). Then the other window shows your server's page."
            }
            ((None, _), true) => "In a moment, the other window shows your server's page.",
            ((Some(_), true), _) => {
                "Open your server's page with this link, and sign in. Then come back: this page goes on by itself."
            }
            ((Some(_), false), _) => "Sign in there, then come back: this page goes on by itself.",
        }
        .to_owned()
    };
    let key = move || window(conductor).0.map(|address| address.as_str().to_owned()).unwrap_or_default();
    let draw = move || {
        let (address, blocked) = window(conductor);
        let cancel = button(Look::Plain, "Cancel", conductor.on(|| Input::ClosedDoor));
        let Some(address) = address else { return actions(vec![cancel]) };
        let (look, text) =
            if blocked { (Look::Primary, "Open ") } else { (Look::Plain, "Open the window again: ") };
        all(vec![
            where_it_is(&address, is_oauth),
            actions(vec![link_button(look, text, &address, Callback::new(|()| ())), cancel]),
        ])
    };
    panel()
        .child(el("h2").attr("id", HEADING).attr("tabindex", "-1").text("Go on in the other window").view())
        .child(el("p").attr("role", "status").live(said).view())
        .child(keyed(key, draw))
        .view()
}

fn panel() -> Element {
    el("section").class("panel").attr("aria-labelledby", HEADING)
}

fn where_it_is(address: &WebAddress, is_oauth: bool) -> AnyView {
    let host = say("bdi", "host", address.host());
    let line = el("p");
    if is_oauth {
        line.text("Check its address before you type anything: it is at ").child(host).text(".").view()
    } else {
        line.text("It begins at ").child(host).text(", which sends you on to where you sign in.").view()
    }
}
