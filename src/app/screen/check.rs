//! Asks for the key that was kept: to see what it opens, or to finish a set-up that was cut short.

use leptos::prelude::*;

use super::prove::mistake_words;
use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, button, form, live_submit},
            countdown::{or_wait, seconds_left},
            element::{all, at_times, el, p, quiet, status},
            field::{Field, Kind, text_in},
            file_drop::recovery_key_file,
            heading::heading_beside_field,
            login::{Filed, file_as, login},
            notice::{words, words_of},
            number::thousands,
        },
    },
    domain::{
        opening::{NotOpened, Opening},
        plan::Action,
        problem::Words,
        recovery_key::{RecoveryKey, RecoveryKeyError},
        secret::Secret,
    },
    guide::{EntryMistake, Input, Step, Visit, step, step::Entered},
};

/// Texts of a screen: heading, introduction, button and note.
type Texts = [&'static str; 4];

const FINISH: Texts = [
    "Enter the key you kept",
    "The recovery key or phrase from then finishes the set-up.",
    "Finish the set-up",
    "We first check that it opens what was stored. Only then is the rest written.",
];
const CHECK: Texts = [
    "Does your key still work?",
    "Enter your recovery key or security phrase. We see what it opens.",
    "Try it",
    "Trying changes nothing. Lost it? Go back and say so.",
];
const NEEDED: Texts = [
    "First enter your recovery key",
    "What you chose works with the recovery key or security phrase that you have.",
    "Go on",
    "This only tries the key.",
];

/// Asks for the key or phrase to finish with.
pub fn to_finish(conductor: Conductor, visit: &Visit) -> AnyView {
    screen(conductor, visit, FINISH)
}

/// Asks for the key or phrase to try.
pub fn to_try(conductor: Conductor, visit: &Visit, then: Option<Action>) -> AnyView {
    screen(conductor, visit, if then.is_some() { NEEDED } else { CHECK })
}

fn screen(conductor: Conductor, visit: &Visit, [title, about, submit, note]: Texts) -> AnyView {
    let (own, spaced) = (RwSignal::new(None), RwSignal::new(false));
    let trouble = move || conductor.trouble();
    let said = move || {
        conductor.ask(None, |step| match step {
            Step::Check(step::Check { last: Entered::Opened(opening), .. }) => Some(opening_words(opening)),
            _ => None,
        })
    };
    let trying = move || is_trying(conductor);
    // Trying a key can be stopped; finishing cannot, since it goes on to write.
    let stops = move || {
        conductor.ask(false, |step| {
            Some(matches!(step, Step::Check(step::Check { last: Entered::Trying { .. }, .. })))
        })
    };
    let stop = move || button(Look::Plain, "Stop", conductor.on(|| Input::WantedStop));
    let wait = seconds_left(trouble);
    let text = move || if trying() { "Trying it…".into() } else { or_wait(wait.get(), submit) };
    let off = move || wait.get() != 0 || trying();
    let enter = move |text: Secret| {
        own.set(
            text.is_blank().then(|| words("Enter the key or the phrase.", "Or choose the file you saved.")),
        );
        conductor.input(Input::EnteredKey(text));
    };
    let field = Field {
        hint: "Not your account password.",
        focus: true,
        error: Box::new(move || own.get().or_else(|| words_of(trouble())).or_else(said)),
        ..Field::new(Kind::Key, "Recovery key or security phrase")
    };
    let user_id = visit.account.user_id.clone();
    let login = login(&user_id, Filed::Key);
    // The field takes both. The password manager is told which of them it is.
    let typed = move |_| {
        let text = Secret::new(text_in(Kind::Key));
        let is_key = RecoveryKey::parse(text.expose()).is_ok();
        file_as(&user_id, if is_key { Filed::Key } else { Filed::Phrase });
        spaced.set(!is_key && !text.is_blank() && text.expose().trim() != text.expose());
    };
    let entry = el("div").on("input", typed).child(field.view()).view();
    let of_spaces = move || if spaced.get() { AROUND } else { "" }.to_owned();
    let buttons = actions(vec![live_submit(text, off), at_times(stops, stop)]);
    all(vec![
        heading_beside_field(title),
        p(about),
        form(
            move || enter(Secret::new(text_in(Kind::Key))),
            vec![
                login,
                entry,
                status(of_spaces),
                recovery_key_file(Callback::new(enter), own, no_key_in_file),
                buttons,
            ],
        ),
        quiet(note),
    ])
}

/// Said of a phrase that begins or ends with white space.
const AROUND: &str = "There is a space before or after it. We try it with that, then without.";

fn is_trying(conductor: Conductor) -> bool {
    conductor.ask(false, |step| match step {
        Step::Resume(step::Resume { course, .. }) => Some(course.is_running()),
        Step::Check(check) => Some(check.is_trying()),
        _ => None,
    })
}

fn no_key_in_file() -> Words {
    words("There is no recovery key in this file.", "Choose the small text file that you saved.")
}

/// Says why an entry did not lead on, and what to do next; `None` if it did.
fn opening_words(opening: &Opening) -> Option<Words> {
    let (title, action) = match opening {
        // With this the guide leads on to another step.
        Opening::SecretStorage { .. } => return None,
        Opening::OlderSecretStorage { .. } if opening.opens_backup() => (
            "This is an older recovery key. It opens the backup.",
            "Your apps ask for a newer one. Enter that, too, and what is missing can be stored.",
        ),
        Opening::OlderSecretStorage { .. } => (
            "This is an older recovery key.",
            "Your apps ask for another one. Look for the key you saved last.",
        ),
        Opening::BackupDirectly { room_keys, by_phrase } => {
            let what = if *by_phrase { "This passphrase" } else { "This key" };
            return Some(words(
                [what, " opens the backup itself: ", &thousands(*room_keys), " keys are in it."].concat(),
                if *by_phrase {
                    "Now enter your recovery key, too: a fresh backup can then take in these keys."
                } else {
                    "Keep it. Now enter your recovery key, too, and we can store this one with it."
                },
            ));
        }
        Opening::Nothing(nothing) => return Some(nothing_words(*nothing)),
    };
    Some(words(title, action))
}

/// Says why an entry opened nothing.
fn nothing_words(nothing: NotOpened) -> Words {
    let (title, action) = match nothing {
        NotOpened::AccountPassword => (
            "This is your account password.",
            "Enter your recovery key, in groups of four characters, or your security phrase.",
        ),
        NotOpened::NearlyAccountPassword => (
            "This is nearly the same as your account password, and it opens nothing here.",
            "Enter your recovery key, in groups of four characters, or your security phrase. Capitals and spaces count.",
        ),
        NotOpened::Mistyped => {
            let typed = text_in(Kind::Key);
            if typed.trim().is_empty() {
                return no_key_in_file();
            }
            // The entry is still in the field, and shows what is wrong with it.
            return mistake_words(EntryMistake::Form(match RecoveryKey::parse(&typed) {
                Err(error @ (RecoveryKeyError::Length(_) | RecoveryKeyError::Character(_))) => error,
                Ok(_) | Err(_) => RecoveryKeyError::Parity,
            }));
        }
        NotOpened::AnotherKey => (
            "This is a recovery key, but it opens nothing here.",
            "It may be from another account or an earlier time. Look for the key you saved last.",
        ),
        NotOpened::AnotherPhrase => (
            "This is not your security phrase.",
            "Capitals and spaces count. If you saved a recovery key, try that.",
        ),
        NotOpened::NoPhraseHere => (
            "This is not a recovery key, and your account has no security phrase.",
            "Look for a key of 48 characters that begins with E.",
        ),
        NotOpened::OlderBackup => (
            "This key opens an older backup of yours, not the newest.",
            "Keep it. Now enter your recovery key, too: a fresh backup can then take in what the older one holds.",
        ),
        NotOpened::UnknownPhrase => (
            "Your security phrase cannot be tried here.",
            "An app uses it in a way that we do not know. Enter your recovery key instead.",
        ),
        NotOpened::NotAllTried => (
            "This opens nothing that we could look at.",
            "Your server did not show us your older backups. Wait a moment, and try again.",
        ),
        NotOpened::Uncheckable => (
            "Your server describes the recovery key in a way that cannot be checked.",
            "So we did not try it. Go back and copy the details for your administrator.",
        ),
    };
    words(title, action)
}
