//! The page has signed itself out.

use leptos::prelude::*;

use super::{coverage::reach_words, try_again};
use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, button},
            element::{all, el, h2, p, points, say},
            heading::heading,
            illustration::{PAPER_AND_SAFE, picture},
            kit::AFTER_THE_MOVE,
            proved_lines::proved_lines,
            six_lines::six_lines,
        },
    },
    domain::{problem::Problem, proved::Proved},
    guide::{Harvest, Input, Outcome, done::Verdict},
};

/// Says what the person has now, and what to do after the move.
pub fn screen(conductor: Conductor, outcome: &Outcome, trouble: Option<&Problem>) -> AnyView {
    let title = match (outcome, trouble) {
        (_, Some(_)) => "This page could not sign itself out",
        (Outcome::NothingChanged, None) => "This page has signed itself out. Nothing was changed",
        (Outcome::Checked(_), None) => "Your key works. This page changed nothing and has signed itself out",
        (Outcome::Changed(_), None) => "Your changes are made, and this page has signed itself out",
        (Outcome::Done(harvest), None) => match Verdict::of(harvest) {
            Verdict::Safe(reach) if reach.is_everything() => "You're safe. This page has signed itself out",
            Verdict::Safe(_) => "You're safe, as far as we looked. This page has signed itself out",
            Verdict::Gaps => "Not safe yet. This page has signed itself out",
            Verdict::Untidy => "Your chats are safe. This page has signed itself out",
            Verdict::Unchecked | Verdict::Almost => "Almost there. This page has signed itself out",
        },
        (Outcome::BackupOn(_), None) => "Backup is on, and this page has signed itself out",
    };
    let mut views = vec![heading(title)];
    match trouble {
        Some(problem) => views.extend([
            p("A device called “Key backup page (temporary)” is still in your account. Try again, or remove it in your app's settings."),
            try_again(conductor, problem),
        ]),
        // A warning comes first here (`six`), and nothing invites the person to close the tab.
        None if matches!(outcome, Outcome::Done(harvest) if !Verdict::of(harvest).is_safe()) => {}
        None => views.push(p("You can close this tab now.")),
    }
    match outcome {
        Outcome::NothingChanged => views.extend([
            p("Your account is as it was. Your apps hold their keys as before. You can come back at any time."),
            actions(vec![button(Look::Plain, "Start again", conductor.on(|| Input::Began))]),
        ]),
        Outcome::Changed(None) => views.extend([
            p("Not everything fits yet. Do not sign out of your app, and come back when you can."),
            actions(vec![button(Look::Plain, "Start again", conductor.on(|| Input::Began))]),
        ]),
        Outcome::Checked(proved) | Outcome::Changed(Some(proved)) => {
            views.extend([h2("What we checked"), proved_lines(proved)]);
        }
        Outcome::BackupOn(proved) => views.extend(holding(proved)),
        Outcome::Done(harvest) => views.extend(six(harvest, trouble.is_none())),
    }
    all(views)
}

/// Draws what a person has once backup is on.
fn holding(proved: &Proved) -> [AnyView; 8] {
    let mut have = vec!["A recovery key that opens your backup. Keep it safe."];
    if proved.phrase_opens {
        have.push("A security phrase that opens it, too.");
    }
    have.push("A backup that your app fills once it has the recovery key.");
    [
        picture(&PAPER_AND_SAFE),
        h2("What you have now"),
        points(&have),
        h2("After the move"),
        points(&AFTER_THE_MOVE),
        el("p")
            .class("warning")
            .child(say("strong", "", "Until then, stay signed in to your app."))
            .text(" It holds the keys to your old messages until you have given it the recovery key.")
            .view(),
        h2("What we checked"),
        proved_lines(proved),
    ]
}

/// Draws the six lines, and says what is still open.
fn six(harvest: &Harvest, signed_out: bool) -> Vec<AnyView> {
    let mut views = Vec::new();
    let verdict = Verdict::of(harvest);
    if verdict == Verdict::Untidy {
        views.push(p("Devices called “Key backup page (temporary)” are still in your account. They open nothing: remove them in your app's settings."));
    } else if !verdict.is_safe() {
        views.push(
            el("p")
                .class("warning")
                .child(say("strong", "", "Stay signed in to your app."))
                .text(" Come back when you can, and enter your recovery key: we then look again.")
                .view(),
        );
    }
    views.extend([six_lines(harvest, signed_out, &|_| None), p(reach_words(harvest))]);
    views.extend([picture(&PAPER_AND_SAFE), h2("After the move"), points(&AFTER_THE_MOVE)]);
    views
}
