//! Finds the homeserver by requests of the page itself, before anybody signs in and before the lock.
//!
//! The answers are only fetched here; [`crate::domain::discovery`] decides what they mean.

use web_sys::RequestMode;

use super::request::{answer_of, get, start};
use crate::domain::{
    address::Address,
    discovery::{Server, WellKnown, homeserver_of, is_homeserver, silence, well_known_url},
    problem::Problem,
    sign_in::Ways,
};

/// Looks up the homeserver of an address, and asks it for its versions and its ways to sign in.
///
/// # Errors
/// The problem that the person, or the server's administrator, has to mend.
pub async fn find(address: &Address) -> Result<Server, Problem> {
    let well_known = match well_known_url(address) {
        Some(url) => WellKnown::read(&get(&url).await),
        None => WellKnown::Absent,
    };
    let base_url = homeserver_of(address, &well_known)?;

    // Both requests run while the page waits for the versions.
    let ask = |path| start(&[base_url.as_str(), path].concat(), RequestMode::Cors);
    let login = ask("/_matrix/client/v3/login");
    let metadata = ask("/_matrix/client/v1/auth_metadata");
    let versions_url = format!("{base_url}/_matrix/client/versions");
    if !is_homeserver(&base_url, &get(&versions_url).await)? {
        // `no-cors` shows whether anything answers there, though the page cannot read it.
        let answers_at_all = start(&versions_url, RequestMode::NoCors).await.is_ok();
        return Err(silence(address, &well_known, &base_url, answers_at_all));
    }
    let ways = Ways::read(&base_url, &answer_of(login).await, &answer_of(metadata).await)?;
    Ok(Server { base_url, user_id: address.user_id().map(str::to_owned), ways })
}
