//! The proof that a server asks for before a grave change, and the ways to give it.
//!
//! Source: specification, client-server API, "User-Interactive Authentication API".

use serde::{Deserialize, Serialize};

use super::{line, secret::Secret, web_address::WebAddress};

/// The most characters of a stage's name that are shown.
const LONGEST_STAGE: usize = 64;

/// The proof that a person gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// The account password.
    Password(Secret),
    /// Something done on the server's own page; only the server knows whether it was done.
    Page,
}

/// The proof that the server asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The ways to give it, best first; never empty.
    pub ways: Vec<ProofWay>,
    /// Result of the previous attempt.
    pub last: Last,
}

/// One way to give a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProofWay {
    /// The account password (`m.login.password`).
    Password,
    /// A page of the server's, to be opened in a window of its own.
    Page {
        /// The page's URL.
        address: WebAddress,
        /// The page's purpose.
        kind: PageKind,
    },
}

/// Purpose of a server's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageKind {
    /// Signing in once more with another service (`m.login.sso`, by its fallback page).
    SingleSignOn,
    /// Approving the change on the account page (`m.oauth`, `org.matrix.cross_signing_reset`).
    Account,
    /// Something that this page does not know, by the stage's name.
    Other(String),
}

/// Result of the previous attempt to give a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Last {
    /// There was no attempt.
    None,
    /// The server did not accept it.
    Refused,
    /// The server does not know of it yet.
    NotYet,
}

/// The next move in a User-Interactive Authentication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// This page can go on without the person (`m.login.dummy`).
    Dummy,
    /// The person has to go one of these ways.
    Ask(Vec<ProofWay>),
    /// Nobody can go on: none of these stages has a page that could be shown.
    Unsupported(Vec<String>),
}

impl Wanted {
    /// Tells whether the account password is one of the ways.
    pub fn takes_password(&self) -> bool {
        self.ways.contains(&ProofWay::Password)
    }

    /// Tells whether this proof is one of the ways.
    pub fn takes(&self, proof: &Proof) -> bool {
        match proof {
            Proof::Password(_) => self.takes_password(),
            Proof::Page => self.page().is_some(),
        }
    }

    /// The first page among the ways.
    pub fn page(&self) -> Option<(&WebAddress, &PageKind)> {
        self.ways.iter().find_map(|way| match way {
            ProofWay::Page { address, kind } => Some((address, kind)),
            ProofWay::Password => None,
        })
    }
}

/// Finds the ways to go on: for each of the server's `flows` the first stage that is not among the `completed` ones.
/// `page_of` gives the URL of a stage's page.
///
/// Flows with the fewest stages left come first, and among these the password, then pages of a known purpose.
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
        // The same page may be there under its stable and its unstable name.
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

/// Ranks a stage: the lower, the easier for people.
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
            // The shorter flow comes first.
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
