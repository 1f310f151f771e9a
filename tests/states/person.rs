//! A person with an account in some state, who follows the page's plan, or chooses something else it offers.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use matrixbackup::{
    domain::{
        diagnosis::{Diagnosis, KeyKnown, Known, diagnose},
        opening::Opening,
        plan::{Action, Plan, plan},
        problem::Problem,
        proof::Last,
        secret::Secret,
    },
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

use crate::{
    beside::Beside,
    support::{
        account::Account,
        verifier::{Kept, ask, run, verify},
        visit::{Visit, password_wanted},
    },
};

/// A well-formed key that opens nothing.
const ANOTHER_KEY: &str = "EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d";

/// The state that an account is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// A state of the table, by its number.
    Table(u8),
    /// A state beside the table.
    Beside(Beside),
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(number) => f.pad(&number.to_string()),
            Self::Beside(_) => f.pad("+"),
        }
    }
}

/// Room keys by room and session, with the first message index that each opens.
type Openable = BTreeMap<String, u64>;

/// A person before their visit.
pub struct Person {
    pub state: State,
    pub account: Account,
    /// The key they hold.
    pub kept: Option<String>,
    /// A key that they enter before that one.
    pub first: Option<String>,
    /// Every key there is to the account, held or lost.
    pub keys: Vec<String>,
    /// The room keys that these opened before.
    before: Openable,
    /// Everything on the server before.
    everything: Value,
    /// The names of the devices before.
    devices: Vec<String>,
}

/// The outcome of a visit.
pub struct Visited {
    pub state: State,
    pub losses: usize,
    diagnosis: Diagnosis,
    action: Action,
    result: Result<&'static str, String>,
    others: Vec<(Diagnosis, Action, Result<&'static str, String>)>,
}

/// A visit by the plan.
pub struct Course {
    pub visited: Visited,
    /// The steps that were taken.
    pub taken: Vec<(Diagnosis, Action)>,
    /// Everything that was offered on the way.
    pub offered: Vec<(Diagnosis, Action)>,
}

impl Visited {
    /// Tells whether everything was as it should be.
    pub fn is_right(&self) -> bool {
        self.result.is_ok() && self.others.iter().all(|(.., result)| result.is_ok())
    }

    /// Adds the outcome of another choice.
    pub fn add(&mut self, other: Self) {
        self.losses += other.losses;
        self.others.push((other.diagnosis, other.action, other.result));
    }

    /// Prints one line, and one for each thing that was wrong.
    pub fn print(&self) {
        let words = |result: &Result<&'static str, String>| match result {
            Ok(words) => (*words).to_owned(),
            Err(_) => "WRONG".to_owned(),
        };
        let others = self.others.iter().map(|(diagnosis, action, result)| {
            let at = if *diagnosis == self.diagnosis { String::new() } else { format!("{diagnosis:?}/") };
            format!("; {at}{action:?}: {}", words(result))
        });
        let others: String = others.collect();
        let Self { state, diagnosis, action, result, .. } = self;
        let (diagnosis, did) = (format!("{diagnosis:?}"), format!("{action:?}"));
        println!("{state:>2}  {diagnosis:<26}{did:<12}{}{others}", words(result));
        let all = [(*action, result.clone())].into_iter();
        let all = all.chain(self.others.iter().map(|(_, action, result)| (*action, result.clone())));
        for (action, problem) in all.filter_map(|(action, result)| Some((action, result.err()?))) {
            println!("    {action:?}: {problem}");
        }
    }
}

impl Person {
    /// Makes an account in this state of the table.
    pub async fn of_table(number: u8) -> Self {
        let state = run("support/accounts/states.mjs", &[&number.to_string()], "");
        let text = |field: &str| state[field].as_str().unwrap().to_owned();
        let account = Account::observe(&text("homeserver"), &text("userId"), &text("password")).await;
        let key = |value: &Value| value.as_str().map(ToOwned::to_owned);
        let kept = key(&state["kept"]["recoveryKey"]);
        let other = state["other"].as_object().into_iter().flatten();
        let others = other.filter(|(name, _)| name.ends_with("Key")).filter_map(|(_, value)| key(value));
        let keys: Vec<_> = kept.iter().cloned().chain(others).collect();
        Self::with(State::Table(number), account, kept, keys).await
    }

    /// Makes a person with this account and these keys.
    pub async fn with(state: State, account: Account, kept: Option<String>, keys: Vec<String>) -> Self {
        let before = openable(&account, &keys);
        let everything = account.everything().await;
        let devices = account.devices().await;
        Self { state, account, kept, first: None, keys, before, everything, devices }
    }

    /// Tells and enters what the person has, then does what the page recommends. `expected` must be met on the way.
    pub async fn follow_plan(mut self, expected: Diagnosis) -> Course {
        let (mut visit, known, mut taken, offered) = self.arrive(None).await;
        let (diagnosis, action) = taken.last().copied().unwrap();
        let result = if taken.iter().any(|(diagnosis, _)| *diagnosis == expected) {
            self.act(&mut visit, action, known).await
        } else {
            taken.clear();
            Err(format!("expected {expected:?}, not {diagnosis:?}"))
        };
        let visited = self.leave(visit, diagnosis, action, result).await;
        Course { visited, taken, offered }
    }

    /// Does the same up to the diagnosis `at`, and there chooses an action that the page only offers.
    pub async fn choose(mut self, at: Diagnosis, action: Action) -> Visited {
        let (mut visit, known, ..) = self.arrive(Some(at)).await;
        let result = self.act(&mut visit, action, known).await;
        self.leave(visit, at, action, result).await
    }

    /// Signs in, and answers the page's questions until it recommends an action, or until the diagnosis `until` is met.
    /// Returns the recommended and all the offered steps.
    async fn arrive(
        &mut self,
        until: Option<Diagnosis>,
    ) -> (Visit, Known, Vec<(Diagnosis, Action)>, Vec<(Diagnosis, Action)>) {
        let (mut visit, facts) = Visit::sign_in(&self.account.homeserver, &self.account).await;
        let mut known = Known::default();
        let (mut taken, mut offered) = (Vec::new(), Vec::new());
        loop {
            let diagnosis = diagnose(&facts, &known);
            let plan = plan(diagnosis, &facts, &known);
            let chosen = chosen(plan, &known);
            taken.push((diagnosis, chosen));
            let all = plan.others.iter().chain([&plan.recommended]);
            offered.extend(all.filter(|action| **action != chosen).map(|action| (diagnosis, *action)));
            let asks = matches!(chosen, Action::WantBackup | Action::EnterKey);
            if !asks || until == Some(diagnosis) {
                return (visit, known, taken, offered);
            }
            if chosen == Action::WantBackup {
                known.wants_backup = true;
            } else {
                if let Some(first) = self.first.take() {
                    visit.try_key(&first).await;
                }
                known.key = match &self.kept {
                    Some(key) => KeyKnown::Tried(visit.try_key(key).await),
                    None => KeyKnown::Lost,
                };
            }
            assert!(taken.len() < 5, "{}: the page asks in circles: {taken:?}", self.state);
        }
    }

    /// Does one action; returns how it ended.
    async fn act(
        &mut self,
        visit: &mut Visit,
        action: Action,
        mut known: Known,
    ) -> Result<&'static str, String> {
        match action {
            Action::Verify => self.untouched("left untouched, for the app to help").await,
            Action::End | Action::BringKeys => {
                self.untouched("").await?;
                match (&self.kept, &known.key) {
                    (Some(key), KeyKnown::Tried(_)) => self.verified(&key.clone(), "verified, untouched"),
                    _ => Ok("left untouched"),
                }
            }
            Action::Cover => {
                let events = visit.tell(Command::Cover { further: false }).await;
                if !matches!(events.last(), Some(Event::Covered { .. })) {
                    return Err(format!("{events:?}"));
                }
                let key = self.kept.clone().ok_or("they have no key")?;
                self.untouched("").await?;
                self.verified(&key, "verified, untouched")
            }
            // The person's app does not run here: tests/engine/verify.rs has running ones.
            Action::AddKey => Err("no app handed anything over".to_owned()),
            Action::EnterKey => {
                let opening = visit.try_key(self.kept.as_deref().unwrap_or(ANOTHER_KEY)).await;
                if self.kept.is_none() && !matches!(opening, Opening::Nothing(_)) {
                    return Err(format!("a wrong key opens {opening:?}"));
                }
                self.untouched("tried, untouched").await
            }
            Action::SayKeyLost | Action::SayAppLost | Action::WantBackup => {
                match action {
                    Action::SayKeyLost => known.key = KeyKnown::Lost,
                    Action::SayAppLost => known.app_lost = true,
                    _ => known.wants_backup = true,
                }
                let [.., Event::Looked(facts)] = &visit.tell(Command::Look).await[..] else {
                    return Err("cannot look".to_owned());
                };
                let next = chosen(plan(diagnose(facts, &known), facts, &known), &known);
                Box::pin(self.act(visit, next, known)).await
            }
            Action::SetUp | Action::Reset | Action::ChangeKey => self.under_new_key(visit, action).await,
            Action::Repair | Action::Rotate | Action::Finish => {
                self.under_kept_key(visit, action, &known).await
            }
        }
    }

    /// Does what makes a key.
    async fn under_new_key(&mut self, visit: &mut Visit, action: Action) -> Result<&'static str, String> {
        let key = visit.make_key(None).await;
        if self.state == State::Table(25) {
            self.interfere(visit, action, &key).await?;
            return Ok("stopped, untouched");
        }
        let mut events = visit.write(action, Some(&key)).await;
        let asked = events.last() == Some(&password_wanted(Last::None));
        if asked {
            events = visit.give_password(&self.account.password).await;
        }
        // Only replacing an identity may ask for a proof.
        if asked != (action == Action::Reset) {
            return Err(format!("password asked for: {asked}"));
        }
        match events.last() {
            Some(Event::SetUpDone(_)) => {}
            Some(Event::Tried(opening)) if opening.is_all_right() => {}
            other => return Err(format!("{other:?}")),
        }
        // It takes along what the passphrase opened: the new key alone has to open all of that.
        if self.state == State::Beside(Beside::OldPassphrase) {
            self.keys.clear();
        }
        self.keys.push(key.expose().to_owned());
        self.verified(key.expose(), if asked { "verified, after the password" } else { "verified" })
    }

    /// Does what rests on the key that was kept.
    async fn under_kept_key(
        &mut self,
        visit: &mut Visit,
        action: Action,
        known: &Known,
    ) -> Result<&'static str, String> {
        let key = self.kept.clone().ok_or("they have no key")?;
        if action != Action::Finish && !matches!(known.key, KeyKnown::Tried(_)) {
            visit.try_key(&key).await;
        }
        let events = visit.write(action, Some(&Secret::from(key.as_str()))).await;
        match events.last() {
            Some(Event::SetUpDone(_) | Event::Rotated { .. }) => {}
            Some(Event::Tried(opening)) if opening.is_all_right() => {}
            other => return Err(format!("{other:?}")),
        }
        self.verified(&key, "verified")
    }

    /// Another client writes after the person agreed: the order must not write anything.
    async fn interfere(&mut self, visit: &mut Visit, action: Action, key: &Secret) -> Result<(), String> {
        self.account.set_account_data("m.secret_storage.default_key", json!({"key": "theirs"})).await;
        self.everything = self.account.everything().await;
        let events = visit.write(action, Some(key)).await;
        if events != [Event::Failed(Problem::SomeoneElseIsWriting)] {
            return Err(format!("{events:?}"));
        }
        self.untouched("").await.map(|_| ())
    }

    /// Has matrix-js-sdk judge the account, with nothing but password and key.
    fn verified(&self, key: &str, words: &'static str) -> Result<&'static str, String> {
        let report = verify(&self.account, Kept::Key(key));
        if report["ok"] == true { Ok(words) } else { Err(report.to_string()) }
    }

    async fn untouched(&self, words: &'static str) -> Result<&'static str, String> {
        let now = self.account.everything().await;
        if now == self.everything { Ok(words) } else { Err(format!("was {}, is {now}", self.everything)) }
    }

    /// Signs out, and compares what can be read with what could be read before.
    async fn leave(
        self,
        mut visit: Visit,
        diagnosis: Diagnosis,
        action: Action,
        mut result: Result<&'static str, String>,
    ) -> Visited {
        if visit.tell(Command::SignOut).await != [Event::SignedOut] {
            result = Err("cannot sign out".to_owned());
        }
        if self.account.devices().await != self.devices {
            result = Err("the devices are not those of before".to_owned());
        }
        let now = openable(&self.account, &self.keys);
        let is_lost = |(session, index): &(&String, &u64)| now.get(*session).is_none_or(|now| now > index);
        let lost: BTreeSet<_> = self.before.iter().filter(is_lost).collect();
        if !lost.is_empty() {
            result = Err(format!("lost: {lost:?}"));
        }
        Visited { state: self.state, losses: lost.len(), diagnosis, action, result, others: Vec::new() }
    }
}

/// Chooses what the page recommends. Whoever has entered or given up their key is left with a new identity where the page
/// offers one.
fn chosen(plan: Plan, known: &Known) -> Action {
    let is_left = known.key != KeyKnown::NotAsked && plan.others.contains(&Action::Reset);
    if is_left { Action::Reset } else { plan.recommended }
}

/// Lists what keys open, over every backup version there is, as another implementation decrypts it.
fn openable(account: &Account, keys: &[String]) -> Openable {
    let question = json!({
        "homeserver": account.homeserver, "access_token": account.token(), "recovery_keys": keys,
    });
    let list = ask("interop/openable.mjs", &question);
    let entry = |line: &Value| {
        let (session, index) = line.as_str().unwrap().rsplit_once('|').unwrap();
        (session.to_owned(), index.parse().unwrap())
    };
    list.as_array().unwrap().iter().map(entry).collect()
}
