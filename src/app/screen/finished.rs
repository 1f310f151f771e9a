//! The page has signed itself out: the last thing that a person sees, and so what they remember.

use leptos::prelude::*;

use super::{coverage::reach_words, try_again};
use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, button},
            element::{all, el, p, say},
            heading::heading,
            illustration::{TICK, picture},
            keys_elsewhere::keys_elsewhere,
            proved_lines::proved_lines,
            six_lines::six_lines,
            to_remember::to_remember,
            unused_keys::unused_keys,
        },
    },
    domain::problem::Problem,
    guide::{Harvest, Input, Outcome, done::Verdict, verdict::Sentence},
    words,
};

/// Says how the visit ended and what to remember; the rest is folded.
pub fn screen(conductor: Conductor, outcome: &Outcome, trouble: Option<&Problem>) -> AnyView {
    let Sentence { title, lead } = Sentence::at_the_end(outcome);
    let is_safe = outcome.verdict().is_some_and(Verdict::is_safe) && trouble.is_none();
    let mut views = Vec::new();
    if is_safe {
        views.push(el("p").class("success").child(picture(&TICK)).view());
    }
    views.push(match trouble {
        Some(_) => heading(words::finished_this_page_could_not_sign()),
        None => heading(words::finished_signed_out(title)),
    });
    if let Some(problem) = trouble {
        views.extend([p(words::finished_a_device_called_key_backup()), try_again(conductor, problem)]);
    }
    let has_app = outcome.harvest().is_some_and(|harvest| harvest.visit.has_app());
    let warns = !outcome.may_close() && has_app && outcome.verdict() != Some(Verdict::Untidy);
    views.push(if warns { el("p").class("warning").text(lead).view() } else { say("p", "lead", lead) });
    views.push(unused_keys(conductor));
    // The heading has said it, unless a verdict was more important.
    if matches!(outcome, Outcome::Checked(_)) && outcome.verdict() != Some(Verdict::Unchecked) {
        views.push(p(words::finished_nothing_in_your_account_was()));
    }
    views.extend(rest(conductor, outcome, trouble.is_none()));
    if trouble.is_none() && outcome.may_close() {
        views.push(p(words::finished_you_can_close_this_tab()));
    }
    all(views)
}

/// Draws what the person has now, by the way on which they left.
fn rest(conductor: Conductor, outcome: &Outcome, signed_out: bool) -> Vec<AnyView> {
    let mut views = match outcome {
        Outcome::NothingChanged | Outcome::Changed(None) => {
            vec![actions(vec![button(
                Look::Plain,
                words::finished_start_again(),
                conductor.on(|| Input::Began),
            )])]
        }
        Outcome::Checked(harvest) | Outcome::Changed(Some(harvest)) => vec![proved_lines(harvest.proved())],
        Outcome::BackupOn(harvest) => vec![to_remember(conductor, harvest), proved_lines(harvest.proved())],
        Outcome::Done(harvest) => six(conductor, harvest, signed_out),
    };
    if outcome.verdict() == Some(Verdict::Lost) {
        views.extend(keys_elsewhere());
    }
    views
}

/// Draws the lines to remember, and says what is still open.
fn six(conductor: Conductor, harvest: &Harvest, signed_out: bool) -> Vec<AnyView> {
    let mut views = Vec::new();
    let verdict = Verdict::of(harvest);
    if verdict == Verdict::Untidy {
        views.push(p(words::finished_they_are_called_key_backup()));
    } else if !verdict.is_safe() && harvest.visit.has_app() {
        views.push(p(words::finished_come_back_when_you_can()));
    }
    views.push(to_remember(conductor, harvest));
    let lines = [six_lines(harvest, signed_out, None), p(reach_words(harvest))];
    if verdict.is_safe() {
        let folded = el("details").child(say("summary", "", words::finished_what_we_checked()));
        views.push(folded.all(lines.into()).view());
    } else {
        views.extend(lines);
    }
    views
}
