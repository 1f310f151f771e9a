//! The person who comes back with the password and what they kept, and does what the page recommends.

use matrixbackup::{
    domain::{
        account::Account,
        diagnosis::{KeyKnown, Known, diagnose},
        opening::Opening,
        plan::{Action, plan},
        secret::Secret,
    },
    protocol::messages::{Command, Event},
};

use crate::{
    deed::{Deed, OLD_ROOM_KEYS, Scene, order},
    support::visit::Visit,
};

/// The most steps that the page may ask for.
const STEPS: usize = 8;

/// A visit that ended with everything in order.
pub struct Return {
    pub visit: Visit,
    /// The last event about a write, if there was one.
    pub said: Option<Event>,
}

/// What the person knows while the page leads them.
struct Knowledge {
    facts: Account,
    known: Known,
    /// Set once every key was entered that they hold.
    tried_all: bool,
}

/// Comes back and follows the plan until nothing is left to mend and the deed is done. `made` are the new keys so far,
/// all kept; keys that are made now are added.
pub async fn come_back(url: &str, scene: &Scene, made: &mut Vec<String>) -> Result<Return, String> {
    let (mut visit, facts) = Visit::sign_in(url, &scene.account).await;
    let mut knowledge = Knowledge { facts, known: Known::default(), tried_all: false };
    let mut said = None;
    if let Some(entry) = scene.of_backup() {
        knowledge.known.reads_older = visit.try_key(entry).await.only_reads();
    }
    let mut course = Vec::new();
    for _ in 0..STEPS {
        let recommended = knowledge.recommended();
        course.push((diagnose(&knowledge.facts, &knowledge.known), recommended));
        let of_course = |said: String| format!("{course:?}: {said}");
        let action = match recommended {
            Action::WantBackup | Action::EnterKey | Action::Verify => {
                knowledge.learn(recommended, &mut visit, scene, made).await.map_err(of_course)?;
                continue;
            }
            Action::Cover | Action::BringKeys | Action::End => {
                match left_to_do(&mut visit, scene, made).await {
                    Some(action) => action,
                    None => return Ok(Return { visit, said }),
                }
            }
            Action::SetUp
            | Action::Reset
            | Action::Finish
            | Action::Repair
            | Action::Rotate
            | Action::AddKey
            | Action::ChangeKey => recommended,
            _ => return Err(format!("it asks for what there is not: {course:?}")),
        };
        let events = carry_out(action, &mut visit, scene, made).await;
        if !is_done(events.last()) {
            return Err(of_course(format!("{:?}", events.last())));
        }
        said = events.last().cloned();
        let [.., Event::Looked(now)] = &visit.tell(Command::Look).await[..] else {
            return Err("cannot look".to_owned());
        };
        let Knowledge { facts, known, tried_all } = &mut knowledge;
        *facts = now.clone();
        known.key = KeyKnown::NotAsked;
        known.handed_over = None;
        *tried_all = false;
    }
    Err(format!("the page asks in circles: {course:?}"))
}

impl Knowledge {
    fn recommended(&self) -> Action {
        recommended(&self.facts, &self.known, self.tried_all)
    }

    /// Does what the page recommends where that only adds to what is known.
    async fn learn(
        &mut self,
        recommended: Action,
        visit: &mut Visit,
        scene: &Scene,
        made: &[String],
    ) -> Result<(), String> {
        match recommended {
            Action::WantBackup => self.known.wants_backup = true,
            Action::EnterKey if self.tried_all => self.known.key = KeyKnown::Lost,
            Action::EnterKey => self.enter_all(visit, scene, made).await,
            _ if scene.app.is_none() => return Err("it asks for an app".to_owned()),
            _ => {
                // A person who has a key enters it first: handed-over secrets can go under it.
                if !scene.entries(made).is_empty() {
                    self.enter_all(visit, scene, made).await;
                }
                // The key may open so much that no app is needed.
                if self.recommended() == Action::Verify {
                    self.compare(visit, scene).await?;
                }
            }
        }
        Ok(())
    }

    async fn enter_all(&mut self, visit: &mut Visit, scene: &Scene, made: &[String]) {
        (self.facts, self.known.key) = enter(visit, &scene.entries(made), &self.known).await;
        self.tried_all = true;
    }

    /// Compares emoji with the person's app, which hands over what it has. It may still be busy with a comparison that
    /// was cut short.
    async fn compare(&mut self, visit: &mut Visit, scene: &Scene) -> Result<(), String> {
        let mut events = scene.compare(visit).await;
        for _ in 0..2 {
            if matches!(events.last(), Some(Event::HandedOver(_))) {
                break;
            }
            events = scene.compare(visit).await;
        }
        let Some(Event::HandedOver(came)) = events.last() else {
            return Err(format!("{:?}", &events[events.len().saturating_sub(4)..]));
        };
        self.known.handed_over = Some(*came);
        for event in &events {
            match event {
                Event::Looked(now) => self.facts = now.clone(),
                Event::Tried(opening) => self.known.key = KeyKnown::Tried(opening.clone()),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Says what the page recommends, or leaves to do once every key was tried.
fn recommended(facts: &Account, known: &Known, tried_all: bool) -> Action {
    let plan = plan(diagnose(facts, known), facts, known);
    let is_left = tried_all && plan.others.contains(&Action::Reset);
    if is_left { Action::Reset } else { plan.recommended }
}

/// Gives an order, with a new key if it needs one. To cover messages is to import the file.
async fn carry_out(action: Action, visit: &mut Visit, scene: &Scene, made: &mut Vec<String>) -> Vec<Event> {
    let key = match action {
        Action::Cover => return visit.import(scene.file.as_ref().unwrap()).await,
        Action::Finish => made.last().map(|key| Secret::from(key.as_str())),
        Action::SetUp | Action::Reset | Action::ChangeKey | Action::AddKey => {
            let key = visit.make_key(None).await;
            made.push(key.expose().to_owned());
            Some(key)
        }
        _ => None,
    };
    order(visit, action, key.as_ref(), &scene.account.password).await
}

/// Enters the held keys, newest first, until one opens so much that the page recommends more than entering one.
async fn enter(visit: &mut Visit, held: &[String], known: &Known) -> (Account, KeyKnown) {
    let mut best = KeyKnown::Lost;
    let mut facts = None;
    for entry in held.iter().rev() {
        let events = visit.tell(Command::TryKey { entry: Secret::from(entry.as_str()) }).await;
        let [Event::Looked(now), Event::Tried(opening)] = &events[..] else { panic!("{events:?}") };
        facts = Some(now.clone());
        let tried = KeyKnown::Tried(opening.clone());
        let of_it = Known { key: tried.clone(), ..known.clone() };
        let is_more = recommended(now, &of_it, true) != Action::EnterKey;
        if opening.is_all_right() || is_more && !matches!(opening, Opening::Nothing(_)) {
            return (now.clone(), tried);
        }
        if !matches!(opening, Opening::Nothing(_)) {
            best = tried;
        }
    }
    let facts = match facts {
        Some(facts) => facts,
        None => match &visit.tell(Command::Look).await[..] {
            [Event::Looked(facts)] => facts.clone(),
            events => panic!("{events:?}"),
        },
    };
    (facts, best)
}

/// Finds what the deed still lacks on an account where nothing is wrong.
async fn left_to_do(visit: &mut Visit, scene: &Scene, made: &[String]) -> Option<Action> {
    match scene.deed {
        Deed::ChangeKey => {
            for key in made {
                if visit.try_key(key).await.is_all_right() {
                    return None;
                }
            }
            visit.try_key(scene.old.as_ref().unwrap()).await;
            Some(Action::ChangeKey)
        }
        Deed::Rotate => {
            let backup = scene.account.backup().await.unwrap();
            (backup["version"] == "1").then_some(Action::Rotate)
        }
        // They are put into the new version last, so that a closed tab may leave it without them.
        Deed::SetUpTakingAlong | Deed::ResetTakingAlong => {
            let backup = scene.account.backup().await.unwrap();
            (backup["count"] != OLD_ROOM_KEYS).then_some(Action::Rotate)
        }
        Deed::Import => {
            let backup = scene.account.backup().await.unwrap();
            (backup["count"] != 1_006).then_some(Action::Cover)
        }
        _ => None,
    }
}

/// Tells whether this event says that the whole deed is done.
pub fn is_done(event: Option<&Event>) -> bool {
    match event {
        Some(Event::SetUpDone(_) | Event::Rotated { .. } | Event::Imported(_) | Event::Deleted) => true,
        Some(Event::Tried(opening)) => opening.is_all_right(),
        _ => false,
    }
}
