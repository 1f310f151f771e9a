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
        problem::Tone,
        proof::{Last, PageKind, Proof, ProofWay, Wanted},
        web_address::WebAddress,
    },
    guide::{AskedProof, Input, Visit},
    words,
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

/// Asks for the proof. `why` says what the server does only after it, with the element `host`, `cancel` labels the way back, if any.
pub fn ask_proof(
    conductor: Conductor,
    visit: &Visit,
    why: Vec<words::Part>,
    asked: &AskedProof,
    cancel: Option<&'static str>,
) -> AnyView {
    let Wanted { ways, last } = &asked.wanted;
    let only_password = asked.wanted.page().is_none();
    let title = if only_password {
        words::proof_your_server_asks_for_your()
    } else {
        focus_soon(HEADING);
        words::proof_your_server_asks_whether_it()
    };
    let not_yet = *last == Last::NotYet;
    let went = move || conductor.ask(false, |step| Some(step.asked()?.went));
    let host = say("bdi", "host", visit.server.base_url.host());
    let mut views = vec![
        el("h2").attr("id", HEADING).attr("tabindex", "-1").text(title).view(),
        el("p").sentence(why, vec![("host", host)]).view(),
        notice(
            "not-yet",
            Box::new(move || {
                (not_yet && !went()).then(|| {
                    words(words::proof_the_server_has_not_heard(), words::proof_open_the_page_again_or())
                        .with(Tone::Calm)
                })
            }),
        ),
    ];
    for (number, way) in ways.iter().enumerate() {
        if number > 0 {
            views.push(say("p", "or", words::ways_in_or()));
        }
        let look = if number == 0 { Look::Primary } else { Look::Plain };
        views.push(match way {
            ProofWay::Password => password(conductor, visit, *last == Last::Refused, look),
            ProofWay::Page { address, kind } => page(conductor, address, kind, look),
        });
    }
    if !only_password {
        views.push(status(move || {
            if went() { words::proof_waiting_for_your_server() } else { "" }.to_owned()
        }));
        // A refused password is said at the password's field.
        if *last == Last::Refused && !asked.wanted.takes_password() {
            views.push(p(words::proof_the_server_did_not_accept()));
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
        hint: words::proof_it_goes_to_your_server(),
        focus: look == Look::Primary,
        look,
        text: Box::new(|| words::proof_go_on().into()),
        off: Box::new(|| false),
        error: Box::new(move || {
            refused.then(|| {
                words(
                    words::proof_the_server_did_not_accept_this_password(),
                    words::proof_enter_the_one_you_sign(),
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
        PageKind::SingleSignOn => p(words::proof_sign_in_once_more_on()),
        PageKind::Account => p(words::proof_approve_it_on_your_account()),
        PageKind::Other(name) => {
            let name = say("bdi", "", name);
            el("p").sentence(words::proof_asks_for_unknown_step(), vec![("name", name)]).view()
        }
    };
    let went = conductor.on(|| Input::GaveProof(Proof::Page));
    let did = if matches!(kind, PageKind::Account) {
        words::proof_i_have_approved_it()
    } else {
        words::proof_i_have_done_it()
    };
    all(vec![
        what,
        actions(vec![
            link_button(look, words::proof_open(), address, went),
            // Always drawn: a link can be opened without a click, by its menu.
            button(Look::Plain, did, went),
        ]),
    ])
}
