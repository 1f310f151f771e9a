//! Every screen from its fixture, chosen by the address's fragment: for tests and for looking.

use gloo::{events::EventListener, utils::window};
use leptos::{mount::mount_to, prelude::*};
use matrixbackup::app::{conductor::Conductor, fixture::fixtures, frame::Frame, place};

fn main() {
    console_error_panic_hook::set_once();
    // Another fixture is another page: nothing of the last one is left.
    EventListener::new(&window(), "hashchange", |_| {
        let _ = window().location().reload();
    })
    .forget();
    let Some(place) = place() else { return };
    let wanted = window().location().hash().unwrap_or_default();
    let wanted = wanted.trim_start_matches('#').to_owned();
    mount_to(place, move || match fixtures().into_iter().find(|(name, _)| *name == wanted) {
        Some((_, guide)) => view! { <Frame conductor=Conductor::still(guide) /> }.into_any(),
        None => view! { <List /> }.into_any(),
    })
    .forget();
}

/// The names of all fixtures.
#[component]
fn List() -> impl IntoView {
    view! {
        <main data-step="gallery">
            <h1>"All screens"</h1>
            <ul>
                {fixtures()
                    .into_iter()
                    .map(|(name, _)| view! { <li><a href=format!("#{name}")>{name}</a></li> })
                    .collect_view()}
            </ul>
        </main>
    }
}
