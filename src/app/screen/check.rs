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
    words::{self, Word},
};

/// Texts of a screen: heading, introduction, button and note.
type Texts = [Word; 4];

const FINISH: Texts = [
    words::check_enter_the_key_you_kept,
    words::check_the_recovery_key_or_phrase,
    words::check_finish_the_set_up,
    words::check_we_first_check_that_it,
];
const CHECK: Texts = [
    words::check_does_your_key_still_work,
    words::check_enter_your_recovery_key_or,
    words::check_try_it,
    words::check_trying_changes_nothing_lost_it,
];
const NEEDED: Texts = [
    words::check_first_enter_your_recovery_key,
    words::check_what_you_chose_works_with,
    words::check_go_on,
    words::check_this_only_tries_the_key,
];

/// Asks for the key or phrase to finish with.
pub fn to_finish(conductor: Conductor, visit: &Visit) -> AnyView {
    screen(conductor, visit, FINISH)
}

/// Asks for the key or phrase to try.
pub fn to_try(conductor: Conductor, visit: &Visit, then: Option<Action>) -> AnyView {
    screen(conductor, visit, if then.is_some() { NEEDED } else { CHECK })
}

fn screen(conductor: Conductor, visit: &Visit, texts: Texts) -> AnyView {
    let [title, about, submit, note] = texts.map(|text| text());
    let (own, spaced) = (RwSignal::new(None), RwSignal::new(false));
    let trouble = move || conductor.trouble();
    let said = move || {
        conductor.ask(None, |step| match step {
            Step::Check(step::Check { last: Entered::Opened(opening), .. }) => {
                Some(opening_words(opening).map(|words| words.with(opening.tone())))
            }
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
    let stop = move || button(Look::Plain, words::check_stop(), conductor.on(|| Input::WantedStop));
    let wait = seconds_left(trouble);
    let text = move || if trying() { words::check_trying_it().into() } else { or_wait(wait.get(), submit) };
    let off = move || wait.get() != 0 || trying();
    let enter = move |text: Secret| {
        own.set(
            text.is_blank()
                .then(|| words(words::check_enter_the_key_or_the(), words::check_or_choose_the_file_you())),
        );
        conductor.input(Input::EnteredKey(text));
    };
    let field = Field {
        hint: words::check_not_your_account_password(),
        focus: true,
        error: Box::new(move || own.get().or_else(|| words_of(trouble())).or_else(said)),
        ..Field::new(Kind::Key, words::check_recovery_key_or_security_phrase())
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
    // A phrase may begin or end with white space.
    let of_spaces = move || if spaced.get() { words::check_there_is_a_space_before() } else { "" }.to_owned();
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

fn is_trying(conductor: Conductor) -> bool {
    conductor.ask(false, |step| match step {
        Step::Resume(step::Resume { course, .. }) => Some(course.is_running()),
        Step::Check(check) => Some(check.is_trying()),
        _ => None,
    })
}

fn no_key_in_file() -> Words {
    words(words::check_there_is_no_recovery_key(), words::check_choose_the_small_text_file())
}

/// Says why an entry did not lead on, and what to do next; `None` if it did.
fn opening_words(opening: &Opening) -> Option<Words> {
    let (title, action) = match opening {
        // With this the guide leads on to another step.
        Opening::SecretStorage { .. } => return None,
        Opening::OlderSecretStorage { .. } if opening.opens_backup() => {
            (words::check_this_is_an_older_recovery(), words::check_your_apps_ask_for_a())
        }
        Opening::OlderSecretStorage { .. } => {
            (words::check_this_is_an_older_recovery_key(), words::check_your_apps_ask_for_another())
        }
        Opening::BackupDirectly { room_keys, by_phrase } => {
            return Some(if *by_phrase {
                words(
                    words::check_this_passphrase_opens_the_backup(*room_keys),
                    words::check_now_enter_your_recovery_key(),
                )
            } else {
                words(
                    words::check_this_key_opens_the_backup(*room_keys),
                    words::check_keep_it_now_enter_your(),
                )
            });
        }
        Opening::Nothing(nothing) => return Some(nothing_words(*nothing)),
    };
    Some(words(title, action))
}

/// Says why an entry opened nothing.
fn nothing_words(nothing: NotOpened) -> Words {
    let (title, action) = match nothing {
        NotOpened::AccountPassword => {
            (words::check_this_is_your_account_password(), words::check_enter_your_recovery_key_in())
        }
        NotOpened::NearlyAccountPassword => {
            (words::check_this_is_nearly_the_same(), words::check_enter_your_recovery_key_in_groups_of())
        }
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
        NotOpened::AnotherKey => {
            (words::check_this_is_a_recovery_key(), words::check_it_may_be_from_another())
        }
        NotOpened::AnotherPhrase => {
            (words::check_this_is_not_your_security(), words::check_capitals_and_spaces_count_if())
        }
        NotOpened::NoPhraseHere => (words::check_this_is_not_a_recovery(), words::check_look_for_a_key_of()),
        NotOpened::OlderBackup => {
            (words::check_this_key_opens_an_older(), words::check_keep_it_now_enter_your_recovery_key())
        }
        NotOpened::UnknownPhrase => {
            (words::check_your_security_phrase_cannot_be(), words::check_an_app_uses_it_in())
        }
        NotOpened::NotAllTried => {
            (words::check_this_opens_nothing_that_we(), words::check_your_server_did_not_show())
        }
        NotOpened::Uncheckable => {
            (words::check_your_server_describes_the_recovery(), words::check_so_we_did_not_try())
        }
    };
    words(title, action)
}
