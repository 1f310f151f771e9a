//! `make states`: every state that an account can be in, on a real homeserver. The page's engine gives its diagnosis
//! and does what its plan recommends; on accounts of their own it does everything else that the plan offers. Two other
//! implementations look at the result. Can the account be opened with what the person holds, and can everything still
//! be read that could be read before?
//!
//! Prints a line for each state, and `25 of 25 states right, 0 losses` as the last line; ends with 1 otherwise.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod beside;
mod person;
#[path = "../support/mod.rs"]
mod support;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    process::ExitCode,
    sync::Mutex,
    thread,
};

use matrixbackup::domain::{
    diagnosis::Diagnosis::{self, *},
    plan::Action,
};
use person::{Course, Person, State, Visited};

/// Each state's number, and the diagnosis that must be met while the person tells and enters what they have.
const STATES: [(u8, Diagnosis); 25] = [
    (1, NothingSetUp),
    (2, BackupWithoutRecoveryKey),
    (3, IdentityOnly),
    (4, AllGood),
    (5, KeyLostAppOpen),
    (6, KeyLost),
    (7, IdentityOrphaned),
    (8, IdentityNotStored),
    (9, BackupKeyNotStored),
    (10, BackupKeyStale),
    (11, BackupNobodyOpens),
    (12, BackupUnsigned),
    (13, IdentityReplaced),
    (14, SecretsUnderAnotherKey),
    (15, Unfinished),
    (16, IdentityUnpublished),
    (17, BackupKeyDamaged),
    (18, SwitchedOff),
    (19, DeviceUnverified),
    (20, Gaps),
    (21, KeysNobodyHas),
    (22, DeviceDehydrated),
    // The server asks for the password while the identity is replaced.
    (23, IdentityOrphaned),
    // The page makes nothing before the key was entered.
    (24, KeyWanted),
    // Another client writes between looking and writing.
    (25, NothingSetUp),
];

/// The pairs of a diagnosis and an action: the table in `src/domain/plan/tests.rs` without four. Those come only after
/// a running app has handed something over (tests/engine/verify.rs).
const PAIRS: usize = 83;

/// Accounts that are looked after at the same time: most of the time is spent waiting for the clients.
const AT_A_TIME: usize = 4;

/// The pairs that a thread carries out, or has carried out.
type Pairs = Mutex<BTreeSet<(Diagnosis, Action)>>;

fn main() -> ExitCode {
    let wanted: Vec<u8> = std::env::args().skip(1).filter_map(|number| number.parse().ok()).collect();
    let table = STATES.into_iter().filter(|(number, _)| wanted.is_empty() || wanted.contains(number));
    let table = table.map(|(number, diagnosis)| (State::Table(number), diagnosis));
    let beside = beside::ALL.into_iter().filter(|_| wanted.is_empty());
    let beside = beside.map(|(beside, diagnosis)| (State::Beside(beside), diagnosis));
    let states: Mutex<VecDeque<_>> = Mutex::new(table.chain(beside).collect());
    let (visited, pairs) = (Mutex::new(BTreeMap::new()), Pairs::default());
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                // The engine stays on one thread, as in the browser.
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                while let Some((state, expected)) = { states.lock().unwrap().pop_front() } {
                    let done = runtime.block_on(visit(state, expected, &pairs));
                    done.print();
                    visited.lock().unwrap().insert(state, done);
                }
            });
        }
    });
    let (visited, pairs) = (visited.into_inner().unwrap(), pairs.into_inner().unwrap());
    let is_table = |visited: &&Visited| matches!(visited.state, State::Table(_));
    let all = visited.values().filter(is_table).count();
    let right = visited.values().filter(is_table).filter(|visited| visited.is_right()).count();
    let losses: usize = visited.values().map(|visited| visited.losses).sum();
    println!("{} of {PAIRS} pairs of a diagnosis and an action carried out", pairs.len());
    println!("{right} of {all} states right, {losses} losses");
    let everything = visited.values().all(Visited::is_right) && losses == 0;
    let every_pair = !wanted.is_empty() || pairs.len() == PAIRS;
    if everything && every_pair { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Looks after one state, by its plan first. Then, on a new account each, by everything else that is offered on the way
/// and that no thread has chosen yet.
async fn visit(state: State, expected: Diagnosis, pairs: &Pairs) -> Visited {
    let Course { mut visited, taken, offered } = meet(state).await.follow_plan(expected).await;
    pairs.lock().unwrap().extend(taken);
    for (diagnosis, action) in offered {
        let is_new = pairs.lock().unwrap().insert((diagnosis, action));
        if is_new {
            visited.add(meet(state).await.choose(diagnosis, action).await);
        }
    }
    visited
}

async fn meet(state: State) -> Person {
    match state {
        State::Table(number) => Person::of_table(number).await,
        State::Beside(beside) => beside.meet().await,
    }
}
