//! Choosing a security phrase, with an honest judgement of it.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        keep,
        part::{
            button::{Look, actions, button, form, live_button, live_submit},
            element::{all, at_times, el, p, status},
            field::{Field, Kind, text_in, write_in},
            heading::heading_beside_field,
            notice::words,
        },
    },
    domain::{
        guide::{Draft, Input, Step},
        passphrase::{Judgement, LEAST_SCORE, Refusal},
        problem::Words,
        secret::Secret,
    },
};

/// Asks for a phrase.
pub fn screen(conductor: Conductor) -> AnyView {
    let (shown, pressed, copied) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let draft = move || {
        conductor.ask(Draft::default(), |step| {
            let Step::Phrase { draft, .. } = step else { return None };
            Some(draft.clone())
        })
    };
    Effect::new(move |before: Option<Option<Secret>>| {
        let proposed = draft().suggestion;
        if let Some(phrase) = &proposed
            && before.is_none_or(|before| before.as_ref() != Some(phrase))
        {
            write_in(Kind::Phrase, phrase.expose());
            shown.set(true);
            copied.set(false);
        }
        proposed
    });
    let typed = move |_| {
        pressed.set(false);
        conductor.input(Input::TypedPhrase(Secret::new(text_in(Kind::Phrase))));
    };
    let send = move || {
        pressed.set(true);
        conductor.input(Input::ChosePhraseText(Secret::new(text_in(Kind::Phrase))));
    };
    let copy = Callback::new(move |()| {
        if let Some(phrase) = untrack(draft).suggestion {
            keep::copy(phrase.expose(), move |done| copied.set(done));
        }
    });
    let choosing = move || draft().choosing.is_some();
    let proposed = move || draft().suggestion.is_some();
    let field = Field {
        hint: "This is not your account password, and it may not be the same.",
        focus: true,
        error: Box::new(move || {
            refusal(pressed.get(), draft().judgement.as_ref(), text_in(Kind::Phrase).trim().is_empty())
        }),
        shown,
        ..Field::new(Kind::Phrase, "Security phrase")
    };
    let buttons = vec![
        live_submit(either(choosing, "Judging it…", "Continue"), choosing),
        live_button(
            Look::Plain,
            either(proposed, "Suggest another", "Suggest one"),
            || false,
            conductor.on(|| Input::WantedSuggestion),
        ),
        at_times(proposed, move || button(Look::Plain, "Copy the words", copy)),
    ];
    let note = "Six random words. Write them down or save them now. You will not be asked to repeat them.";
    all(vec![
        heading_beside_field("Choose a security phrase"),
        p("You type it on a new device to read your messages. Several unusual words make a good one."),
        form(
            send,
            vec![
                el("div").on("input", typed).child(field.view()).view(),
                strength(move || draft().judgement),
                actions(buttons),
                status(either(proposed, note, "")),
                status(either(move || copied.get(), "Copied.", "")),
            ],
        ),
    ])
}

fn either(
    is: impl Fn() -> bool + Send + 'static,
    yes: &'static str,
    no: &'static str,
) -> impl Fn() -> String + Send {
    move || if is() { yes } else { no }.to_owned()
}

/// The judgement as a bar and in words.
fn strength(judgement: impl Fn() -> Option<Judgement> + Copy + Send + 'static) -> AnyView {
    let score = move || match judgement().map_or(0, |judgement| judgement.score) {
        0 => Some("0"),
        1 => Some("1"),
        2 => Some("2"),
        3 => Some("3"),
        _ => Some("4"),
    };
    let verdict = move || match judgement() {
        Some(judgement) => [strength_words(judgement.score), " ", &judgement.reason].concat(),
        None => String::new(),
    };
    let meter = [("min", "0"), ("max", "4"), ("low", "2"), ("high", "3"), ("optimum", "4")]
        .into_iter()
        .fold(el("meter"), |meter, (name, value)| meter.attr(name, value))
        .attr("aria-label", "How hard the phrase is to guess")
        .live_attr("value", score);
    el("div").class("strength").child(meter.view()).child(status(verdict)).view()
}

fn strength_words(score: u8) -> &'static str {
    match score {
        0 => "Guessed at once.",
        1 => "Very easy to guess.",
        2 => "Still easy to guess.",
        3 => "A computer could still guess it.",
        _ => "Very hard to guess.",
    }
}

/// Why the phrase cannot be used: at once where it is something it must not be, and for a weak one
/// when the person wants to go on.
fn refusal(pressed: bool, judgement: Option<&Judgement>, empty: bool) -> Option<Words> {
    let Some(judgement) = judgement else {
        return (pressed && empty).then(|| words("Enter a phrase.", "Or let us suggest one."));
    };
    match judgement.refusal {
        Some(Refusal::AccountPassword) => Some(words(
            "This is your account password.",
            "Choose another. Whoever learns one of the two must not have both.",
        )),
        Some(Refusal::UserId) => {
            Some(words("This is your user name.", "Everybody knows it. Choose something only you know."))
        }
        Some(Refusal::ServerName) => {
            Some(words("This is your server's name.", "Everybody knows it. Choose something only you know."))
        }
        Some(Refusal::OuterSpace) => Some(words(
            "The phrase begins or ends with a space.",
            "Nobody can see that later. Remove the space.",
        )),
        None if pressed && judgement.score < LEAST_SCORE => Some(words(
            "This phrase is too easy to guess.",
            "Add a few more unusual words, or let us suggest one.",
        )),
        None => None,
    }
}
