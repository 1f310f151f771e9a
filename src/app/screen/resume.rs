//! A set-up that was cut short: the key kept then finishes it.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{actions, form, live_submit},
            countdown::{or_wait, seconds_left},
            element::{all, p, quiet},
            field::{Field, Kind, text_in},
            heading::heading_beside_field,
            key_file::key_file,
            notice::{words, words_of},
        },
    },
    domain::{
        guide::{Input, Step},
        secret::Secret,
    },
};

/// Asks for the key or phrase that was kept when the set-up was begun.
pub fn screen(conductor: Conductor) -> AnyView {
    let own = RwSignal::new(None);
    let trouble = move || {
        conductor.ask(None, |step| {
            let Step::Resume { trouble, .. } = step else { return None };
            Some(trouble.clone())
        })
    };
    let trying =
        move || conductor.ask(false, |step| Some(matches!(step, Step::Resume { trying: Some(_), .. })));
    let wait = seconds_left(trouble);
    let text = move || {
        if trying() { "Trying it…".into() } else { or_wait(wait.get(), "Finish the set-up") }
    };
    let off = move || wait.get() != 0 || trying();
    let enter = move |text: Secret| {
        own.set(
            text.is_blank().then(|| words("Enter the key or the phrase.", "Or choose the file you saved.")),
        );
        conductor.input(Input::EnteredKey(text));
    };
    let taken = Callback::new(move |text: Option<Secret>| match text {
        Some(text) => enter(text),
        None => {
            own.set(Some(words(
                "This file is not a recovery key.",
                "Choose the small text file that you saved.",
            )));
        }
    });
    let field = Field {
        hint: "Not your account password.",
        focus: true,
        error: Box::new(move || own.get().or_else(|| words_of(trouble()))),
        ..Field::new(Kind::Key, "Recovery key or security phrase")
    };
    all(vec![
        heading_beside_field("Enter the key you kept"),
        p(
            "A set-up was begun and cut short. The recovery key you saved then finishes it. Your phrase does, too.",
        ),
        form(
            move || enter(Secret::new(text_in(Kind::Key))),
            vec![field.view(), key_file(taken), actions(vec![live_submit(text, off)])],
        ),
        quiet("We first check that it opens what was stored. Only then is the rest written."),
    ])
}
