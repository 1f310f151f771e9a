//! Whom the homeserver names for help: asked for when a screen could say it, and once.

use std::future::Future;

use gloo::utils::window;
use web_sys::RequestMode;

use super::request::{answer_of, start};
use crate::domain::{
    address::{Address, BaseUrl},
    contact::{Contact, support_url},
};

/// Whether they can still be asked for once the browser is locked to this homeserver. Where its people's ids
/// have another name than its address, that name is out of reach then.
pub fn can_be_asked_later(address: &Address, homeserver: &BaseUrl) -> bool {
    let url = support_url(address);
    let is_at = |origin: &str| url.strip_prefix(origin).is_some_and(|path| path.starts_with('/'));
    is_at(&homeserver.origin()) || window().location().origin().is_ok_and(|own| is_at(&own))
}

/// Asks. The request is on its way when this returns, before any lock that comes next.
pub fn ask(address: &Address) -> impl Future<Output = Vec<Contact>> + use<> {
    let asked = start(&support_url(address), RequestMode::Cors);
    async move { Contact::read_support(&answer_of(asked).await) }
}
