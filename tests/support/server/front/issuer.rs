//! Plays an OAuth 2.0 authorization server: client registration, codes with their challenge (PKCE), refresh tokens that
//! work once, and revocation. It maps its tokens to those of the homeserver behind.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use matrixbackup::domain::{
    sign_in::{AuthorizationServer, Door},
    web_address::WebAddress,
};
use oauth2::{PkceCodeChallenge, PkceCodeVerifier, url::Url};
use serde_json::{Value, json};

use super::{Asked, Front, Said, State, random, said};

/// Authorization server, with its clients, codes and sessions.
pub struct Issuer {
    url: String,
    lives: Duration,
    clients: BTreeMap<String, Value>,
    codes: BTreeMap<String, Code>,
    sessions: Vec<Session>,
    /// Number of coming answers to a refresh that are lost, after the refresh was done.
    loses: usize,
    /// Delay of the next answer to a refresh, after the refresh was done.
    takes: Duration,
}

struct Code {
    client_id: String,
    redirect_uri: String,
    challenge: String,
    device_id: String,
    is_used: bool,
}

struct Session {
    client_id: String,
    behind: String,
    access: BTreeMap<String, Instant>,
    refresh: BTreeSet<String>,
    spent: BTreeSet<String>,
    is_over: bool,
}

/// Form of a request. The test fails if it has a name that is not read.
struct Form(BTreeMap<String, String>);

impl Form {
    fn read(text: &[u8]) -> Self {
        let pairs = oauth2::url::form_urlencoded::parse(text).into_owned().collect::<Vec<_>>();
        let form: BTreeMap<_, _> = pairs.iter().cloned().collect();
        assert_eq!(form.len(), pairs.len(), "a name twice: {pairs:?}");
        Self(form)
    }

    fn take(&mut self, name: &str) -> String {
        self.0.remove(name).unwrap_or_else(|| panic!("no {name} beside {:?}", self.0.keys()))
    }

    fn expect_nothing_more(self) {
        assert!(self.0.is_empty(), "not known: {:?}", self.0.keys());
    }
}

fn error(code: &str) -> Said {
    said(400, json!({"error": code, "error_description": "no"}))
}

impl Issuer {
    pub fn new(url: &str, lives: Duration) -> Self {
        let (clients, codes, sessions) = Default::default();
        Self {
            url: format!("{url}/issuer/"),
            lives,
            clients,
            codes,
            sessions,
            loses: 0,
            takes: Duration::ZERO,
        }
    }

    /// Returns the homeserver's token behind an access token that is still good.
    pub fn behind(&self, token: &str) -> Option<String> {
        let session = self.sessions.iter().find(|session| session.access.contains_key(token))?;
        (!session.is_over && session.access[token] > Instant::now()).then(|| session.behind.clone())
    }

    /// Ends the session of an access token.
    pub fn end(&mut self, token: &str) {
        let ended = self.sessions.iter_mut().filter(|session| session.access.contains_key(token));
        ended.for_each(|session| session.is_over = true);
    }

    fn tokens(&mut self, at: usize) -> Value {
        let (access, refresh) = (random(), random());
        let session = &mut self.sessions[at];
        session.access.insert(access.clone(), Instant::now() + self.lives);
        session.refresh.insert(refresh.clone());
        json!({
            "access_token": access, "token_type": "Bearer", "expires_in": self.lives.as_secs(),
            "refresh_token": refresh, "scope": "urn:matrix:client:api:*",
        })
    }

    fn register(&mut self, body: &Value) -> Said {
        let body = body.as_object().unwrap();
        let uris = body["redirect_uris"].as_array().unwrap();
        let home = body["client_uri"].as_str().unwrap();
        assert!(uris.iter().all(|uri| uri.as_str().unwrap().starts_with(home)), "{body:?}");
        assert_eq!(body["application_type"], "web");
        assert_eq!(body["grant_types"], json!(["authorization_code", "refresh_token"]));
        assert_eq!(body["response_types"], json!(["code"]));
        assert_eq!(body["token_endpoint_auth_method"], "none");
        assert!(!body["client_name"].as_str().unwrap().is_empty());
        assert_eq!(body.len(), 7, "{body:?}");
        let id = random();
        self.clients.insert(id.clone(), Value::Object(body.clone()));
        let mut answer = Value::Object(body.clone());
        answer["client_id"] = id.into();
        said(201, answer)
    }

    /// Uses up a code; returns client id and device id, if everything in the request is right.
    fn redeem(&mut self, form: &mut Form) -> Option<(String, String)> {
        let (code, redirect) = (form.take("code"), form.take("redirect_uri"));
        let (client_id, verifier) = (form.take("client_id"), form.take("code_verifier"));
        let code = self.codes.get_mut(&code)?;
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier));
        let is_right = !code.is_used
            && code.client_id == client_id
            && code.redirect_uri == redirect
            && code.challenge == challenge.as_str();
        code.is_used = true;
        is_right.then(|| (client_id, code.device_id.clone()))
    }

    fn refresh(&mut self, form: &mut Form) -> Said {
        let (token, client_id) = (form.take("refresh_token"), form.take("client_id"));
        // Whoever uses a refresh token twice may have stolen it (RFC 9700, section 4.14.2).
        for session in self.sessions.iter_mut().filter(|session| session.spent.contains(&token)) {
            session.is_over = true;
        }
        let fits = |session: &Session| {
            !session.is_over && session.client_id == client_id && session.refresh.contains(&token)
        };
        let Some(at) = self.sessions.iter().position(fits) else { return error("invalid_grant") };
        self.sessions[at].refresh.remove(&token);
        self.sessions[at].spent.insert(token);
        let tokens = self.tokens(at);
        if self.loses > 0 {
            self.loses -= 1;
            return (0, String::new());
        }
        said(200, tokens)
    }

    /// Ends the session of a refresh token; returns the homeserver's token behind it.
    fn revoke(&mut self, form: &mut Form) -> Option<String> {
        let (token, hint, client_id) =
            (form.take("token"), form.take("token_type_hint"), form.take("client_id"));
        assert!(self.clients.contains_key(&client_id));
        assert_eq!(hint, "refresh_token");
        let session = self.sessions.iter_mut().find(|session| session.refresh.contains(&token))?;
        session.is_over = true;
        Some(session.behind.clone())
    }
}

impl State {
    pub(super) async fn ask_issuer(&self, asked: &Asked) -> Said {
        assert_eq!((asked.method.as_str(), &asked.token), ("POST", &None), "{}", asked.path);
        match asked.path.strip_prefix("/issuer/").unwrap() {
            "register" => {
                let body = serde_json::from_slice(&asked.bytes).unwrap();
                self.issuer(|issuer| issuer.register(&body))
            }
            "token" => {
                let mut form = Form::read(&asked.bytes);
                match form.take("grant_type").as_str() {
                    "refresh_token" => {
                        let said = self.issuer(|issuer| issuer.refresh(&mut form));
                        form.expect_nothing_more();
                        tokio::time::sleep(self.issuer(|issuer| std::mem::take(&mut issuer.takes))).await;
                        said
                    }
                    "authorization_code" => {
                        let redeemed = self.issuer(|issuer| issuer.redeem(&mut form));
                        form.expect_nothing_more();
                        let Some((client_id, device_id)) = redeemed else { return error("invalid_grant") };
                        // Without a display name: this way of signing in has none.
                        let (status, body) = self.log_in_behind(&device_id, None).await;
                        assert_eq!(status, 200, "{body}");
                        let body: Value = serde_json::from_str(&body).unwrap();
                        let behind = body["access_token"].as_str().unwrap().to_owned();
                        self.inner.lock().unwrap().barred.clear();
                        let (access, refresh, spent) = Default::default();
                        let is_over = false;
                        let session = Session { client_id, behind, access, refresh, spent, is_over };
                        let tokens = self.issuer(|issuer| {
                            issuer.sessions.push(session);
                            issuer.tokens(issuer.sessions.len() - 1)
                        });
                        said(200, tokens)
                    }
                    other => panic!("{other}"),
                }
            }
            "revoke" => {
                let mut form = Form::read(&asked.bytes);
                let ended = self.issuer(|issuer| issuer.revoke(&mut form));
                form.expect_nothing_more();
                if let Some(behind) = ended {
                    self.pass("POST", "/_matrix/client/v3/logout", Some(&behind), Vec::new()).await;
                }
                said(200, json!({}))
            }
            other => panic!("{other}"),
        }
    }

    fn issuer<T>(&self, with: impl FnOnce(&mut Issuer) -> T) -> T {
        with(self.inner.lock().unwrap().issuer.as_mut().unwrap())
    }
}

impl Front {
    /// Returns the door that the server's metadata describe.
    pub fn door(&self) -> Door {
        let page = |name: &str| WebAddress::of_server(&format!("{}/issuer/{name}", self.url)).unwrap();
        Door::OAuth(AuthorizationServer {
            issuer: format!("{}/issuer/", self.url),
            answers_name_issuer: false,
            authorization_endpoint: page("authorize"),
            token_endpoint: page("token"),
            registration_endpoint: page("register"),
            revocation_endpoint: page("revoke"),
            account_management_uri: Some(page("account")),
            account_management_actions_supported: vec!["org.matrix.device_delete".into()],
        })
    }

    /// Visits the authorization page as somebody who agrees; returns the fragment that `callback.html` is opened with.
    pub fn sign_in_with_oauth(&self, address: &str) -> String {
        let page = Url::parse(address).unwrap();
        assert_eq!(page.path(), "/issuer/authorize");
        let mut form = Form::read(page.query().unwrap().as_bytes());
        assert_eq!(form.take("response_type"), "code");
        assert_eq!(form.take("response_mode"), "fragment");
        assert_eq!(form.take("code_challenge_method"), "S256");
        let (client_id, redirect_uri) = (form.take("client_id"), form.take("redirect_uri"));
        let (state, challenge) = (form.take("state"), form.take("code_challenge"));
        let scope = form.take("scope");
        if let Some(hint) = form.0.remove("login_hint") {
            assert!(hint.starts_with("mxid:@"), "{hint}");
        }
        form.expect_nothing_more();
        assert!(state.len() >= 43, "{state}");
        let [api, device] = scope.split(' ').collect::<Vec<_>>()[..] else { panic!("{scope}") };
        assert_eq!(api, "urn:matrix:org.matrix.msc2967.client:api:*");
        let device_id =
            device.strip_prefix("urn:matrix:org.matrix.msc2967.client:device:").unwrap().to_owned();
        let code = random();
        self.state.issuer(|issuer| {
            assert_eq!(issuer.clients[&client_id]["redirect_uris"], json!([redirect_uri]));
            let entry = Code { client_id, redirect_uri, challenge, device_id, is_used: false };
            issuer.codes.insert(code.clone(), entry);
        });
        let mut back = Url::parse("https://any.example/").unwrap();
        let issuer = self.state.issuer(|issuer| issuer.url.clone());
        back.query_pairs_mut().extend_pairs([("state", &state), ("code", &code), ("iss", &issuer)]);
        format!("#{}", back.query().unwrap())
    }

    /// Loses the next answers to a refresh, each after the refresh was done.
    pub fn lose_refreshes(&self, answers: usize) {
        self.state.issuer(|issuer| issuer.loses = answers);
    }

    /// Delays the answer to the next refresh, after the refresh was done.
    pub fn delay_refresh(&self, takes: Duration) {
        self.state.issuer(|issuer| issuer.takes = takes);
    }

    /// Returns true while any session is still good.
    pub fn has_sessions(&self) -> bool {
        self.state.issuer(|issuer| issuer.sessions.iter().any(|session| !session.is_over))
    }

    /// Returns every token that was ever given.
    pub fn tokens(&self) -> Vec<String> {
        self.state.issuer(|issuer| {
            let of = |session: &Session| {
                let access = session.access.keys().cloned();
                access.chain(session.refresh.clone()).chain(session.spent.clone()).collect::<Vec<_>>()
            };
            issuer.sessions.iter().flat_map(of).collect()
        })
    }
}

impl Front {
    /// Marks a code as used, as if somebody else had redeemed it.
    pub fn use_code(&self, code: &str) {
        self.state.issuer(|issuer| issuer.codes.get_mut(code).unwrap().is_used = true);
    }
}
