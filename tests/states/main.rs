//! `make states`: every state an account can be in, on a real homeserver. The page's engine says what is the
//! matter, does what its plan says (and, on an account of its own each, everything else the plan offers), and
//! two other implementations look at the result: can the account be opened with what the person holds, and
//! can everything still be read that could be read before?
//!
//! Prints a line for each state and last `25 of 25 states right, 0 losses`; ends with 1 otherwise.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod person;
#[path = "../support/mod.rs"]
mod support;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    process::ExitCode,
    sync::Mutex,
    thread,
};

use matrixbackup::domain::diagnosis::Diagnosis::{self, *};
use person::{Course, Person, Visited};

/// Each state's number, and the diagnosis that must be met while the person says and enters what they have.
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
    // Nothing is made before the key was entered.
    (24, KeyWanted),
    // Somebody else writes between looking and writing.
    (25, NothingSetUp),
];

/// How many accounts are looked after at the same time: most of the time is spent waiting for the clients.
const AT_A_TIME: usize = 4;

fn main() -> ExitCode {
    let wanted: Vec<u8> = std::env::args().skip(1).filter_map(|number| number.parse().ok()).collect();
    let states = STATES.into_iter().filter(|(number, _)| wanted.is_empty() || wanted.contains(number));
    let states = Mutex::new(states.collect::<VecDeque<_>>());
    let visited = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                // The engine stays on one thread, as in the browser.
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                while let Some((number, expected)) = { states.lock().unwrap().pop_front() } {
                    let done = runtime.block_on(visit(number, expected));
                    done.print();
                    visited.lock().unwrap().insert(number, done);
                }
            });
        }
    });
    let visited = visited.into_inner().unwrap();
    let right = visited.values().filter(|visited| visited.is_right()).count();
    let losses: usize = visited.values().map(|visited| visited.losses).sum();
    let pairs: BTreeSet<_> = visited.values().flat_map(Visited::pairs).collect();
    println!("{} pairs of a diagnosis and an action were carried out", pairs.len());
    println!("{right} of {} states right, {losses} losses", visited.len());
    if right == visited.len() && losses == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Looks after one state: by its plan first, then, on new accounts, by everything else that is offered.
async fn visit(number: u8, expected: Diagnosis) -> Visited {
    let Course { mut visited, others } = Person::meet(number).await.follow_plan(expected).await;
    for action in others {
        visited.add(Person::meet(number).await.choose(*action).await);
    }
    visited
}
