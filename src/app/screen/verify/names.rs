//! The names of the apps that can answer.

use leptos::prelude::*;

use crate::{
    app::part::element::{Element, all, el, say},
    domain::account::Device,
    guide::Visit,
    words,
};

/// Number of apps that a sentence names.
const NAMED: usize = 3;

/// Returns the names of the apps that can answer: those that are verified, or those that are not.
///
/// If the page gives the key and every app is verified, one of them may want it, too.
pub fn who_can_answer(visit: &Visit, receives: bool) -> Vec<String> {
    let named = |verified: bool| -> Vec<String> {
        let these = visit.account.apps().filter(|device| device.verified == verified);
        let name = |device: &Device| {
            device.name.clone().unwrap_or_else(|| words::verify_names_an_app_without_a_name().to_owned())
        };
        these.map(name).collect()
    };
    let first = named(receives);
    if first.is_empty() && !receives { named(true) } else { first }
}

/// Names one of these apps in a sentence: "A, B or C".
pub fn one_of(names: &[String]) -> AnyView {
    if names.is_empty() || names.len() > NAMED {
        return say("span", "", words::verify_names_one_of_your_apps());
    }
    let last = names.len() - 1;
    let line = names.iter().enumerate().fold(None, |line: Option<Element>, (at, name)| {
        let name = say("bdi", "host", name.as_str());
        match line {
            Some(line) if at == last => Some(line.sentence(words::verify_names_or(), vec![("other", name)])),
            line => Some(with_comma(line, name)),
        }
    });
    line.map_or_else(|| all(Vec::new()), Element::view)
}

/// Adds a name to a list of names in a sentence.
pub fn with_comma(line: Option<Element>, name: AnyView) -> Element {
    match line {
        None => el("span").child(name),
        // The first part of this text stands in the line already: it is the same in every language that it comes first.
        Some(line) => line.sentence(words::verify_names_comma(), vec![("other", name)]),
    }
}
