//! From a Matrix ID to the homeserver: what the page learns before anybody signs in.
//!
//! Source: specification, client-server API, "Well-known URI" (IGNORE, PROMPT, FAIL_PROMPT and
//! FAIL_ERROR), `GET /_matrix/client/versions` and `GET /_matrix/client/v3/login`.

use super::{
    address::{Address, BaseUrl},
    line,
    problem::Problem,
};

/// The most bytes a discovery answer may have before it is refused.
pub const LARGEST_ANSWER: usize = 64 * 1024;

/// What `/.well-known/matrix/client` said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WellKnown {
    /// 404, or nothing that answers: the server name itself is tried.
    Absent,
    /// Something answered that is not what the specification asks for.
    Broken,
    /// `m.homeserver.base_url`, not yet checked.
    Names(String),
}

/// A homeserver that answered, and what it offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where its client API lives.
    pub base_url: BaseUrl,
    /// The user id that was entered, when one was.
    pub user_id: Option<String>,
}

/// Where to look next, given the entry and what the well-known said.
///
/// # Errors
/// The specification's FAIL_PROMPT and FAIL_ERROR: the person has to be asked.
pub fn homeserver_of(address: &Address, well_known: &WellKnown) -> Result<BaseUrl, Problem> {
    let server = match address {
        Address::Url(base_url) => return Ok(base_url.clone()),
        Address::UserId { server, .. } | Address::Server(server) => server,
    };
    match well_known {
        WellKnown::Absent => Ok(server.base_url()),
        WellKnown::Broken => Err(Problem::WellKnownBroken { server: server.as_str().to_owned() }),
        WellKnown::Names(url) => BaseUrl::parse(url.trim())
            .map_err(|_| Problem::WellKnownBroken { server: server.as_str().to_owned() }),
    }
}

/// Where the well-known is looked up; nowhere, if an address was entered.
pub fn well_known_url(address: &Address) -> Option<String> {
    match address {
        Address::Url(_) => None,
        Address::UserId { server, .. } | Address::Server(server) => {
            Some(format!("{}/.well-known/matrix/client", server.base_url()))
        }
    }
}

/// Whether the page can sign in here, from the server's list of login types.
///
/// # Errors
/// [`Problem::NoPasswordLogin`], naming what is offered instead.
pub fn can_sign_in(login_types: &[String]) -> Result<(), Problem> {
    if login_types.iter().any(|t| t == "m.login.password") {
        return Ok(());
    }
    let offers: Vec<String> = login_types.iter().take(8).map(|t| line::cut(t, 64)).collect();
    Err(Problem::NoPasswordLogin { offers })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_decides_as_the_specification_says() {
        let id = Address::parse("@you:example.org").unwrap();
        let broken = Err(Problem::WellKnownBroken { server: "example.org".into() });
        for (well_known, expected) in [
            (WellKnown::Absent, Ok("https://example.org")),
            (WellKnown::Names("https://matrix.example.org/".into()), Ok("https://matrix.example.org")),
            (WellKnown::Names("http://matrix.example.org".into()), Err(())),
            (WellKnown::Names("matrix.example.org".into()), Err(())),
            (WellKnown::Broken, Err(())),
        ] {
            let found = homeserver_of(&id, &well_known).map(|url| url.to_string());
            assert_eq!(found, expected.map(str::to_owned).or(broken.clone()), "{well_known:?}");
        }
    }

    #[test]
    fn an_address_is_taken_at_its_word() {
        let url = Address::parse("https://hs.example.org").unwrap();
        assert_eq!(well_known_url(&url), None);
        assert_eq!(homeserver_of(&url, &WellKnown::Broken).unwrap().as_str(), "https://hs.example.org");
    }

    #[test]
    fn a_server_without_password_login_is_named_with_what_it_offers() {
        assert_eq!(can_sign_in(&["m.login.sso".into(), "m.login.password".into()]), Ok(()));
        let sso = vec!["m.login.sso".to_owned()];
        assert_eq!(can_sign_in(&sso), Err(Problem::NoPasswordLogin { offers: sso.clone() }));
    }
}
