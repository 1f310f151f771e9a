//! The names of the apps that can answer.

use leptos::prelude::*;

use crate::{
    app::part::element::{el, say},
    domain::account::Device,
    guide::Visit,
};

/// Number of apps that a sentence names.
const NAMED: usize = 3;

/// Returns the names of the apps that can answer: those that are verified, or those that are not.
///
/// If the page gives the key and every app is verified, one of them may want it, too.
pub fn who_can_answer(visit: &Visit, receives: bool) -> Vec<String> {
    let named = |verified: bool| -> Vec<String> {
        let these = visit.account.apps().filter(|device| device.verified == verified);
        let name =
            |device: &Device| device.name.clone().unwrap_or_else(|| "an app without a name".to_owned());
        these.map(name).collect()
    };
    let first = named(receives);
    if first.is_empty() && !receives { named(true) } else { first }
}

/// Names one of these apps in a sentence: "A, B or C".
pub fn one_of(names: &[String]) -> AnyView {
    if names.is_empty() || names.len() > NAMED {
        return say("span", "", "one of your apps");
    }
    let last = names.len() - 1;
    let line = names.iter().enumerate().fold(el("span"), |line, (at, name)| {
        let before = match at {
            0 => "",
            at if at == last => " or ",
            _ => ", ",
        };
        line.text(before).child(say("bdi", "host", name.as_str()))
    });
    line.view()
}
