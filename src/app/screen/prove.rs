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
};

/// Asks for the key.
pub fn screen(conductor: Conductor, visit: &Visit) -> AnyView {
    let pasted = StoredValue::new(false);
    let (own, count) = (RwSignal::new(None), RwSignal::new(0_u32));
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
        count if count as usize >= LENGTH => String::new(),
        count => [count.to_string().as_str(), " of ", &LENGTH.to_string(), " characters"].concat(),
    };
    let field = Field {
        hint: "48 characters. Capitals matter, spaces don't.",
        focus: true,
        error: Box::new(move || own.get().or_else(|| mistake().map(mistake_words))),
        ..Field::new(Kind::Key, "Recovery key")
    };
    let entry =
        el("div").on("paste", move |_| pasted.set_value(true)).on("input", changed).child(field.view());
    all(vec![
        heading_beside_field("Enter the key you saved"),
        form(
            move || enter(Secret::new(text_in(Kind::Key))),
            vec![
                login(&visit.account.user_id, Filed::Key),
                entry.view(),
                el("p").class("quiet").live(counted).view(),
                recovery_key_file(Callback::new(enter), own, not_readable),
                actions(vec![submit("Check")]),
            ],
        ),
        quiet("Can't find it? Go back and save it again."),
    ])
}

fn not_readable() -> Words {
    words("This file is not a recovery key.", "Choose the small text file that you saved on the page before.")
}

/// Says why an entry is not the key.
pub fn mistake_words(mistake: EntryMistake) -> Words {
    match mistake {
        EntryMistake::AnotherKey => words(
            "This is a recovery key, but not the one you just saved.",
            "It may be from an earlier set-up. Look for the newest.",
        ),
        EntryMistake::Form(RecoveryKeyError::Empty) => {
            words("Enter the key.", "Or choose the file you saved.")
        }
        EntryMistake::Form(RecoveryKeyError::Length(count)) if count < LENGTH => words(
            format!("Characters missing: {}.", LENGTH - count),
            format!("You entered {count}, and the key has {LENGTH}."),
        ),
        EntryMistake::Form(RecoveryKeyError::Length(count)) => words(
            format!("Characters too many: {}.", count - LENGTH),
            format!("You entered {count}, and the key has {LENGTH}."),
        ),
        EntryMistake::Form(RecoveryKeyError::Character(c)) => words(
            format!("“{c}” never appears in a recovery key."),
            "The key has no 0, no capital O, no capital I and no small l.",
        ),
        EntryMistake::Form(RecoveryKeyError::Parity) => words(
            "One or more characters are wrong.",
            "Compare group by group. Capitals and small letters differ.",
        ),
        EntryMistake::Form(RecoveryKeyError::NotAKey) => words(
            "This does not look like a recovery key.",
            "If it is your phrase or your password: here we need the key with its 48 characters.",
        ),
        EntryMistake::Form(RecoveryKeyError::TwoKeys(beginnings)) => {
            Problem::TwoRecoveryKeys { beginnings }.words()
        }
        EntryMistake::Form(RecoveryKeyError::KeyFile) => Problem::KeyFileAsKey.words(),
    }
}
