//! Asks for User-Interactive Authentication before an identity is published: any stages, in any mix.

use std::collections::BTreeMap;

use oauth2::url::{Url, form_urlencoded};
use serde_json::{Value, json};

use super::{Asked, Front, Said, State, random, said};

/// Flows on offer, and the stages that each session has completed.
pub struct Proofs {
    flows: Vec<Vec<String>>,
    sessions: BTreeMap<String, Vec<String>>,
    /// Set once the person has approved on the account page.
    is_approved: bool,
    /// Number of challenges that were given.
    asked: usize,
}

impl Proofs {
    fn challenge(&mut self, url: &str, session: String, errcode: Option<&str>) -> Said {
        self.asked += 1;
        let completed = self.sessions.entry(session.clone()).or_default();
        let flows: Vec<_> = self.flows.iter().map(|stages| json!({"stages": stages})).collect();
        let page = json!({"url": format!("{url}/account?action=org.matrix.cross_signing_reset")});
        let params = json!({"m.oauth": page, "org.matrix.cross_signing_reset": page});
        let mut body = json!({"flows": flows, "params": params, "session": session, "completed": completed});
        if let Some(errcode) = errcode {
            body["errcode"] = errcode.into();
        }
        said(401, body)
    }

    /// Returns the answer to a request's `auth`, or `None` if it is enough.
    fn look(&mut self, url: &str, user_id: &str, password: &str, auth: &Value) -> Option<Said> {
        let Some(auth) = auth.as_object() else { return Some(self.challenge(url, random(), None)) };
        let Some(session) = auth["session"].as_str().map(ToOwned::to_owned) else {
            return Some(said(400, json!({"errcode": "M_MISSING_PARAM", "error": "no session"})));
        };
        if !self.sessions.contains_key(&session) {
            return Some(said(400, json!({"errcode": "M_UNKNOWN", "error": "Unknown session ID"})));
        }
        match auth.get("type").and_then(Value::as_str) {
            None => assert_eq!(auth.len(), 1, "{auth:?}"),
            Some("m.login.dummy") => {
                assert_eq!(auth.len(), 2, "{auth:?}");
                self.complete(&session, "m.login.dummy");
            }
            Some("m.login.password") => {
                assert_eq!(auth.len(), 4, "{:?}", auth.keys());
                assert_eq!(auth["identifier"], json!({"type": "m.id.user", "user": user_id}));
                if auth["password"] != password {
                    return Some(self.challenge(url, session, Some("M_FORBIDDEN")));
                }
                self.complete(&session, "m.login.password");
            }
            Some(other) => panic!("{other}"),
        }
        if self.is_approved {
            self.complete(&session, "m.oauth");
            self.complete(&session, "org.matrix.cross_signing_reset");
        }
        let completed = &self.sessions[&session];
        let is_enough = self.flows.iter().any(|stages| stages.iter().all(|stage| completed.contains(stage)));
        (!is_enough).then(|| self.challenge(url, session, None))
    }

    fn complete(&mut self, session: &str, stage: &str) {
        let completed = self.sessions.get_mut(session).unwrap();
        let stage = stage.to_owned();
        if self.flows.iter().flatten().any(|other| *other == stage) && !completed.contains(&stage) {
            completed.push(stage);
        }
    }
}

impl State {
    /// Publishes an identity once the proofs are enough.
    pub(super) async fn publish(&self, asked: &Asked, token: &str) -> Said {
        let mut body: Value = serde_json::from_slice(&asked.bytes).unwrap();
        let auth = body.as_object_mut().unwrap().remove("auth").unwrap_or_default();
        if let Some(proofs) = &mut self.inner.lock().unwrap().proofs
            && let Some(said) = proofs.look(&self.url, &self.user_id, &self.password, &auth)
        {
            return said;
        }
        // The homeserver behind asks for a proof of its own.
        let (status, answer) =
            self.pass("POST", &asked.path, Some(token), body.to_string().into_bytes()).await;
        let answer_json: Value = serde_json::from_str(&answer).unwrap_or_default();
        if status != 401 || self.inner.lock().unwrap().proofs.is_none() {
            return (status, answer);
        }
        body["auth"] = json!({
            "type": "m.login.password", "identifier": {"type": "m.id.user", "user": self.user_id},
            "password": self.password, "session": answer_json["session"],
        });
        self.pass("POST", &asked.path, Some(token), body.to_string().into_bytes()).await
    }
}

impl Front {
    /// Asks for proof before an identity is published. Each flow is written as its stages, with spaces between them.
    pub fn ask_for(&self, flows: &[&str]) {
        let words = |flow: &&str| flow.split_whitespace().map(ToOwned::to_owned).collect();
        let flows = flows.iter().map(words).collect();
        let proofs = Proofs { flows, sessions: BTreeMap::new(), is_approved: false, asked: 0 };
        self.inner(|inner| inner.proofs = Some(proofs));
    }

    /// Completes what the page at this address asks for.
    pub fn visit_page(&self, address: &str) {
        let page = Url::parse(address).unwrap();
        let query: BTreeMap<_, _> = page.query_pairs().into_owned().collect();
        self.inner(|inner| {
            let proofs = inner.proofs.as_mut().unwrap();
            if page.path() == "/account" {
                assert_eq!(query.get("action").map(String::as_str), Some("org.matrix.cross_signing_reset"));
                proofs.is_approved = true;
                return;
            }
            let stage = page.path().strip_prefix("/_matrix/client/v3/auth/").unwrap();
            let stage = stage.strip_suffix("/fallback/web").unwrap().replace('+', "%2B");
            let stage = form_urlencoded::parse(stage.as_bytes()).next().unwrap().0.into_owned();
            let session = &query["session"];
            assert!(proofs.sessions.contains_key(session), "a session that nobody knows");
            proofs.complete(session, &stage);
        });
    }

    /// Forgets every session of a challenge.
    pub fn forget_challenges(&self) {
        self.inner(|inner| inner.proofs.as_mut().unwrap().sessions.clear());
    }

    /// Counts the challenges that were given.
    pub fn challenges(&self) -> usize {
        self.inner(|inner| inner.proofs.as_ref().unwrap().asked)
    }
}
