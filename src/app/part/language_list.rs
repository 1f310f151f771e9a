//! The list of the page's languages, each by its own name.

use gloo::utils::document;
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;

use super::{
    element::{all, el},
    focus::focus_at_last,
};
use crate::{app::language, words};

/// `id` of the list.
const ID: &str = "language";

/// Draws the list; nothing where there is one language only.
pub fn language_list() -> AnyView {
    let (languages, now) = (language::all(), language::tag());
    if languages.len() < 2 {
        return all(Vec::new());
    }
    let option = |[tag, name]: &[String; 2]| {
        let option = el("option").attr("value", &**tag).attr("lang", &**tag).text(&**name);
        if *tag == now { option.attr("selected", "").view() } else { option.view() }
    };
    let list = el("select")
        .attr("id", ID)
        .attr("aria-label", words::language_list_language())
        .on("change", |event| {
            let list = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
            if let Some(list) = list {
                spawn_local(async move {
                    language::choose(list.value()).await;
                    // The page may have been drawn anew, or its texts did not come: the list says what is so.
                    let drawn = document().get_element_by_id(ID);
                    if let Some(drawn) = drawn.and_then(|drawn| drawn.dyn_into::<HtmlSelectElement>().ok()) {
                        drawn.set_value(&language::tag());
                    }
                    // Whoever looks through the languages stays at the list, and not at what a new screen begins with.
                    focus_at_last(ID);
                });
            }
        })
        .all(languages.iter().map(option).collect());
    el("p").class("languages").child(list.view()).view()
}
