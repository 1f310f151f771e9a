//! Asks for the new key once more, to see that the person has kept it.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{actions, form, submit},
            element::{all, el, quiet},
            field::{Field, Kind, text_in},
            file_drop::recovery_key_file,
            heading::heading_beside_field,
            login::{Filed, login},
            notice::words,
        },
    },
    domain::{
        problem::{Problem, Words},
        recovery_key::{LENGTH, RecoveryKey, RecoveryKeyError},
        secret::Secret,
    },
    guide::{EntryMistake, Input, Step, Visit, step},
    words,
};

/// Asks for the key.
pub fn screen(conductor: Conductor, visit: &Visit) -> AnyView {
    let pasted = StoredValue::new(false);
    let (own, count) = (RwSignal::new(None), RwSignal::new(0_u64));
    let mistake = move || {
        conductor.ask(None, |step| {
            let Step::Prove(step::Prove { mistake, .. }) = step else { return None };
            Some(*mistake)
        })
    };
    let enter = move |text: Secret| {
        own.set(None);
        conductor.input(Input::EnteredKey(text));
    };
    // A pasted key is checked at once, a typed one when it is complete. The button checks at any time.
    let changed = move |_| {
        let text = Secret::new(text_in(Kind::Key));
        count.set(text.expose().chars().filter(|c| !c.is_whitespace()).fold(0, |count, _| count + 1));
        let whole = pasted.get_value() || RecoveryKey::parse(text.expose()).is_ok();
        pasted.set_value(false);
        if whole {
            enter(text);
        }
    };
    let counted = move || match count.get() {
        0 => String::new(),
        count if count >= LENGTH as u64 => String::new(),
        count => words::prove_characters_so_far(count, LENGTH as u64),
    };
    let field = Field {
        hint: words::prove_48_characters_capitals_matter_spaces(),
        focus: true,
        error: Box::new(move || own.get().or_else(|| mistake().map(mistake_words))),
        ..Field::new(Kind::Key, words::prove_recovery_key())
    };
    let entry =
        el("div").on("paste", move |_| pasted.set_value(true)).on("input", changed).child(field.view());
    all(vec![
        heading_beside_field(words::prove_enter_the_key_you_saved()),
        form(
            move || enter(Secret::new(text_in(Kind::Key))),
            vec![
                login(&visit.account.user_id, Filed::Key),
                entry.view(),
                el("p").class("quiet").live(counted).view(),
                recovery_key_file(Callback::new(enter), own, not_readable),
                actions(vec![submit(words::prove_check())]),
            ],
        ),
        quiet(words::prove_cant_find_it_go_back()),
    ])
}

fn not_readable() -> Words {
    words(words::prove_this_file_is_not_a(), words::prove_choose_the_small_text_file())
}

/// Says why an entry is not the key.
pub fn mistake_words(mistake: EntryMistake) -> Words {
    match mistake {
        EntryMistake::AnotherKey => {
            words(words::prove_this_is_a_recovery_key(), words::prove_it_may_be_from_an())
        }
        EntryMistake::Form(RecoveryKeyError::Empty) => {
            words(words::prove_enter_the_key(), words::prove_or_choose_the_file_you())
        }
        EntryMistake::Form(RecoveryKeyError::Length(count)) if count < LENGTH => words(
            words::prove_characters_missing((LENGTH - count) as u64),
            words::prove_you_entered(count as u64, LENGTH as u64),
        ),
        EntryMistake::Form(RecoveryKeyError::Length(count)) => words(
            words::prove_characters_too_many((count - LENGTH) as u64),
            words::prove_you_entered(count as u64, LENGTH as u64),
        ),
        EntryMistake::Form(RecoveryKeyError::Character(c)) => words(
            words::prove_character_never_appears(c.encode_utf8(&mut [0; 4])),
            words::prove_the_key_has_no_0(),
        ),
        EntryMistake::Form(RecoveryKeyError::Parity) => {
            words(words::prove_one_or_more_characters_are(), words::prove_compare_group_by_group_capitals())
        }
        EntryMistake::Form(RecoveryKeyError::NotAKey) => {
            words(words::prove_this_does_not_look_like(), words::prove_if_it_is_your_phrase())
        }
        EntryMistake::Form(RecoveryKeyError::TwoKeys(beginnings)) => {
            Problem::TwoRecoveryKeys { beginnings }.words()
        }
        EntryMistake::Form(RecoveryKeyError::KeyFile) => Problem::KeyFileAsKey.words(),
    }
}
