//! The panel for a proof (User-Interactive Authentication) that the server asks for, with the way back from it.

use leptos::prelude::*;

use super::{
    account_password::{PasswordForm, Whose},
    button::{Look, actions, button},
    element::{all, el, p, say, status},
    focus::focus_soon,
    link::link_button,
    notice::{notice, words},
};
use crate::{
    app::conductor::Conductor,
    domain::{
        proof::{Last, PageKind, Proof, ProofWay, Wanted},
        web_address::WebAddress,
    },
    guide::{AskedProof, Input, Visit},
};

/// Id of the panel's heading.
const HEADING: &str = "ask-proof";

/// Returns the key of the panel, which is drawn anew only when the server asks for something else, or refuses. While
/// the person answers it stays.
pub fn key(asked: &AskedProof) -> String {
    let Wanted { ways, last } = &asked.wanted;
    let way = |way: &ProofWay| {
        match way {
            ProofWay::Password => "password",
            ProofWay::Page { address, .. } => address.as_str(),
        }
        .to_owned()
    };
    let last = match last {
        Last::None => "",
        Last::Refused => "refused",
        Last::NotYet => "not yet",
    };
    [ways.iter().map(way).collect::<Vec<_>>().join(" "), last.to_owned()].join(" ")
}

/// Asks for the proof. `before` names what the server does only after it, `cancel` labels the way back, if any.
pub fn ask_proof(
    conductor: Conductor,
    visit: &Visit,
    before: &'static str,
    asked: &AskedProof,
    cancel: Option<&'static str>,
) -> AnyView {
    let Wanted { ways, last } = &asked.wanted;
    let only_password = asked.wanted.page().is_none();
    let title = if only_password {
        "Your server asks for your account password"
    } else {
        focus_soon(HEADING);
        "Your server asks whether it is you"
    };
    let not_yet = *last == Last::NotYet;
    let went = move || conductor.ask(false, |step| Some(step.asked()?.went));
    let mut views = vec![
        el("h2").attr("id", HEADING).attr("tabindex", "-1").text(title).view(),
        el("p")
            .child(say("bdi", "host", visit.server.base_url.host()))
            .text([" wants to be sure that it is you before it ", before, "."].concat())
            .view(),
        notice(
            "not-yet",
            Box::new(move || {
                (not_yet && !went()).then(|| {
                    words("The server has not heard of it yet.", "Open the page again, or try again.")
                })
            }),
        ),
    ];
    for (number, way) in ways.iter().enumerate() {
        if number > 0 {
            views.push(say("p", "or", "or"));
        }
        let look = if number == 0 { Look::Primary } else { Look::Plain };
        views.push(match way {
            ProofWay::Password => password(conductor, visit, *last == Last::Refused, look),
            ProofWay::Page { address, kind } => page(conductor, address, kind, look),
        });
    }
    if !only_password {
        views.push(status(move || if went() { "Waiting for your server…" } else { "" }.to_owned()));
        // A refused password is said at the password's field.
        if *last == Last::Refused && !asked.wanted.takes_password() {
            views.push(p("The server did not accept the last attempt."));
        }
    }
    if let Some(cancel) = cancel {
        views.push(actions(vec![button(Look::Plain, cancel, conductor.on(|| Input::Withdrew))]));
    }
    el("section").class("panel").attr("aria-labelledby", HEADING).all(views).view()
}

fn password(conductor: Conductor, visit: &Visit, refused: bool, look: Look) -> AnyView {
    let form = PasswordForm {
        whose: Whose::Known(visit.account.user_id.clone()),
        hint: "It goes to your server and nowhere else.",
        focus: look == Look::Primary,
        look,
        text: Box::new(|| "Go on".into()),
        off: Box::new(|| false),
        error: Box::new(move || {
            refused.then(|| {
                words(
                    "The server did not accept this password.",
                    "Enter the one you sign in with, not the security phrase.",
                )
            })
        }),
        send: Box::new(move |_, password| conductor.input(Input::GaveProof(Proof::Password(password)))),
    };
    form.view()
}

/// Draws a link to the server's page, and a button to go on once the person has done there what it asks.
fn page(conductor: Conductor, address: &WebAddress, kind: &PageKind, look: Look) -> AnyView {
    let what = match kind {
        PageKind::SingleSignOn => p(
            "Sign in once more, on your server's page. It opens in a window of its own. Then come back here.",
        ),
        PageKind::Account => {
            p("Approve it on your account page, which opens in a window of its own. Then come back here.")
        }
        PageKind::Other(name) => el("p")
            .text("Your server asks for a step that we do not know (")
            .child(say("bdi", "", name))
            .text("). Its own page may help. It opens in a window of its own.")
            .view(),
    };
    let went = conductor.on(|| Input::GaveProof(Proof::Page));
    let did = if matches!(kind, PageKind::Account) { "I have approved it" } else { "I have done it" };
    all(vec![
        what,
        actions(vec![
            link_button(look, "Open ", address, went),
            // Always drawn: a link can be opened without a click, by its menu.
            button(Look::Plain, did, went),
        ]),
    ])
}
