//! The proof that a server wants before it does something grave, and the ways to give it.
//!
//! Source: specification, client-server API, "User-Interactive Authentication API".

use serde::{Deserialize, Serialize};

use super::{line, secret::Secret, web_address::WebAddress};

/// How much of a stage's name is shown, in characters.
const LONGEST_STAGE: usize = 64;

/// What a person gives as proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// The account password.
    Password(Secret),
    /// What they do on the server's own page: whether they did, only the server knows.
    Page,
}

/// What the server wants now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The ways to give it, best first; never empty.
    pub ways: Vec<ProofWay>,
    /// What became of the last attempt.
    pub last: Last,
}

/// One way to give a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProofWay {
    /// The account password (`m.login.password`).
    Password,
    /// A page of the server's, in a window of its own.
    Page {
        /// Where it is.
        address: WebAddress,
        /// What it is.
        kind: PageKind,
    },
}

/// What a server's page is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageKind {
    /// Signing in once more with another service (`m.login.sso`, by the fallback page).
    SingleSignOn,
    /// Approving it on the account page (`m.oauth`, `org.matrix.cross_signing_reset`).
    Account,
    /// Something that this page does not know; what the server calls it.
    Other(String),
}

/// What became of the last attempt to give a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Last {
    /// There was none.
    None,
    /// The server did not accept it.
    Refused,
    /// It is not complete yet.
    NotYet,
}

/// What can be done about a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing but to go on (`m.login.dummy`).
    Dummy,
    /// One of these, by the person.
    Ask(Vec<ProofWay>),
    /// Nothing: none of these stages has a page that could be shown.
    Unsupported(Vec<String>),
}

impl Wanted {
    /// Whether the account password is one of the ways.
    pub fn takes_password(&self) -> bool {
        self.ways.contains(&ProofWay::Password)
    }

    /// Whether a proof is one of the ways.
    pub fn takes(&self, proof: &Proof) -> bool {
        match proof {
            Proof::Password(_) => self.takes_password(),
            Proof::Page => self.page().is_some(),
        }
    }

    /// The first page that is one of the ways.
    pub fn page(&self) -> Option<(&WebAddress, &PageKind)> {
        self.ways.iter().find_map(|way| match way {
            ProofWay::Page { address, kind } => Some((address, kind)),
            ProofWay::Password => None,
        })
    }
}

/// The stage that a way out of a challenge begins with. `flows` are the server's, `completed` the stages that are
/// done; `page_of` tells where the page of a stage is.
///
/// Of several ways the one with fewest stages comes first, and of these the password, then pages that are known.
pub fn next(
    flows: &[Vec<String>],
    completed: &[String],
    page_of: impl Fn(&str) -> Option<WebAddress>,
) -> Next {
    let open = |flow: &Vec<String>| -> Vec<String> {
        flow.iter().filter(|stage| !completed.contains(stage)).cloned().collect()
    };
    let mut open: Vec<Vec<String>> = flows.iter().map(open).collect();
    open.sort_by_key(|stages| (stages.len(), stages.first().map_or(0, |stage| rank(stage))));
    if open.iter().any(|stages| stages.first().is_some_and(|stage| stage == "m.login.dummy")) {
        return Next::Dummy;
    }
    let mut ways: Vec<ProofWay> = Vec::new();
    for stage in open.iter().filter_map(|stages| stages.first()) {
        let way = match stage.as_str() {
            "m.login.password" => ProofWay::Password,
            stage => {
                let Some(address) = page_of(stage) else { continue };
                let kind = match stage {
                    "m.login.sso" => PageKind::SingleSignOn,
                    "m.oauth" | "org.matrix.cross_signing_reset" => PageKind::Account,
                    stage => PageKind::Other(line::cut(stage, LONGEST_STAGE)),
                };
                ProofWay::Page { address, kind }
            }
        };
        // The same page under its old and its new name.
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    if ways.is_empty() {
        let mut stages: Vec<String> = open.into_iter().flatten().filter(|stage| !stage.is_empty()).collect();
        stages.sort();
        stages.dedup();
        return Next::Unsupported(stages);
    }
    Next::Ask(ways)
}

/// The smaller, the easier for people.
fn rank(stage: &str) -> u8 {
    match stage {
        "m.login.password" => 0,
        "m.login.sso" | "m.oauth" | "org.matrix.cross_signing_reset" => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(stage: &str) -> Option<WebAddress> {
        match stage {
            "m.oauth" | "org.matrix.cross_signing_reset" => {
                WebAddress::of_server("https://account.example.org")
            }
            "" | "no.page" => None,
            stage => WebAddress::of_server(&["https://hs.example.org/", stage].concat()),
        }
    }

    fn page(stage: &str, kind: PageKind) -> ProofWay {
        ProofWay::Page { address: pages(stage).unwrap(), kind }
    }

    #[test]
    fn any_mix_of_stages_leads_to_what_the_person_can_do() {
        let sso = || page("m.login.sso", PageKind::SingleSignOn);
        let account = || page("m.oauth", PageKind::Account);
        let other = |stage: &str| page(stage, PageKind::Other(stage.into()));
        let words = |text: &str| text.split_whitespace().map(ToOwned::to_owned).collect::<Vec<String>>();
        for (flows, completed, expected) in [
            (&["m.login.password"][..], "", Next::Ask(vec![ProofWay::Password])),
            (&["m.login.sso"], "", Next::Ask(vec![sso()])),
            (&["m.login.sso", "m.login.password"], "", Next::Ask(vec![ProofWay::Password, sso()])),
            (&["m.oauth", "org.matrix.cross_signing_reset"], "", Next::Ask(vec![account()])),
            (&["m.login.dummy"], "", Next::Dummy),
            (&["m.login.password m.login.dummy"], "", Next::Ask(vec![ProofWay::Password])),
            (&["m.login.password m.login.dummy"], "m.login.password", Next::Dummy),
            (&["m.login.password m.login.sso"], "m.login.password", Next::Ask(vec![sso()])),
            (&["m.login.recaptcha"], "", Next::Ask(vec![other("m.login.recaptcha")])),
            (&["m.login.recaptcha", "m.login.sso"], "", Next::Ask(vec![sso(), other("m.login.recaptcha")])),
            // The shorter one first.
            (
                &["m.login.password m.login.terms", "m.login.sso"],
                "",
                Next::Ask(vec![sso(), ProofWay::Password]),
            ),
            (&["no.page"], "", Next::Unsupported(words("no.page"))),
            (&["no.page", "m.login.sso"], "", Next::Ask(vec![sso()])),
            (&[], "", Next::Unsupported(vec![])),
            (&[""], "", Next::Unsupported(vec![])),
        ] {
            let flows: Vec<_> = flows.iter().map(|flow| words(flow)).collect();
            assert_eq!(next(&flows, &words(completed), pages), expected, "{flows:?} {completed}");
        }
    }
}
