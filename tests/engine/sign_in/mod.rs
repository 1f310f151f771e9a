//! Signs in on a page of the server's, and again after the server has signed this page out.

mod again;
mod asked_for;
mod oauth;
mod single_sign_on;

use matrixbackup::{
    domain::{account, problem::Problem, secret::Secret, sign_in::Door},
    protocol::messages::{Command, Event},
};

use crate::support::{front::Front, visit::Visit};

/// The address of this page's callback; no test opens it.
const CALLBACK: &str = "https://backup.example.org/page/callback.html";

fn single_sign_on() -> Door {
    Door::SingleSignOn { provider: None }
}

/// Asks for the page on which to sign in; returns its address.
async fn authorize(visit: &mut Visit, front: &Front, door: Door, user_id: Option<&str>) -> String {
    let (base_url, callback) = (front.url.clone(), CALLBACK.to_owned());
    let user_id = user_id.map(ToOwned::to_owned);
    let events = visit.tell(Command::Authorize { base_url, door, user_id, callback }).await;
    let [Event::Authorize { address }] = &events[..] else { panic!("{events:?}") };
    address.as_str().to_owned()
}

async fn authorized(visit: &mut Visit, answer: &str) -> Vec<Event> {
    visit.tell(Command::Authorized { answer: Secret::from(answer) }).await
}

/// Signs in through a door; returns the events.
async fn enter(visit: &mut Visit, front: &Front, door: Door) -> Vec<Event> {
    let address = authorize(visit, front, door.clone(), None).await;
    let answer = match door {
        Door::OAuth(_) => front.sign_in_with_oauth(&address),
        Door::SingleSignOn { .. } => front.sign_in_with_sso(&address),
    };
    authorized(visit, &answer).await
}

/// Returns the facts of a sign-in that succeeded. A farewell may be told before them.
fn let_in(events: &[Event]) -> account::Account {
    let told_early = matches!(events[0], Event::Farewell(_));
    match &events[usize::from(told_early)..] {
        [Event::SignedIn { .. }, Event::Looked(facts)] => facts.clone(),
        events => panic!("{events:?}"),
    }
}

fn failed(problem: Problem) -> [Event; 1] {
    [Event::Failed(problem)]
}
