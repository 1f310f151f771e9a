//! The old messages' keys: the person opens the app that has them, then the page waits for them and counts.

mod count;
mod other_ways;

use leptos::prelude::*;

use self::{
    count::{count, go_on},
    other_ways::other_ways,
};
use super::verify::names::{one_of, who_can_answer};
use crate::{
    app::{
        conductor::Conductor,
        part::{
            app_help::{export_walk, on_one_phone},
            button::{Look, actions, button},
            comparing::comparing,
            element::{all, el, keyed, quiet, say},
            heading::live_heading,
            keys_elsewhere::keys_elsewhere,
            link::open_app,
        },
    },
    domain::{
        apps::App,
        verification::{Move, Verification},
    },
    guide::{Harvest, Input, Part, Step, remedy::Remedy, source::Source, step},
    words,
};

/// The one thing that the screen is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The person opens an app and compares emoji with it.
    Open,
    /// The page waits for keys.
    Wait,
    /// The person imports a file, since the app sends nothing.
    Import,
    /// The person has no app.
    Alone,
}

impl Stage {
    fn of(harvest: &Harvest) -> Self {
        let source = Source::of(harvest);
        if source == Source::Nowhere {
            Self::Alone
        } else if Remedy::wanted(harvest) == Some(Remedy::Export) && harvest.offers_import() {
            Self::Import
        } else if source.wants_app(harvest) {
            Self::Open
        } else {
            Self::Wait
        }
    }
}

/// Follows something of what has come in.
fn follow<T>(conductor: Conductor, over: T, select: impl Fn(&Harvest) -> T) -> T {
    conductor.ask(over, |step| match step {
        Step::OldKeys(step::OldKeys { harvest, .. }) => Some(select(harvest)),
        _ => None,
    })
}

/// Shows what to do, with one button, and folds the other ways behind a line.
pub fn screen(conductor: Conductor, harvest: &Harvest) -> AnyView {
    let stage = move || follow(conductor, Stage::Wait, Stage::of);
    let said = move || follow(conductor, ["", ""], Remedy::news);
    let names = StoredValue::new(who_can_answer(&harvest.visit, false));
    let first = move || {
        if stage() != Stage::Open {
            return all(Vec::new());
        }
        let app = names.with_value(|names| one_of(names));
        // Another sentence follows.
        el("span").sentence(words::old_keys_open_and_compare(), vec![("app", app)]).text(" ").view()
    };
    let key = move || (stage() as u8).to_string();
    let lead = el("p").class("lead").attr("role", "status").child(keyed(key, first));
    // As long as an app waits for an answer, the answer has the primary button.
    let is_asked = move || !who_asks(conductor).is_empty();
    let below = move || body(conductor, stage(), if is_asked() { Look::Plain } else { Look::Primary });
    let imports = harvest.offers_import();
    let apps = StoredValue::new(App::among(harvest.visit.account.apps()));
    all(vec![
        live_heading(move || said()[0]),
        lead.live(move || said()[1].to_owned()).view(),
        asked(conductor),
        keyed(move || [key(), is_asked().to_string()].concat(), below),
        stay(conductor),
        keyed(key, move || apps.with_value(|apps| other_ways(conductor, stage(), imports, apps))),
    ])
}

/// Draws what there is to do or to see, with its buttons. `look`: the look of the recommended one.
fn body(conductor: Conductor, stage: Stage, look: Look) -> AnyView {
    let import = |look| go(conductor, look, words::old_keys_import_a_file(), Part::Import);
    let leave = |look| go(conductor, look, words::old_keys_go_on(), Part::Coverage);
    all(match stage {
        Stage::Open => vec![
            comparing(false),
            on_one_phone(),
            open_app(conductor),
            actions(vec![go(conductor, look, words::old_keys_show_the_emoji(), Part::Verify)]),
        ],
        Stage::Wait => vec![count(conductor), go_on(conductor, look), open_app(conductor)],
        Stage::Import => vec![export_walk(conductor), actions(vec![import(look), leave(Look::Plain)])],
        Stage::Alone => {
            let mut views = vec![actions(vec![leave(look), import(Look::Plain)])];
            views.extend(keys_elsewhere());
            views.push(quiet(words::old_keys_you_can_finish_at_any()));
            views
        }
    })
}

/// Warns of signing out, as long as there is a reason to.
fn stay(conductor: Conductor) -> AnyView {
    let words = move || follow(conductor, None, |harvest| Source::of(harvest).stay(harvest));
    let draw = move || {
        let Some([stay, reason]) = untrack(words) else { return all(Vec::new()) };
        el("p").class("warning").child(say("strong", "", stay)).text([" ", reason].concat()).view()
    };
    keyed(move || words().map_or("", |[_, reason]| reason).to_owned(), draw)
}

/// Draws a button that leads to another part of the harvest.
pub fn go(conductor: Conductor, look: Look, text: &'static str, part: Part) -> AnyView {
    button(look, text, Callback::new(move |()| conductor.input(Input::WentTo(part))))
}

/// Returns the name or device ID of an app that asks to compare emoji; empty if none does.
fn who_asks(conductor: Conductor) -> String {
    conductor.ask(String::new(), |step| match step {
        Step::OldKeys(step::OldKeys { talk: Verification::AskedBy(partner), .. }) => {
            Some(partner.name.clone().unwrap_or_else(|| partner.device_id.clone()))
        }
        _ => None,
    })
}

/// Draws the question of an app that asks to compare emoji.
fn asked(conductor: Conductor) -> AnyView {
    let who = move || who_asks(conductor);
    let moves = move |look: Look, text: &'static str, to: Move| {
        button(look, text, Callback::new(move |()| conductor.input(Input::Moved(to.clone()))))
    };
    let draw = move || {
        let who = who();
        if who.is_empty() {
            return all(Vec::new());
        }
        let line = el("p").sentence(words::old_keys_app_asks(), vec![("app", say("bdi", "host", who))]);
        el("div")
            .class("panel")
            .child(line.view())
            .child(actions(vec![
                moves(Look::Primary, words::old_keys_compare(), Move::Accept),
                moves(Look::Plain, words::old_keys_not_now(), Move::Cancel),
            ]))
            .view()
    };
    el("div").attr("role", "status").child(keyed(who, draw)).view()
}
