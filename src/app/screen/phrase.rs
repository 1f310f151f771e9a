//! Choosing a security phrase.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        part::{
            element::{all, p},
            field::Kind,
            heading::heading_beside_field,
            login::{Filed, login},
            phrase_entry::{PhraseEntry, phrase_entry},
            unused_keys::unused_keys,
        },
    },
    guide::{Input, Visit},
};

/// Asks for a phrase.
pub fn screen(conductor: Conductor, visit: &Visit) -> AnyView {
    let entry = PhraseEntry {
        kind: Kind::Phrase,
        login: login(&visit.account.user_id, Filed::Phrase),
        label: "Security phrase",
        hint: "Don't use your account password.",
        shown: false,
        focus: true,
        button: "Continue",
        proposed: "Random words. Write them down or save them now. You will not be asked to repeat them.",
        chose: Input::ChosePhraseText,
    };
    all(vec![
        heading_beside_field("Choose a security phrase"),
        p("You type it on a new device to read your messages. Four or more words by chance make a good one."),
        unused_keys(conductor),
        phrase_entry(conductor, entry),
    ])
}
