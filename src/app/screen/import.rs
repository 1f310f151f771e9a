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
            number::{count, thousands},
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
    all(vec![heading("Import keys from a file"), keyed(key, draw)])
}

fn part(conductor: Conductor, account: &Account, import: &Import) -> AnyView {
    all(match import {
        Import::Choosing => choosing(conductor, account),
        Import::Chosen { name, bytes } => chosen(conductor, &account.user_id, name, *bytes),
        Import::Running { name, work, .. } => {
            let what = if work.progress.is_some() { "Saving the keys" } else { "Opening the file" };
            vec![
                el("p").text([what, ": "].concat()).child(say("bdi", "host", name.as_str())).view(),
                progress(conductor, what, "keys"),
                stop(conductor, "What is saved already stays. You can go on later."),
            ]
        }
        Import::Done(imported) => {
            let mut views = report(*imported);
            views.extend([
                actions(vec![
                    go(conductor, Look::Primary, "Go on", Part::Coverage),
                    go(conductor, Look::Plain, "Back to the other ways", Part::OldKeys),
                ]),
                h2("Another file?"),
                trouble(conductor),
                chooser(conductor, "Drop it here, or choose it"),
            ]);
            views
        }
    })
}

/// Asks for the file.
fn choosing(conductor: Conductor, account: &Account) -> Vec<AnyView> {
    vec![
        say(
            "p",
            "lead",
            "An app can save its keys as a file. Bring that file, and they go into your backup.",
        ),
        trouble(conductor),
        chooser(conductor, "Drop the file here, or choose it"),
        quiet("It is opened in this page. Its keys go to your server encrypted, like all the others."),
        quiet("Only bring in files that you exported yourself. A file cannot show that its keys are real."),
        folded("How to get such a file from an app", "element", &EXPORT, &App::among(account.apps())),
    ]
}

/// Asks for the passphrase of the chosen file.
fn chosen(conductor: Conductor, user_id: &str, name: &str, bytes: u64) -> Vec<AnyView> {
    let empty = RwSignal::new(false);
    let field = Field {
        hint: "The one that was chosen for this file. Not your account password, nor your recovery key.",
        focus: true,
        error: Box::new(move || {
            let blank = || words("Enter the file's passphrase.", "You chose it when you exported the keys.");
            if empty.get() { Some(blank()) } else { words_of(conductor.trouble()) }
        }),
        ..Field::new(Kind::FilePassphrase, "Passphrase of the file")
    };
    let send = move || {
        let passphrase = Secret::new(text_in(Kind::FilePassphrase));
        empty.set(passphrase.is_blank());
        conductor.input(Input::GavePassphrase(passphrase));
    };
    let size = [" (", &size(bytes), ")"].concat();
    let fields =
        vec![login(user_id, Filed::KeyFile), field.view(), actions(vec![submit("Bring its keys in")])];
    vec![
        el("p").child(say("bdi", "host", name)).text(size).view(),
        form(send, fields),
        chooser(conductor, "Or another file: drop it here, or choose it"),
    ]
}

fn trouble(conductor: Conductor) -> AnyView {
    notice("problem", Box::new(move || words_of(conductor.trouble())))
}

fn chooser(conductor: Conductor, label: &'static str) -> AnyView {
    file_drop(label, None, Box::new(move |file| conductor.choose_file(file)))
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => [&*thousands(bytes.div_ceil(1_000)), " kB"].concat(),
        _ => [&*thousands(bytes.div_ceil(1_000_000)), " MB"].concat(),
    }
}

/// Says that the file is not done with.
fn locked_words(exports: u64) -> String {
    match exports {
        1 => {
            "One more export in this file has another passphrase. Choose the file again, and enter that one."
                .to_owned()
        }
        _ => [
            &*thousands(exports),
            " more exports in this file have other passphrases. Choose the file again for each.",
        ]
        .concat(),
    }
}

/// Says what became of the keys.
fn report(imported: Imported) -> Vec<AnyView> {
    let Imported { in_file, new, better, already_there, unreadable, locked, rooms, room_keys } = imported;
    let lead = match (new + better, already_there, unreadable) {
        (1.., _, 0) if locked > 0 => "The keys that this passphrase opens are in your backup.",
        (0, 1.., 0) if locked > 0 => "Your backup had the keys already that this passphrase opens.",
        _ if locked > 0 => {
            "Of the keys that this passphrase opens, those that can be used are in your backup."
        }
        (0, _, 0) => "Your backup had all of these keys already.",
        (0, 0, _) => "None of this file's keys can be used. Your backup is as it was.",
        (0, ..) => "Your backup had these keys already. The others cannot be used.",
        (_, _, 0) => "The keys of this file are in your backup.",
        _ => "The keys of this file that can be used are in your backup.",
    };
    let row = |(name, number): (&'static str, u64)| {
        el("tr")
            .child(el("th").attr("scope", "row").text(name).view())
            .child(el("td").text(thousands(number)).view())
            .view()
    };
    let rows = [
        ("New", new),
        ("Better than what was there", better),
        ("Already there", already_there),
        ("Not usable", unreadable),
    ];
    let rows = rows.into_iter().filter(|(name, number)| *number > 0 || *name == "New").map(row).collect();
    let in_all = [&*count(in_file, "key"), " in the file, for ", &count(rooms, "room"), "."].concat();
    let mut views = vec![
        el("p").class("lead").attr("role", "status").text(lead).view(),
        p([&*in_all, " Your backup now holds ", &thousands(room_keys), "."].concat()),
        el("table").child(el("tbody").all(rows).view()).view(),
    ];
    if locked > 0 {
        views.push(p(locked_words(locked)));
    }
    if unreadable > 0 {
        views.push(quiet(
            "What is not usable was no key, or contradicts a key of your backup. That one stays.",
        ));
    }
    views
}
