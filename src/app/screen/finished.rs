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
            keys_elsewhere::keys_elsewhere,
            kit::after_the_move,
            proved_lines::proved_lines,
            six_lines::six_lines,
            unused_keys::unused_keys,
        },
    },
    domain::problem::Problem,
    guide::{
        Harvest, Input, Outcome,
        done::{Copy, Verdict},
        verdict::Sentence,
    },
};

/// Says what the person has now, and what to do after the move.
pub fn screen(conductor: Conductor, outcome: &Outcome, trouble: Option<&Problem>) -> AnyView {
    let Sentence { title, lead } = Sentence::at_the_end(outcome);
    let mut views = vec![match trouble {
        Some(_) => heading("This page could not sign itself out"),
        None => heading([title, ". This page has signed itself out"].concat()),
    }];
    if let Some(problem) = trouble {
        views.extend([
            p("A device called “Key backup page (temporary)” is still in your account. Try again, or remove it in your app's settings."),
            try_again(conductor, problem),
        ]);
    }
    let has_app = outcome.harvest().is_some_and(|harvest| harvest.visit.has_app());
    let warns = !outcome.may_close() && has_app && outcome.verdict() != Some(Verdict::Untidy);
    views.push(if warns { el("p").class("warning").text(lead).view() } else { say("p", "lead", lead) });
    if trouble.is_none() && outcome.may_close() {
        views.push(p("You can close this tab now."));
    }
    views.push(unused_keys(conductor));
    if matches!(outcome, Outcome::Checked(_)) {
        views.push(p("Nothing in your account was changed."));
    }
    match outcome {
        Outcome::NothingChanged | Outcome::Changed(None) => {
            let again = button(Look::Plain, "Start again", conductor.on(|| Input::Began));
            views.push(actions(vec![again]));
        }
        Outcome::Checked(harvest) | Outcome::Changed(Some(harvest)) => {
            views.extend([h2("What we checked"), proved_lines(&harvest.proved)]);
        }
        Outcome::BackupOn(harvest) => views.extend(holding(harvest)),
        Outcome::Done(harvest) => views.extend(six(harvest, trouble.is_none())),
    }
    if outcome.verdict() == Some(Verdict::Lost) {
        views.extend(keys_elsewhere());
    }
    all(views)
}

/// Draws what a person has once backup is on.
fn holding(harvest: &Harvest) -> [AnyView; 7] {
    let mut have = vec!["A recovery key that opens your backup. Keep it safe."];
    if harvest.proved.phrase_opens {
        have.push("A security phrase that opens it, too.");
    }
    have.push(if harvest.visit.has_app() {
        "A backup that your app fills once it has the recovery key."
    } else {
        "A backup that your next app fills once it has the recovery key."
    });
    [
        picture(&PAPER_AND_SAFE),
        h2("What you have now"),
        points(&have),
        h2("After the move"),
        points(&after_the_move(Copy::of(harvest).has_keys())),
        h2("What we checked"),
        proved_lines(&harvest.proved),
    ]
}

/// Draws the six lines, and says what is still open.
fn six(harvest: &Harvest, signed_out: bool) -> Vec<AnyView> {
    let mut views = Vec::new();
    let verdict = Verdict::of(harvest);
    if verdict == Verdict::Untidy {
        views.push(p("They are called “Key backup page (temporary)”, and open nothing. If they are still there, remove them in your app's settings."));
    } else if !verdict.is_safe() && harvest.visit.has_app() {
        views.push(p("Come back when you can, and enter your recovery key: we then look again."));
    }
    views.extend([six_lines(harvest, signed_out, None), p(reach_words(harvest))]);
    let after = after_the_move(Copy::of(harvest).has_keys());
    views.extend([picture(&PAPER_AND_SAFE), h2("After the move"), points(&after)]);
    views
}
