//! How to set up backup inside one's app instead.

use askama::Template;

use super::{Build, Frame, Language, Made};
use crate::{
    domain::apps::{
        in_app::{self, WALKS},
        messages::MESSAGES,
        walks::{self, Spot, WARNING},
    },
    drawings::{Drawing, places::drawing},
    words,
};

const NAME: &str = "in-app";

#[derive(Template)]
#[template(path = "in_app.html", config = "src/pages/askama.toml")]
struct Page<'a> {
    frame: Frame<'a>,
    walks: Vec<Walk>,
    warning: Vec<Piece>,
    messages: Vec<Message>,
}

/// A walk through an app, in the language that is spoken.
pub(super) struct Walk {
    id: &'static str,
    title: &'static str,
    recognise: Vec<Piece>,
    seen: String,
    steps: Vec<Step>,
    lacks: Vec<&'static str>,
}

struct Step {
    text: Vec<Piece>,
    drawing: Option<&'static Drawing>,
    place: &'static str,
    labels: Vec<Label>,
}

struct Label {
    text: &'static str,
    /// The English label, where it is another one: many people's apps are in English.
    english: Option<&'static str>,
}

struct Message {
    shown: Vec<Piece>,
    meaning: &'static str,
}

/// A piece of a text that quotes labels.
pub(super) struct Piece {
    pub(super) text: &'static str,
    pub(super) is_label: bool,
}

/// Returns every walk in the language that is spoken.
pub(super) fn walks() -> Vec<Walk> {
    WALKS.iter().map(walk).collect()
}

fn walk(walk: &in_app::Walk) -> Walk {
    let step = |step: &in_app::Step| Step {
        text: pieces((step.text)()),
        drawing: step.spot.map(drawing),
        place: step.spot.map_or("", Spot::words),
        labels: step.labels.iter().map(|label| Label { text: label(), english: None }).collect(),
    };
    Walk {
        id: walk.id,
        title: (walk.title)(),
        recognise: pieces((walk.recognise)()),
        seen: words::app_steps_labels_from((walk.seen)()),
        steps: walk.steps.iter().map(step).collect(),
        lacks: walk.lacks.iter().map(|lack| lack()).collect(),
    }
}

/// Makes the page. `in_english`: the same walks in English.
pub(super) fn page(build: &Build, language: &Language, in_english: &[Walk]) -> Result<Made, askama::Error> {
    let mut walks = self::walks();
    let steps = walks.iter_mut().flat_map(|walk| &mut walk.steps);
    for (step, english) in steps.zip(in_english.iter().flat_map(|walk| &walk.steps)) {
        for (label, english) in step.labels.iter_mut().zip(&english.labels) {
            label.english = Some(english.text).filter(|english| *english != label.text);
        }
    }
    let messages = MESSAGES.iter();
    let page = Page {
        frame: Frame {
            build,
            language,
            name: NAME,
            title: words::link_do_it_in_your_app(),
            description: words::pages_in_app_lead(),
        },
        walks,
        warning: pieces(WARNING()),
        messages: messages
            .map(|message| Message { shown: pieces((message.shown)()), meaning: (message.meaning)() })
            .collect(),
    };
    Ok(Made { file: [NAME, "-", &language.tag, ".html"].concat(), html: page.render()? })
}

/// Takes a text apart at its labels.
pub(super) fn pieces(text: &'static str) -> Vec<Piece> {
    walks::pieces(text).map(|(text, is_label)| Piece { text, is_label }).collect()
}
