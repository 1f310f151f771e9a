//! Asks for the chosen phrase once more.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{actions, form, submit},
            element::all,
            field::{Field, Kind, text_in},
            heading::heading_beside_field,
            login::{Filed, login},
            notice::words,
        },
    },
    domain::secret::Secret,
    guide::{Input, Step, Visit, step},
};

/// Asks for the phrase again.
pub fn screen(conductor: Conductor, visit: &Visit) -> AnyView {
    let differed = move || {
        conductor.ask(false, |step| Some(matches!(step, Step::Repeat(step::Repeat { differed: true, .. }))))
    };
    let error = move || {
        let action = "Show it and compare, or go back and choose again. Capitals and spaces count.";
        differed().then(|| words("The two phrases differ.", action))
    };
    let field = Field {
        hint: "This makes sure that you can type it again later. Pasting from a password manager is fine.",
        focus: true,
        error: Box::new(error),
        ..Field::new(Kind::Phrase, "Security phrase")
    };
    all(vec![
        heading_beside_field("Type the phrase once more"),
        form(
            move || conductor.input(Input::RepeatedPhrase(Secret::new(text_in(Kind::Phrase)))),
            vec![
                login(&visit.account.user_id, Filed::Phrase),
                field.view(),
                actions(vec![submit("Continue")]),
            ],
        ),
    ])
}
