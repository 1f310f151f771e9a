//! One run: a deed, one fault at one request, and how the person goes on from there.

use std::fmt;

use matrixbackup::{
    domain::{plan::Task, problem::Problem, proof::Proof, secret::Secret},
    engine::DEVICE_NAME,
    protocol::messages::{Command, Event},
};
use serde_json::Value;

use crate::{
    deed::{Deed, PHRASE, Scene},
    person::{Return, come_back, is_done},
    support::{
        account::Account,
        judge::Judge,
        key_files::PASSPHRASE,
        leak::{Needle, leaks},
        proxy::{Fault, Proxy, fault::Trap},
        visit::{Visit, tasks_in},
    },
};

/// The way on of the person after the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recovery {
    /// The fault strikes once; the person tries again in the page if the page does not recover by itself.
    Passing,
    /// The fault lasts until the page gives up; then the person tries again there.
    InPage,
    /// The fault lasts until the page gives up; then the person loads it anew.
    Reload,
}

/// A run to be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    pub deed: Deed,
    pub k: usize,
    /// `None` for the run without a fault that counts the requests.
    pub fault: Option<Fault>,
    pub recovery: Recovery,
    /// Set if a whole other client signs in at the end with what was kept.
    pub by_client: bool,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = self.fault.map_or("no fault".to_owned(), Fault::name);
        write!(f, "{:?}, write {}, {fault}, {:?}", self.deed, self.k, self.recovery)
    }
}

/// The outcome of a run.
#[derive(Default)]
pub struct Outcome {
    /// The invariants that did not hold.
    pub violations: Vec<String>,
    /// The number of requests of the order that change something.
    pub writes: usize,
}

/// A run in progress.
struct Course<'a> {
    run: Run,
    judge: &'a Judge,
    scene: Scene,
    proxy: Proxy,
    /// The recovery keys that were made, all of them kept.
    made: Vec<String>,
    /// The judge's report before the order.
    before: Value,
    /// True if apps with one of the held keys could open the current version before.
    opened_before: bool,
    /// Everything on the server before.
    everything: Value,
    devices: Vec<String>,
    violations: Vec<String>,
}

/// Tells whether trying again helps as soon as the fault is over.
fn passes(fault: Fault) -> bool {
    use Fault::*;
    matches!(
        fault,
        RequestLost | AnswerLost | ServerError | BadGateway | RateLimited | Late | TooLongAWait | Truncated
    )
}

/// Carries a run out.
pub async fn carry_out(run: Run, judge: &Judge) -> Outcome {
    let scene = Scene::make(run.deed).await;
    let proxy = Proxy::recording(&scene.account.homeserver).await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &scene.account).await;
    let new = scene.prepare(&mut visit).await;
    let made: Vec<_> = new.iter().map(|key| key.expose().to_owned()).collect();
    let before = judge.look(&scene.account, &scene.held(&[]), None).await;
    let opened_before = opens_newest(judge, &scene.account, &scene.held(&[])).await;
    let everything = scene.account.everything().await;
    let mut devices = scene.account.devices().await;
    devices.retain(|name| name != DEVICE_NAME);
    let violations = Vec::new();
    let mut course =
        Course { run, judge, scene, proxy, made, before, opened_before, everything, devices, violations };
    let writes = course.go(visit, new.as_ref()).await;
    Outcome { violations: course.violations, writes }
}

/// Lists the tasks that were told as done and not as taken back since.
fn standing(events: &[Event]) -> Vec<Task> {
    let last = events.iter().rposition(|event| matches!(event, Event::TakenBack(_)));
    let since = last.map_or(events, |last| &events[last + 1..]);
    let stood = match last.and_then(|last| events.get(last)) {
        Some(Event::TakenBack(stand)) => stand.clone(),
        _ => Vec::new(),
    };
    stood.into_iter().chain(tasks_in(since)).collect()
}

/// Tells whether apps find, with one of these keys, what opens the current version.
async fn opens_newest(judge: &Judge, account: &Account, held: &[String]) -> bool {
    for key in held {
        let kept = &judge.look(account, held, Some(key)).await["kept"];
        if kept["default_key_is_opened"] == true && kept["backup_key_opens_newest"] == true {
            return true;
        }
    }
    false
}

impl Course<'_> {
    async fn go(&mut self, mut visit: Visit, new: Option<&Secret>) -> usize {
        let so_far = self.proxy.writes().len();
        if let Some(fault) = self.run.fault {
            let times = if self.run.recovery == Recovery::Passing { 1 } else { usize::MAX };
            let of_one_kind = fault == Fault::Refused;
            self.proxy.lay(Trap { times, of_one_kind, ..Trap::of_write(self.run.k, fault.into()) });
        }
        let mut events = self.scene.order(&mut visit, new).await;
        let writes = self.proxy.writes().len() - so_far;
        let is_closed = matches!(self.run.fault, Some(Fault::ClosedBefore | Fault::ClosedAfter));
        self.proxy.mend();
        let after = self.after_fault(&events, is_closed).await;

        if !is_closed && self.run.recovery != Recovery::Reload {
            for _ in 0..2 {
                match events.last() {
                    Some(Event::Failed(problem)) if problem.may_pass() => {
                        events = self.scene.order(&mut visit, new).await;
                    }
                    _ => break,
                }
            }
        }
        let is_left = is_closed || self.run.recovery == Recovery::Reload || !is_done(events.last());
        if is_left {
            let stayed = !is_closed && self.run.recovery != Recovery::Reload;
            if stayed && self.run.fault.is_none_or(passes) {
                self.violations.push(format!("it cannot be gone on with in the page: {:?}", events.last()));
            }
            if !is_closed {
                visit.tell(Command::SignOut).await;
            }
            match come_back(&self.proxy.url, &self.scene, &mut self.made).await {
                Ok(Return { visit: back, said }) => {
                    visit = back;
                    events.extend(said);
                }
                Err(why) => {
                    self.violations.push(format!("I7: it cannot be finished: {why}"));
                    return writes;
                }
            }
        }
        self.leave(&mut visit).await;
        self.at_the_end(&after).await;
        if self.run.deed == Deed::ChangeKey && !is_left {
            self.old_key_is_retired().await;
        }
        writes
    }

    /// Checks what must hold the moment the page gives up or is gone: I1, I2, I4, and I10 if there is a screen.
    async fn after_fault(&mut self, events: &[Event], is_closed: bool) -> Value {
        let held = self.scene.held(&self.made);
        let now = self.judge.look(&self.scene.account, &held, None).await;
        self.nothing_is_lost("right after", &now["sessions"]);
        if !self.run.deed.may_change_identity() && now["master_key"] != self.before["master_key"] {
            self.violations.push("I4 right after: the identity is another".to_owned());
        }
        self.the_current_version_is_open(events, is_closed, &now).await;
        if is_closed {
            return now;
        }
        let tasks = standing(events);
        let is_other = |what: &str| now[what] != self.before[what];
        for (task, is_true) in [
            (Task::PublishIdentity, is_other("master_key")),
            (Task::CreateBackup, is_other("newest")),
            (Task::Commit, is_other("default_key")),
        ] {
            if tasks.contains(&task) && !is_true {
                self.violations.push(format!("I10: it says {task:?} is done"));
            }
        }
        match events.last() {
            Some(Event::Failed(problem)) => {
                let words = problem.words();
                let says = [words.title, words.meaning, words.action].concat();
                let nothing = says.contains("Nothing was changed") || says.contains("it did nothing");
                if nothing && self.scene.account.everything().await != self.everything {
                    self.violations.push(format!("I10: it says that nothing was changed: {problem:?}"));
                }
            }
            last if is_done(last) => self.opens_everything("I10: it says that all is done").await,
            last => self.violations.push(format!("I10: it ends with {last:?}")),
        }
        now
    }

    /// Checks I11 right after the fault.
    async fn the_current_version_is_open(&mut self, events: &[Event], is_closed: bool, now: &Value) {
        use Problem::{KeyNotPutBack, SignedOut};
        let versions = now["versions"].as_array().unwrap();
        let is_opened = |version: &Value| version["opened"] == true;
        let is_excused = is_closed || matches!(events.last(), Some(Event::Failed(KeyNotPutBack | SignedOut)));
        if self.opened_before && !is_excused {
            if !opens_newest(self.judge, &self.scene.account, &self.scene.held(&self.made)).await {
                let last = events.last();
                self.violations.push(format!("I11: apps cannot open the current version: {last:?}"));
            }
        } else if self.opened_before {
            let newest = versions.iter().find(|version| version["version"] == now["newest"]);
            if !newest.is_some_and(is_opened) {
                self.violations.push("I11: nothing that is held opens the current version".to_owned());
            }
        }
        let was_there = |version: &Value| {
            self.before["versions"].as_array().unwrap().iter().any(|one| one["version"] == version["version"])
        };
        if let Some(version) = versions.iter().find(|version| !was_there(version) && !is_opened(version)) {
            self.violations.push(format!("I11: nothing that is held opens {version}, which was made"));
        }
    }

    /// Checks I1 and I2: everything that the person's keys could read can still be read.
    fn nothing_is_lost(&mut self, when: &str, now: &Value) {
        let index = |list: &Value, session: &str| -> Option<u64> {
            let lines = list.as_array().unwrap().iter().filter_map(Value::as_str);
            let parts = lines.filter_map(|line| line.rsplit_once('|'));
            parts.filter(|(name, _)| *name == session).find_map(|(_, index)| index.parse().ok())
        };
        let mut lost = 0;
        for line in self.before["sessions"].as_array().unwrap() {
            let (session, first) = line.as_str().unwrap().rsplit_once('|').unwrap();
            let first: u64 = first.parse().unwrap();
            if index(now, session).is_none_or(|now| now > first) {
                lost += 1;
            }
        }
        if lost > 0 {
            self.violations.push(format!("I1, I2 {when}: {lost} room keys cannot be read any more"));
        }
    }

    /// The key that has to open everything at the end.
    fn kept(&self) -> String {
        self.made.last().or(self.scene.old.as_ref()).unwrap().clone()
    }

    /// Checks I3, I5 and I7, as the judge sees them with the kept key alone.
    async fn opens_everything(&mut self, otherwise: &str) {
        let kept = self.kept();
        let now = self.judge.look(&self.scene.account, &self.scene.held(&self.made), Some(&kept)).await;
        for (fact, is_true) in now["kept"].as_object().unwrap() {
            if is_true == false {
                self.violations.push(format!("{otherwise}, not {fact}"));
            }
        }
    }

    /// Removes the devices that earlier visits left, and signs out.
    async fn leave(&mut self, visit: &mut Visit) {
        let is_checked = |events: &[Event]| matches!(events.last(), Some(Event::Checked(_)));
        let mut events = visit.tell(Command::Check).await;
        if let Some(Event::Checked(checked)) = events.last()
            && !checked.left_over.is_empty()
        {
            events = visit
                .tell(Command::RemoveLeftOver {
                    proof: Some(Proof::Password(self.scene.account.password.as_str().into())),
                })
                .await;
        }
        if !is_checked(&events) {
            self.violations.push(format!("I10: it cannot be checked: {:?}", events.last()));
        }
        if visit.tell(Command::SignOut).await != [Event::SignedOut] {
            self.violations.push("I6: it cannot be signed out".to_owned());
        }
    }

    /// Checks everything once the person has gone on.
    async fn at_the_end(&mut self, after: &Value) {
        let kept = self.kept();
        let held = self.scene.held(&self.made);
        let now = self.judge.look(&self.scene.account, &held, Some(&kept)).await;
        self.nothing_is_lost("at the end", &now["kept"]["sessions"]);
        for (number, fact) in [
            ("I3", "backup_key_opens_newest"),
            ("I5", "description_has_iv_and_mac"),
            ("I5", "all_secrets_under_default_key"),
            ("I7", "default_key_is_opened"),
            ("I7", "identity_is_the_published_one"),
            ("I7", "identity_is_signed"),
            ("I7", "backup_is_signed"),
            ("I10", "is_not_switched_off"),
        ] {
            if now["kept"][fact] != true {
                self.violations.push(format!("{number} at the end: not {fact}"));
            }
        }
        // The identity that was published when the page went on stays, even if a new one was agreed to.
        let published = [&self.before, after].map(|seen| &seen["master_key"]);
        let stays = if self.run.deed.may_change_identity() { published[1] } else { published[0] };
        let may_come =
            self.run.deed.may_change_identity() && (stays.is_null() || published[0] == published[1]);
        if !may_come && now["master_key"] != *stays {
            self.violations.push("I4 at the end: the identity is another".to_owned());
        }
        if self.scene.account.devices().await != self.devices {
            self.violations.push(format!("I6: devices {:?}", self.scene.account.devices().await));
        }
        let was_there = |version: &Value| {
            self.before["versions"].as_array().unwrap().iter().any(|one| one["version"] == version["version"])
        };
        for version in now["versions"].as_array().unwrap() {
            if version["count"] != 0 && version["opened"] == false && !was_there(version) {
                self.violations.push(format!("I9: nobody opens {version}"));
            }
        }
        let new = now["versions"].as_array().unwrap().iter().filter(|version| !was_there(version)).count();
        // What a closed tab kept out of the new version can be taken along into a fresh one only.
        if new > 1 + usize::from(self.run.deed.takes_along()) {
            self.violations.push(format!("I9: {new} versions were made"));
        }
        let before = self.before.clone();
        self.no_leak(&[&before, after, &now]);
        if self.run.by_client {
            let report = self.judge.verify(&self.scene.account, &kept).await;
            if report["ok"] != true {
                self.violations.push(format!("I7: another client finds {report}"));
            }
        }
    }

    /// Checks beyond the invariants that the replaced key opens nothing any more.
    async fn old_key_is_retired(&mut self) {
        let now = self.judge.look(&self.scene.account, &self.scene.held(&[]), None).await;
        if now["sessions"] != Value::Array(Vec::new()) || now["secrets"] != Value::Array(Vec::new()) {
            self.violations.push("the old key still opens something".to_owned());
        }
    }

    /// Checks I8: none of the secrets of any moment was sent.
    fn no_leak(&mut self, seen: &[&Value]) {
        let mut needles: Vec<_> = self
            .scene
            .held(&self.made)
            .iter()
            .flat_map(|key| Needle::recovery_key("recovery key", key))
            .collect();
        needles.push(Needle::text("phrase", PHRASE));
        needles.push(Needle::text("file passphrase", PASSPHRASE));
        let secrets = seen.iter().flat_map(|seen| seen["secrets"].as_array().unwrap());
        needles.extend(secrets.map(|secret| Needle::base64("stored secret", secret.as_str().unwrap())));
        let room_keys = self.scene.room_keys.iter();
        needles.extend(room_keys.map(|key| Needle::bytes("room key", &key.session_key.to_bytes())));
        let found = leaks(&self.proxy.record(), &self.scene.account.password, &needles);
        self.violations.extend(found.into_iter().map(|leak| format!("I8: {leak}")));
    }
}
