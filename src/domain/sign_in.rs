//! The ways to sign in that a homeserver offers.
//!
//! Source: specification, client-server API, `GET /_matrix/client/v3/login` and
//! `GET /_matrix/client/v1/auth_metadata` (RFC 8414), "OAuth 2.0 API".

use serde::{Deserialize, Serialize};

use super::{
    address::{BaseUrl, is_this_computer},
    answer::{Answer, rate_limited},
    json::Json,
    line,
    problem::Problem,
    web_address::WebAddress,
};

#[cfg(test)]
mod tests;

/// The most identity providers that are shown.
const MOST_PROVIDERS: usize = 12;
/// The most characters of a provider's name that are shown.
const LONGEST_NAME: usize = 40;
/// The longest provider ID that is sent back, in bytes: the specification's own limit.
const LONGEST_ID: usize = 255;
/// The most login types that are named of those this page cannot use, and the most characters of each.
const MOST_NAMED: usize = 8;
const LONGEST_TYPE: usize = 64;

/// The ways to sign in that a homeserver offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    /// Ways that this page can use, best first; never empty.
    pub usable: Vec<Way>,
    /// Login types that this page cannot use, by the server's names.
    pub unsupported: Vec<String>,
}

/// One way to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// On the page of the authorization server that this homeserver names (OAuth 2.0).
    OAuth(AuthorizationServer),
    /// With the account password (`m.login.password`).
    Password,
    /// On another service's page (`m.login.sso`, then `m.login.token`).
    SingleSignOn(Vec<IdentityProvider>),
}

/// An identity provider of a single sign-on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityProvider {
    /// Its ID in requests.
    pub id: String,
    /// Its name for people.
    pub name: String,
}

/// An OAuth 2.0 authorization server. The page reads all of this before the second content security policy applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationServer {
    /// Issuer identifier.
    pub issuer: String,
    /// Set if its answers always name the issuer (RFC 9207).
    pub answers_name_issuer: bool,
    /// URL of the page where people sign in.
    pub authorization_endpoint: WebAddress,
    /// URL that gives tokens.
    pub token_endpoint: WebAddress,
    /// URL at which this page registers as a client.
    pub registration_endpoint: WebAddress,
    /// URL that revokes tokens.
    pub revocation_endpoint: WebAddress,
    /// URL of the page where people manage their account.
    pub account_management_uri: Option<WebAddress>,
    /// Actions that can be done there.
    pub account_management_actions_supported: Vec<String>,
}

/// The server's page on which the person signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Door {
    /// The authorization server's page.
    OAuth(AuthorizationServer),
    /// The page to which the homeserver redirects people.
    SingleSignOn {
        /// ID of the identity provider, if the person chose one.
        provider: Option<String>,
    },
}

impl Ways {
    /// The account password only.
    pub fn password() -> Self {
        Self { usable: vec![Way::Password], unsupported: Vec::new() }
    }

    /// Reads the server's login types and the metadata of its authorization server.
    ///
    /// # Errors
    /// [`Problem::NoWayToSignIn`] with the login types that are offered instead, or a problem that hides them.
    pub fn read(base_url: &BaseUrl, login: &Answer, metadata: &Answer) -> Result<Self, Problem> {
        let oauth = match metadata {
            // A homeserver elsewhere must not send the page to a server on this computer.
            Answer::Status(200, Some(json)) => Some(AuthorizationServer::read(json).filter(|server| {
                is_this_computer(base_url.host()) || server.origin().starts_with("https://")
            })),
            Answer::Status(..) | Answer::Nothing => None,
        };
        let flows = match login {
            Answer::Status(200, Some(json)) => json.get("flows").and_then(Json::items).unwrap_or_default(),
            // A server with OAuth 2.0 only need not have a list of login types.
            Answer::Status(_, _) if matches!(oauth, Some(Some(_))) => &[],
            Answer::Status(429, json) => return Err(rate_limited(json.as_ref())),
            Answer::Status(status @ 500.., _) => return Err(Problem::Passing { status: Some(*status) }),
            Answer::Status(..) => &[],
            Answer::Nothing => return Err(Problem::ServerUnreachable { host: base_url.host().to_owned() }),
        };
        let of_type = |wanted: &str| flows.iter().find(|flow| type_of(flow) == Some(wanted));
        let (password, sso) = (of_type("m.login.password"), of_type("m.login.sso"));
        // The server's page returns a login token, which is of use only with `m.login.token`.
        let usable_sso = sso.filter(|_| of_type("m.login.token").is_some());
        let prefers_oauth = sso.is_some_and(|flow| is_true(flow, "oauth_aware_preferred"))
            || sso.is_some_and(|flow| is_true(flow, "org.matrix.msc3824.delegated_oidc_compatibility"));

        let mut usable = Vec::new();
        let mut unsupported = Vec::new();
        match oauth {
            Some(Some(server)) => usable.push(Way::OAuth(server)),
            Some(None) => unsupported.push("OAuth 2.0".to_owned()),
            None => {}
        }
        let has_oauth = !usable.is_empty();
        // With `oauth_aware_preferred`, a server asks clients that know OAuth 2.0 to use nothing else.
        usable.extend(password.filter(|_| !(has_oauth && prefers_oauth)).map(|_| Way::Password));
        usable.extend(usable_sso.filter(|_| !has_oauth).map(|flow| Way::SingleSignOn(providers(flow))));

        let known = |name: &str| match name {
            "m.login.password" | "m.login.token" => true,
            "m.login.sso" => usable_sso.is_some() || has_oauth,
            // For application services, never for people.
            "m.login.application_service" => true,
            _ => false,
        };
        for name in flows.iter().filter_map(type_of).filter(|name| !known(name)) {
            let name = line::cut(name, LONGEST_TYPE);
            if unsupported.len() < MOST_NAMED && !unsupported.contains(&name) {
                unsupported.push(name);
            }
        }
        if usable.is_empty() {
            return Err(Problem::NoWayToSignIn { offers: unsupported });
        }
        Ok(Self { usable, unsupported })
    }

    /// Origins that the content security policy must allow beside the homeserver.
    pub fn origins(&self) -> Vec<String> {
        let servers = self.usable.iter().filter_map(|way| match way {
            Way::OAuth(server) => Some(server.origin()),
            Way::Password | Way::SingleSignOn(_) => None,
        });
        servers.collect()
    }
}

impl AuthorizationServer {
    /// Reads the metadata of an authorization server; `None` if it lacks something that this page needs.
    pub fn read(json: &Json) -> Option<Self> {
        let address = |name| WebAddress::of_server(json.get(name)?.text()?);
        let names = |name| {
            let items = json.get(name).and_then(Json::items).unwrap_or_default();
            items.iter().filter_map(Json::text).collect::<Vec<_>>()
        };
        // RFC 8414 gives the defaults of what is left out: both response modes, the authorization code among the
        // grants.
        let supports = |name, value, unless_said| match json.get(name) {
            Some(_) => names(name).contains(&value),
            None => unless_said,
        };
        let can = supports("response_types_supported", "code", false)
            && supports("response_modes_supported", "fragment", true)
            && supports("grant_types_supported", "authorization_code", true)
            && supports("code_challenge_methods_supported", "S256", false);
        let issuer = json.get("issuer")?.text()?;
        WebAddress::of_server(issuer)?;
        let mut server = Self {
            issuer: issuer.to_owned(),
            answers_name_issuer: is_true(json, "authorization_response_iss_parameter_supported"),
            authorization_endpoint: address("authorization_endpoint")?,
            token_endpoint: address("token_endpoint")?,
            registration_endpoint: address("registration_endpoint")?,
            revocation_endpoint: address("revocation_endpoint")?,
            account_management_uri: address("account_management_uri"),
            account_management_actions_supported: names("account_management_actions_supported")
                .into_iter()
                .take(32)
                .map(|action| line::cut(action, LONGEST_TYPE))
                .collect(),
        };
        // A server could name an honest server's page and a token endpoint of its own. It would then receive the code
        // that lets people in there (RFC 9700, section 4.4), so all URLs must be on one origin.
        let origin = server.origin();
        let is_one = [&server.token_endpoint, &server.registration_endpoint, &server.revocation_endpoint]
            .iter()
            .all(|endpoint| endpoint.origin() == origin);
        // The account page may be elsewhere, but not on this computer if the server is not.
        let page = server.account_management_uri.take();
        server.account_management_uri =
            page.filter(|page| page.origin() == origin || page.origin().starts_with("https://"));
        (can && is_one).then_some(server)
    }

    /// The one origin of all these URLs: scheme, host and port.
    pub fn origin(&self) -> String {
        self.authorization_endpoint.origin()
    }
}

fn type_of(flow: &Json) -> Option<&str> {
    flow.get("type")?.text()
}

fn is_true(json: &Json, name: &str) -> bool {
    json.get(name) == Some(&Json::Bool(true))
}

/// Reads the identity providers of a flow; empty if the homeserver redirects everybody to the same page. Icons are
/// left out, since the server could have them fetched from anywhere.
fn providers(flow: &Json) -> Vec<IdentityProvider> {
    let stable = flow.get("identity_providers").and_then(Json::items).unwrap_or_default();
    let provider = |json: &Json| {
        let (id, name) = (json.get("id")?.text()?, json.get("name")?.text()?);
        let is_fine = !id.is_empty() && id.len() <= LONGEST_ID && !name.trim().is_empty();
        is_fine.then(|| IdentityProvider { id: id.to_owned(), name: line::cut(name, LONGEST_NAME) })
    };
    stable.iter().filter_map(provider).take(MOST_PROVIDERS).collect()
}
