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
    words,
};

/// Asks for a phrase.
pub fn screen(conductor: Conductor, visit: &Visit) -> AnyView {
    let entry = PhraseEntry {
        kind: Kind::Phrase,
        login: login(&visit.account.user_id, Filed::Phrase),
        label: words::phrase_security_phrase(),
        hint: words::phrase_dont_use_your_account_password(),
        shown: false,
        focus: true,
        button: words::phrase_continue(),
        proposed: words::phrase_random_words_write_them_down(),
        chose: Input::ChosePhraseText,
    };
    all(vec![
        heading_beside_field(words::phrase_choose_a_security_phrase()),
        p(words::phrase_you_type_it_on_a()),
        unused_keys(conductor),
        phrase_entry(conductor, entry),
    ])
}
