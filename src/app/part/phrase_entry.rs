//! The entry of a phrase that the person makes up, with a judgement of how hard it is to guess.

use leptos::prelude::*;

use super::{
    button::{Look, actions, button, form, live_button, live_submit},
    element::{all, at_times, el, keyed, quiet, status},
    field::{Field, Kind, text_in, write_in},
    notice::words,
};
use crate::{
    app::{conductor::Conductor, keep, language},
    domain::{
        passphrase::{Judgement, LEAST_SCORE, Refusal},
        problem::Words,
        secret::Secret,
    },
    guide::{Draft, Input, Step, step},
    words,
};

/// Differences between the screens that ask for a phrase.
pub struct PhraseEntry {
    /// Purpose of the field.
    pub kind: Kind,
    /// The [`super::login`] field, by which password managers name the phrase.
    pub login: AnyView,
    /// Label of the field.
    pub label: &'static str,
    /// Text that helps to fill it in.
    pub hint: &'static str,
    /// Shows what is typed from the beginning.
    pub shown: bool,
    /// Gives the field the focus.
    pub focus: bool,
    /// Text of the button.
    pub button: &'static str,
    /// Text beside a phrase that was proposed.
    pub proposed: &'static str,
    /// Makes the input by which the person goes on with the phrase.
    pub chose: fn(Secret) -> Input,
}

fn draft(step: &Step) -> Option<Draft> {
    match step {
        Step::Phrase(step::Phrase { draft, .. }) | Step::TakeHome(step::TakeHome { draft, .. }) => {
            Some(draft.clone())
        }
        _ => None,
    }
}

/// Draws the field, the judgement, and a button that proposes a phrase.
pub fn phrase_entry(conductor: Conductor, entry: PhraseEntry) -> AnyView {
    let PhraseEntry { kind, login, label, hint, shown, focus, button: text, proposed: note, chose } = entry;
    let (shown, pressed, copied) = (RwSignal::new(shown), RwSignal::new(false), RwSignal::new(false));
    let changed = RwSignal::new(false);
    let draft = move || conductor.ask(Draft::default(), draft);
    Effect::new(move |before: Option<Option<Secret>>| {
        let proposed = draft().suggestion;
        if let Some(phrase) = &proposed
            && before.is_none_or(|before| before.as_ref() != Some(phrase))
        {
            write_in(kind, phrase.expose());
            shown.set(true);
            copied.set(false);
            changed.set(false);
        }
        proposed
    });
    let typed = move |_| {
        pressed.set(false);
        changed.set(true);
        conductor.input(Input::TypedPhrase(Secret::new(text_in(kind))));
    };
    let send = move || {
        pressed.set(true);
        conductor.input(chose(Secret::new(text_in(kind))));
    };
    let copy = Callback::new(move |()| {
        if let Some(phrase) = untrack(draft).suggestion {
            keep::copy(phrase.expose(), move |done| copied.set(done));
        }
    });
    let proposed = move || draft().suggestion.is_some();
    let field = Field {
        hint,
        focus,
        error: Box::new(move || {
            refusal(pressed.get(), draft().judgement.as_ref(), text_in(kind).trim().is_empty())
        }),
        shown,
        ..Field::new(kind, label)
    };
    form(
        send,
        vec![
            login,
            el("div").on("input", typed).child(field.view()).view(),
            strength(move || draft().judgement),
            numbered(move || draft().suggestion.filter(|_| !changed.get())),
            actions(buttons(conductor, text, copy)),
            of_english(),
            status(either(proposed, note, "")),
            status(either(move || copied.get(), words::phrase_entry_copied(), "")),
        ],
    )
}

/// Says in other languages what is English here: the words that are proposed, and those that the judge knows.
fn of_english() -> AnyView {
    if language::is_english() { all(Vec::new()) } else { quiet(words::phrase_entry_of_english()) }
}

/// Draws the button `text` that goes on, and those that propose a phrase and copy it.
fn buttons(conductor: Conductor, text: &'static str, copy: Callback<()>) -> Vec<AnyView> {
    let draft = move || conductor.ask(Draft::default(), draft);
    let choosing = move || draft().choosing.is_some();
    let proposed = move || draft().suggestion.is_some();
    vec![
        live_submit(either(choosing, words::phrase_entry_checking_it(), text), choosing),
        live_button(
            Look::Plain,
            either(proposed, words::phrase_entry_suggest_another(), words::phrase_entry_suggest_one()),
            || false,
            conductor.on(|| Input::WantedSuggestion),
        ),
        at_times(proposed, move || button(Look::Plain, words::phrase_entry_copy_the_words(), copy)),
    ]
}

/// Draws the words of a proposed phrase as a numbered list, which is easier to write down than a line that does not fit.
fn numbered(proposed: impl Fn() -> Option<Secret> + Copy + Send + Sync + 'static) -> AnyView {
    let text = move || proposed().map(|phrase| phrase.expose().to_owned()).unwrap_or_default();
    let draw = move || {
        let words: Vec<_> = text().split_whitespace().map(|word| el("li").text(word).view()).collect();
        let list = el("ol").class("words").attr("lang", "en").attr("translate", "no");
        if words.is_empty() { all(words) } else { list.all(words).view() }
    };
    keyed(text, draw)
}

fn either(
    is: impl Fn() -> bool + Send + 'static,
    yes: &'static str,
    no: &'static str,
) -> impl Fn() -> String + Send {
    move || if is() { yes } else { no }.to_owned()
}

/// Draws the judgement as a bar and in words.
fn strength(judgement: impl Fn() -> Option<Judgement> + Copy + Send + 'static) -> AnyView {
    // Beside the reason why a phrase must not be used, nothing says that it is good.
    let judgement = move || judgement().filter(|judgement| judgement.refusal.is_none());
    let score = move || match judgement().map_or(0, |judgement| judgement.score) {
        0 => Some("0"),
        1 => Some("1"),
        2 => Some("2"),
        3 => Some("3"),
        _ => Some("4"),
    };
    let said = move || match judgement() {
        Some(judgement) => [strength_words(judgement.score), " ", &judgement.reason].concat(),
        None => String::new(),
    };
    let meter = [("min", "0"), ("max", "4"), ("low", "2"), ("high", "3.5"), ("optimum", "4")]
        .into_iter()
        .fold(el("meter"), |meter, (name, value)| meter.attr(name, value))
        .attr("aria-label", words::phrase_entry_how_hard_the_phrase_is())
        .live_attr("value", score);
    el("div").class("strength").child(meter.view()).child(status(said)).view()
}

fn strength_words(score: u8) -> &'static str {
    match score {
        0 => words::phrase_entry_can_be_guessed_instantly(),
        1 => words::phrase_entry_very_easy_to_guess(),
        2 => words::phrase_entry_still_easy_to_guess(),
        3 => words::phrase_entry_not_strong_enough_yet(),
        _ => words::phrase_entry_strong_enough(),
    }
}

/// Says why the phrase cannot be used. Something that it must not be is refused at once, a weak phrase only
/// when the person wants to go on.
fn refusal(pressed: bool, judgement: Option<&Judgement>, empty: bool) -> Option<Words> {
    let Some(judgement) = judgement else {
        return (pressed && empty).then(|| {
            words(words::phrase_entry_enter_a_phrase(), words::phrase_entry_or_let_us_suggest_one())
        });
    };
    match judgement.refusal {
        Some(Refusal::AccountPassword) => Some(words(
            words::phrase_entry_your_account_password_is_in(),
            words::phrase_entry_choose_something_else_whoever_learns(),
        )),
        Some(Refusal::UserId) => Some(words(
            words::phrase_entry_this_is_your_user_name(),
            words::phrase_entry_everybody_knows_it_choose_something(),
        )),
        Some(Refusal::ServerName) => Some(words(
            words::phrase_entry_this_is_your_servers_name(),
            words::phrase_entry_everybody_knows_it_choose_something(),
        )),
        Some(Refusal::RecoveryKey) => Some(words(
            words::phrase_entry_this_is_a_recovery_key(),
            words::phrase_entry_choose_words_instead_or_let(),
        )),
        Some(Refusal::OuterSpace) => Some(words(
            words::phrase_entry_the_phrase_begins_or_ends(),
            words::phrase_entry_nobody_can_see_that_later(),
        )),
        Some(Refusal::Invisible) => Some(words(
            words::phrase_entry_there_is_a_character_in(),
            words::phrase_entry_another_keyboard_may_leave_it(),
        )),
        // Each key that is pressed asks again, and so does the button.
        Some(Refusal::NotEstimated) => pressed.then(|| {
            words(words::phrase_entry_we_cant_tell_how_hard(), words::phrase_entry_a_part_of_this_page())
        }),
        Some(Refusal::NotForThisHost) => Some(words(
            words::phrase_entry_this_phrase_is_good_but(),
            words::phrase_entry_add_a_few_more_unusual(),
        )),
        Some(Refusal::TooShort { least }) => Some(words(
            words::phrase_entry_too_short(least.into()),
            words::phrase_entry_add_a_few_more_words(),
        )),
        None if pressed && judgement.score < LEAST_SCORE => Some(words(
            words::phrase_entry_this_phrase_is_too_easy(),
            words::phrase_entry_add_a_few_more_unusual(),
        )),
        None => None,
    }
}
