//! Keys from a file that an app exported.

use leptos::prelude::*;

use super::old_keys::go;
use crate::{
    app::{
        conductor::Conductor,
        part::{
            app_steps::folded,
            button::{Look, actions, form, submit},
            element::{all, el, h2, keyed, p, quiet, say},
            field::{Field, Kind, text_in},
            file_drop::file_drop,
            heading::heading,
            login::{Filed, login},
            notice::{notice, words, words_of},
            number::thousands,
            progress::{progress, stop},
        },
    },
    domain::{
        account::Account,
        apps::{App, walks::EXPORT},
        key_file::Imported,
        secret::Secret,
    },
    guide::{Import, Input, Part, Step, step},
    words,
};

/// Asks for the file and its passphrase, shows the progress, and says what became of the keys.
pub fn screen(conductor: Conductor) -> AnyView {
    let key = move || {
        conductor.ask(String::new(), |step| match step {
            Step::Import(step::Import { import, .. }) => Some(match import {
                Import::Choosing => "choosing".to_owned(),
                Import::Chosen { name, bytes } => [name, "/", &bytes.to_string()].concat(),
                Import::Running { work, .. } => {
                    if work.progress.is_some() { "saving" } else { "opening" }.to_owned()
                }
                Import::Done(_) => "done".to_owned(),
            }),
            _ => None,
        })
    };
    let draw = move || {
        conductor.peek(|guide| match guide.step() {
            Step::Import(step::Import { harvest, import, .. }) => {
                part(conductor, &harvest.visit.account, import)
            }
            _ => all(Vec::new()),
        })
    };
    all(vec![heading(words::import_import_keys_from_a_file()), keyed(key, draw)])
}

fn part(conductor: Conductor, account: &Account, import: &Import) -> AnyView {
    all(match import {
        Import::Choosing => choosing(conductor, account),
        Import::Chosen { name, bytes } => chosen(conductor, &account.user_id, name, *bytes),
        Import::Running { name, work, .. } => {
            let (what, parts) = if work.progress.is_some() {
                (words::import_saving_the_keys(), words::import_saving_keys_of())
            } else {
                (words::import_opening_the_file(), words::import_opening_this_file())
            };
            vec![
                el("p").sentence(parts, vec![("file", say("bdi", "host", name.as_str()))]).view(),
                progress(conductor, what, words::progress_keys),
                stop(conductor, words::import_what_is_saved_already_stays()),
            ]
        }
        Import::Done(imported) => {
            let mut views = report(*imported);
            views.extend([
                actions(vec![
                    go(conductor, Look::Primary, words::import_go_on(), Part::Coverage),
                    go(conductor, Look::Plain, words::import_back_to_the_other_ways(), Part::OldKeys),
                ]),
                h2(words::import_another_file()),
                trouble(conductor),
                chooser(conductor, words::import_drop_it_here_or_choose()),
            ]);
            views
        }
    })
}

/// Asks for the file.
fn choosing(conductor: Conductor, account: &Account) -> Vec<AnyView> {
    vec![
        say("p", "lead", words::import_an_app_can_save_its()),
        trouble(conductor),
        chooser(conductor, words::import_drop_the_file_here_or()),
        quiet(words::import_it_is_opened_in_this()),
        quiet(words::import_only_bring_in_files_that()),
        folded(words::import_how_to_get_such_a(), "element", &EXPORT, &App::among(account.apps())),
    ]
}

/// Asks for the passphrase of the chosen file.
fn chosen(conductor: Conductor, user_id: &str, name: &str, bytes: u64) -> Vec<AnyView> {
    let empty = RwSignal::new(false);
    let field = Field {
        hint: words::import_the_one_that_was_chosen(),
        focus: true,
        error: Box::new(move || {
            let blank =
                || words(words::import_enter_the_files_passphrase(), words::import_you_chose_it_when_you());
            if empty.get() { Some(blank()) } else { words_of(conductor.trouble()) }
        }),
        ..Field::new(Kind::FilePassphrase, words::import_passphrase_of_the_file())
    };
    let send = move || {
        let passphrase = Secret::new(text_in(Kind::FilePassphrase));
        empty.set(passphrase.is_blank());
        conductor.input(Input::GavePassphrase(passphrase));
    };
    let fields = vec![
        login(user_id, Filed::KeyFile),
        field.view(),
        actions(vec![submit(words::import_bring_its_keys_in())]),
    ];
    vec![
        el("p").sentence(file_of_size(bytes), vec![("file", say("bdi", "host", name))]).view(),
        form(send, fields),
        chooser(conductor, words::import_or_another_file_drop_it()),
    ]
}

fn trouble(conductor: Conductor) -> AnyView {
    notice("problem", Box::new(move || words_of(conductor.trouble())))
}

fn chooser(conductor: Conductor, label: &'static str) -> AnyView {
    file_drop(label, None, Box::new(move |file| conductor.choose_file(file)))
}

/// Names the file with its size.
fn file_of_size(bytes: u64) -> Vec<words::Part> {
    match bytes {
        0..1_000_000 => words::import_file_of_kilobytes(bytes.div_ceil(1_000)),
        _ => words::import_file_of_megabytes(bytes.div_ceil(1_000_000)),
    }
}

/// Says what became of the keys.
fn report(imported: Imported) -> Vec<AnyView> {
    let Imported { in_file, new, better, already_there, unreadable, locked, rooms, room_keys } = imported;
    let lead = match (new + better, already_there, unreadable) {
        (1.., _, 0) if locked > 0 => words::import_the_keys_that_this_passphrase(),
        (0, 1.., 0) if locked > 0 => words::import_your_backup_had_the_keys(),
        _ if locked > 0 => words::import_of_the_keys_that_this(),
        (0, _, 0) => words::import_your_backup_had_all_of(),
        (0, 0, _) => words::import_none_of_this_files_keys(),
        (0, ..) => words::import_your_backup_had_these_keys(),
        (_, _, 0) => words::import_the_keys_of_this_file(),
        _ => words::import_the_keys_of_this_file_that_can(),
    };
    let row = |(name, number): (&'static str, u64)| {
        el("tr")
            .child(el("th").attr("scope", "row").text(name).view())
            .child(el("td").text(thousands(number)).view())
            .view()
    };
    let rows = [
        (words::import_new(), new),
        (words::import_better_than_what_was_there(), better),
        (words::import_already_there(), already_there),
        (words::import_not_usable(), unreadable),
    ];
    // The number of new keys is said even if it is zero.
    let rows = rows.into_iter().enumerate().filter(|(at, (_, number))| *at == 0 || *number > 0);
    let rows = rows.map(|(_, it)| row(it)).collect();
    let in_all = words::import_keys_in_the_file(in_file, rooms);
    let mut views = vec![
        el("p").class("lead").attr("role", "status").text(lead).view(),
        p([in_all, words::import_your_backup_now_holds(room_keys)].join(" ")),
        el("table").child(el("tbody").all(rows).view()).view(),
    ];
    if locked > 0 {
        views.push(p(words::import_more_exports(locked)));
    }
    if unreadable > 0 {
        views.push(quiet(words::import_what_is_not_usable_was()));
    }
    views
}
