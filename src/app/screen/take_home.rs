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
            number::clock,
            phrase_entry::{PhraseEntry, phrase_entry},
            progress::{progress, stop},
            six_lines::unread_words,
        },
    },
    domain::{key_file::TakenHome, secret::Secret},
    guide::{CopyHome, Course, Input, Step, step, verdict::copy_words},
    words,
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
                progress(conductor, words::take_home_making_the_copy(), words::progress_keys),
                stop(conductor, words::take_home_nothing_is_changed_on_your()),
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
    all(vec![heading(words::take_home_take_a_copy_home()), trouble, keyed(key, draw)])
}

fn asking(conductor: Conductor, user_id: &str) -> AnyView {
    let entry = PhraseEntry {
        kind: Kind::FilePassphrase,
        login: login(user_id, Filed::KeyFile),
        label: words::take_home_passphrase_for_the_file(),
        hint: words::take_home_a_new_one_for_this(),
        shown: true,
        focus: false,
        button: words::take_home_make_the_copy(),
        proposed: words::take_home_six_random_words_write_them(),
        chose: Input::GavePassphrase,
    };
    all(vec![
        say("p", "lead", words::take_home_if_your_server_loses_its()),
        picture(&PAPER_AND_SAFE),
        more(
            words::take_home_what_is_in_the_file(),
            &[words::take_home_it_covers_messages_up_to(), words::take_home_any_matrix_app_that_can()],
        ),
        phrase_entry(conductor, entry),
        actions(vec![button(
            Look::Link,
            words::take_home_go_on_without_a_copy(),
            conductor.on(|| Input::WentOn),
        )]),
    ])
}

fn made(conductor: Conductor, taken: TakenHome, passphrase: Option<&Secret>) -> AnyView {
    let TakenHome { room_keys, rooms, unreadable, bytes: _, at_ms } = taken;
    if room_keys == 0 {
        let mut views = vec![el("p").class("warning").attr("role", "status").text(copy_words(0)).view()];
        if unreadable > 0 {
            views.push(p(unread_words(unreadable)));
        }
        views.push(actions(vec![button(
            Look::Primary,
            words::take_home_go_on(),
            conductor.on(|| Input::WentOn),
        )]));
        return all(views);
    }
    let mut views = vec![
        el("p").class("good").attr("role", "status").child(picture(&TICK)).text(copy_words(room_keys)).view(),
        p(words::take_home_it_has_keys(room_keys, rooms, &clock(at_ms))),
    ];
    if unreadable > 0 {
        views.push(el("p").class("warning").text(unread_words(unreadable)).view());
    }
    views.extend(passphrase.map(|passphrase| {
        el("details")
            .child(say("summary", "", words::take_home_show_its_passphrase_once_more()))
            .child(say("p", "numbers", passphrase.expose()))
            .view()
    }));
    views.extend([
        points(&[
            words::take_home_keep_the_file_matrix_keys(),
            words::take_home_keep_its_passphrase_somewhere_else(),
        ]),
        actions(vec![
            button(Look::Primary, words::take_home_go_on(), conductor.on(|| Input::WentOn)),
            button(Look::Plain, words::take_home_save_again(), conductor.on(|| Input::WantedCopy)),
        ]),
        more(
            words::take_home_not_there_how_to_use(),
            &[words::take_home_if_your_browser_asked_where(), words::take_home_to_use_it_choose_import()],
        ),
    ]);
    all(views)
}

/// Folds what few people need at that moment.
fn more(summary: &'static str, texts: &[&'static str]) -> AnyView {
    el("details").class("fold").child(say("summary", "", summary)).child(points(texts)).view()
}
