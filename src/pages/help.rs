//! The sheet for those who help others: what to bring, how it goes, and what to do when it stops.

use askama::Template;

use super::{
    Build, Frame, Language, Made,
    in_app::{Piece, pieces},
};
use crate::{
    domain::{
        apps::walks::WARNING,
        problem::{self, Words},
    },
    drawings::{
        CLOSED, Drawing, KEY_AND_BOX, PAPER_AND_SAFE, SIGNING_IN, WORDS_AND_LOCK, comparing::COMPARING,
    },
    words,
};

const NAME: &str = "help";

#[derive(Template)]
#[template(path = "help.html", config = "src/pages/askama.toml")]
struct Page<'a> {
    frame: Frame<'a>,
    bring: [&'static str; 4],
    rules: Vec<Vec<Piece>>,
    steps: [Step; 6],
    problems: Vec<Words>,
}

struct Step {
    text: &'static str,
    drawing: &'static Drawing,
}

/// Makes the page.
pub(super) fn page(build: &Build, language: &Language) -> Result<Made, askama::Error> {
    let page = Page {
        frame: Frame {
            build,
            language,
            name: NAME,
            title: words::pages_help_title(),
            description: words::pages_help_lead(),
        },
        bring: [
            words::intro_your_matrix_id_and_how(),
            words::intro_your_usual_app_still_signed(),
            words::intro_a_safe_place_for_a(),
            words::intro_about_five_minutes(),
        ],
        rules: [
            words::pages_help_take_no_key(),
            words::pages_help_let_them_type(),
            words::pages_help_stay_signed_in(),
            WARNING(),
        ]
        .map(pieces)
        .into(),
        steps: steps(),
        problems: problems(),
    };
    Ok(Made { file: [NAME, "-", &language.tag, ".html"].concat(), html: page.render()? })
}

fn steps() -> [Step; 6] {
    [
        (words::pages_help_sign_in(), &SIGNING_IN),
        (words::pages_help_look(), &KEY_AND_BOX),
        (words::pages_help_save(), &PAPER_AND_SAFE),
        (words::pages_help_prove(), &WORDS_AND_LOCK),
        (words::pages_help_compare(), &COMPARING),
        (words::pages_help_done(), &CLOSED),
    ]
    .map(|(text, drawing)| Step { text, drawing })
}

/// Says each problem once, as the page says it.
fn problems() -> Vec<Words> {
    let mut said: Vec<Words> = Vec::new();
    for words in problem::examples().iter().map(problem::Problem::words) {
        if !said.iter().any(|known| known.title == words.title) {
            said.push(words);
        }
    }
    said
}
