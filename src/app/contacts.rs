//! The contacts that the homeserver names for help in `/.well-known/matrix/support`. The page asks for them once,
//! when a screen could show them.

use std::future::Future;

use gloo::utils::window;
use web_sys::RequestMode;

use super::request::{answer_of, start};
use crate::domain::{
    address::{Address, BaseUrl},
    contact::{Contact, support_url},
};

/// Tells whether the page can still ask for them once the browser is locked to this homeserver. It cannot where the
/// server name of the Matrix IDs is another host than the homeserver's.
pub fn can_be_asked_later(address: &Address, homeserver: &BaseUrl) -> bool {
    let url = support_url(address);
    let is_at = |origin: &str| url.strip_prefix(origin).is_some_and(|path| path.starts_with('/'));
    is_at(&homeserver.origin()) || window().location().origin().is_ok_and(|own| is_at(&own))
}

/// Asks for the contacts. The request is sent before this returns, so that a lock set afterwards comes too late for it.
pub fn ask(address: &Address) -> impl Future<Output = Vec<Contact>> + use<> {
    let asked = start(&support_url(address), RequestMode::Cors);
    async move { Contact::read_support(&answer_of(asked).await) }
}
