//! A copy of the whole backup, as a file that the person keeps.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, button},
            element::{all, el, keyed, p, points, say},
            field::Kind,
            heading::heading,
            illustration::{PAPER_AND_SAFE, TICK, picture},
            login::{Filed, login},
            notice::{notice, words_of},
            number::{clock, count},
            phrase_entry::{PhraseEntry, phrase_entry},
            progress::{progress, stop},
            six_lines::unread_words,
        },
    },
    domain::{key_file::TakenHome, secret::Secret},
    guide::{CopyHome, Course, Input, Step, step, verdict::copy_words},
};

/// Says why, asks for a passphrase, shows the progress, and says what is in the file.
pub fn screen(conductor: Conductor) -> AnyView {
    let key = move || {
        conductor.ask(String::new(), |step| match step {
            Step::TakeHome(step::TakeHome { course: Course::Running(_), .. }) => Some("making".to_owned()),
            Step::TakeHome(step::TakeHome { harvest, .. }) => Some(match &harvest.copy {
                CopyHome::Taken(taken) => taken.at_ms.to_string(),
                CopyHome::NotOffered | CopyHome::Declined | CopyHome::Older => "asking".to_owned(),
            }),
            _ => None,
        })
    };
    let draw = move || {
        conductor.peek(|guide| match guide.step() {
            Step::TakeHome(step::TakeHome { course: Course::Running(_), .. }) => all(vec![
                progress(conductor, "Making the copy", "keys"),
                stop(conductor, "Nothing is changed on your server."),
            ]),
            Step::TakeHome(step::TakeHome { harvest, draft, .. }) => match &harvest.copy {
                CopyHome::Taken(taken) => made(conductor, *taken, draft.suggestion.as_ref()),
                CopyHome::NotOffered | CopyHome::Declined | CopyHome::Older => {
                    asking(conductor, &harvest.visit.account.user_id)
                }
            },
            _ => all(Vec::new()),
        })
    };
    let trouble = notice("problem", Box::new(move || words_of(conductor.trouble())));
    all(vec![heading("Take a copy home"), trouble, keyed(key, draw)])
}

fn asking(conductor: Conductor, user_id: &str) -> AnyView {
    let entry = PhraseEntry {
        kind: Kind::FilePassphrase,
        login: login(user_id, Filed::KeyFile),
        label: "Passphrase for the file",
        hint: "A new one, for this file only. Not your account password.",
        shown: true,
        focus: false,
        button: "Make the copy",
        proposed: "Six random words. Write them down: without them the file cannot be opened.",
        chose: Input::GavePassphrase,
    };
    all(vec![
        say("p", "lead", "If your server loses its data, a file at home still has every key."),
        picture(&PAPER_AND_SAFE),
        more(
            "What is in the file?",
            &[
                "It covers messages up to today. Keys of later ones are in the backup only.",
                "Any Matrix app that can import keys opens it, with the passphrase.",
            ],
        ),
        phrase_entry(conductor, entry),
        actions(vec![button(Look::Link, "Go on without a copy", conductor.on(|| Input::WentOn))]),
    ])
}

fn made(conductor: Conductor, taken: TakenHome, passphrase: Option<&Secret>) -> AnyView {
    let TakenHome { room_keys, rooms, unreadable, bytes: _, at_ms } = taken;
    let what = [
        "It has ",
        &count(room_keys, "key"),
        " of ",
        &count(rooms, "room"),
        ", read back at ",
        &clock(at_ms),
        ".",
    ];
    if room_keys == 0 {
        let mut views = vec![el("p").class("warning").attr("role", "status").text(copy_words(0)).view()];
        if unreadable > 0 {
            views.push(p(unread_words(unreadable)));
        }
        views.push(actions(vec![button(Look::Primary, "Go on", conductor.on(|| Input::WentOn))]));
        return all(views);
    }
    let mut views = vec![
        el("p").class("good").attr("role", "status").child(picture(&TICK)).text(copy_words(room_keys)).view(),
        p(what.concat()),
    ];
    if unreadable > 0 {
        views.push(el("p").class("warning").text(unread_words(unreadable)).view());
    }
    views.extend(passphrase.map(|passphrase| {
        el("details")
            .child(say("summary", "", "Show its passphrase once more"))
            .child(say("p", "numbers", passphrase.expose()))
            .view()
    }));
    views.extend([
        points(&[
            "Keep the file “matrix-keys…” with your important files.",
            "Keep its passphrase somewhere else. Nothing opens the file without it.",
        ]),
        actions(vec![
            button(Look::Primary, "Go on", conductor.on(|| Input::WentOn)),
            button(Look::Plain, "Save again", conductor.on(|| Input::WantedCopy)),
        ]),
        more(
            "Not there? How to use it",
            &[
                "If your browser asked where to save it and you said no, choose “Save again”.",
                "To use it, choose “Import keys” in your app, or come back here.",
            ],
        ),
    ]);
    all(views)
}

/// Folds what few people need at that moment.
fn more(summary: &'static str, texts: &[&'static str]) -> AnyView {
    el("details").class("fold").child(say("summary", "", summary)).child(points(texts)).view()
}
