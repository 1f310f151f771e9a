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
    words,
};

/// Asks for the phrase again.
pub fn screen(conductor: Conductor, visit: &Visit) -> AnyView {
    let differed = move || {
        conductor.ask(false, |step| Some(matches!(step, Step::Repeat(step::Repeat { differed: true, .. }))))
    };
    let error = move || {
        let action = words::repeat_show_it_and_compare_or();
        differed().then(|| words(words::repeat_the_two_phrases_differ(), action))
    };
    let field = Field {
        hint: words::repeat_this_makes_sure_that_you(),
        focus: true,
        error: Box::new(error),
        ..Field::new(Kind::Phrase, words::repeat_security_phrase())
    };
    all(vec![
        heading_beside_field(words::repeat_type_the_phrase_once_more()),
        form(
            move || conductor.input(Input::RepeatedPhrase(Secret::new(text_in(Kind::Phrase)))),
            vec![
                login(&visit.account.user_id, Filed::Phrase),
                field.view(),
                actions(vec![submit(words::repeat_continue())]),
            ],
        ),
    ])
}
