//! `make sweep`: every request that changes something × every way in which it can go wrong × every way on from there
//! (SECURITY.md). The order is given through a proxy that breaks the k-th request; then the person goes
//! on, and another implementation looks at the account.
//!
//! Right after the fault, when the page has given up or is gone, must hold:
//! - I1 and I2: what could be read with what the person holds can be, with that and the new key they keep;
//! - I4: the identity is the same, unless a new one was agreed to;
//! - I11: what apps find with a key that the person holds opens the current version, if it did before. In two cases no
//!   order of writes can see to that: a tab that is gone between two of them, and a server that lets nothing more be
//!   written, in which case the page must say so. Then what the person holds must open the current version by what was
//!   put aside, so that the next visit can put it right. Where nothing opened the current version before, or there was
//!   none, every version that was made meanwhile must be opened by what the person holds;
//! - I10: what is ticked off is on the server; "nothing was changed" is true; "done" means that the kept key alone
//!   opens everything.
//!
//! After going on, everything must hold: I1 and I2 with the kept key alone; I3 and I5; I4, and that an identity which
//! was published by then has stayed; I6, once what a closed tab left was removed as the page offers; I7, which is
//! how it went on, and what the judge finds with the kept key; I8, over every byte that was sent since sign-in; I9; and
//! I10 again.
//!
//! Ways on: in the page after a fault that strikes once, in the page after one that lasts until it gives up, and by a
//! new visit with the password and what was kept. Another browser is the same as that, since the page stores nothing in
//! one; there the device of the first visit stays behind, as after a closed tab. After every third run, a whole client
//! of another implementation signs in with password and kept key, and after a closed tab or a refusal it always does.
//!
//! A late answer is one that nobody waits for any more: after the deadline it is the same as a lost one, so it strikes
//! once only.
//!
//! With `MATRIXBACKUP_SWEEP=sample` a fixed part of it, spread over all of it; with a number each so-manieth run. Arguments
//! name deeds: `ChangeKey`.
//!
//! Prints a table and last `1234 runs, 0 violations`; ends with 1 if there is a violation.
// The SDK's futures are deep.
#![recursion_limit = "256"]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[allow(dead_code)]
#[path = "../support/clients/app.rs"]
mod app;
mod deed;
mod emoji;
mod person;
mod run;
#[path = "../support/mod.rs"]
mod support;

use std::{
    collections::{BTreeMap, VecDeque},
    panic::AssertUnwindSafe,
    process::ExitCode,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use deed::Deed;
use futures_util::FutureExt as _;
use run::{Outcome, Recovery, Run, carry_out};
use support::{judge::Judge, proxy::Fault};

/// Every fault, and whether the page gets over it by itself when it strikes once.
const FAULTS: [(Fault, bool); 15] = [
    (Fault::RequestLost, true),
    (Fault::AnswerLost, true),
    (Fault::ServerError, true),
    (Fault::BadGateway, true),
    (Fault::RateLimited, true),
    (Fault::Late, true),
    (Fault::TooLongAWait, false),
    (Fault::Truncated, false),
    (Fault::UnknownToken, false),
    (Fault::SoftLogout, false),
    (Fault::Forbidden, false),
    (Fault::Refused, false),
    (Fault::WrongVersion, false),
    (Fault::ClosedBefore, false),
    (Fault::ClosedAfter, false),
];

/// How many runs are under way at the same time: most of the time is spent waiting for the homeserver.
const AT_A_TIME: usize = 8;
/// How much shorter the pauses between two attempts are than in the browser.
const HASTE: u32 = 40;
/// After so long nobody waits for an answer any more.
const DEADLINE: Duration = Duration::from_secs(4);
/// Of the whole sweep, each so-manieth run is in the sample.
const SAMPLE: usize = 27;

/// The runs of one deed whose order makes so many requests.
fn runs_of(deed: Deed, writes: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    for k in 0..writes {
        for (fault, is_overcome) in FAULTS {
            let recoveries: &[Recovery] = match fault {
                Fault::ClosedBefore | Fault::ClosedAfter => &[Recovery::Reload],
                Fault::Late => &[Recovery::Passing],
                _ if is_overcome => &[Recovery::Passing, Recovery::InPage, Recovery::Reload],
                _ => &[Recovery::InPage, Recovery::Reload],
            };
            for recovery in recoveries {
                let is_closed = matches!(fault, Fault::ClosedBefore | Fault::ClosedAfter);
                let is_refused = matches!(fault, Fault::Forbidden | Fault::Refused | Fault::WrongVersion);
                let by_client = is_closed || is_refused || runs.len() % 3 == 0;
                runs.push(Run { deed, k, fault: Some(fault), recovery: *recovery, by_client });
            }
        }
    }
    // A phrase changes what is entered, not what is written: a few are enough.
    if deed == Deed::SetUpWithPhrase { runs.into_iter().step_by(29).collect() } else { runs }
}

/// Carries out what is listed, several at a time.
fn carry_out_all(runs: Vec<Run>, judge: &Judge) -> Vec<(Run, Outcome)> {
    let all = runs.len();
    let runs: Mutex<VecDeque<_>> = Mutex::new(runs.into());
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                // The engine stays on one thread, as in the browser.
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                while let Some(run) = { runs.lock().unwrap().pop_front() } {
                    let carried = AssertUnwindSafe(carry_out(run, judge)).catch_unwind();
                    let outcome = runtime.block_on(carried).unwrap_or_else(|panicked| Outcome {
                        violations: vec![format!("it broke off: {:?}", panicked.downcast_ref::<String>())],
                        writes: 0,
                    });
                    for violation in &outcome.violations {
                        println!("VIOLATION {run}: {violation}");
                    }
                    let mut done = done.lock().unwrap();
                    done.push((run, outcome));
                    if done.len().is_multiple_of(50) {
                        println!("{} of {all}", done.len());
                    }
                }
            });
        }
    });
    done.into_inner().unwrap()
}

fn main() -> ExitCode {
    matrixbackup::engine::hurry(HASTE, DEADLINE);
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let part = std::env::var("MATRIXBACKUP_SWEEP").unwrap_or_default();
    let step = if part == "sample" { SAMPLE } else { part.parse().unwrap_or(1) };
    let is_wanted = |deed: &Deed| wanted.is_empty() || wanted.contains(&format!("{deed:?}"));
    let judge = Judge::start();
    let since = Instant::now();

    let clean = deed::ALL.into_iter().filter(is_wanted).map(|deed| Run {
        deed,
        k: 0,
        fault: None,
        recovery: Recovery::Passing,
        by_client: true,
    });
    let mut done = carry_out_all(clean.collect(), &judge);
    let mut runs: Vec<Run> = done.iter().flat_map(|(run, clean)| runs_of(run.deed, clean.writes)).collect();
    runs.sort();
    runs = runs.into_iter().step_by(step).collect();
    let writes: usize = done.iter().map(|(_, clean)| clean.writes).sum();
    println!("{} deeds with {writes} requests that change something", done.len());
    done.extend(carry_out_all(runs, &judge));
    print(&done, since.elapsed())
}

/// The table: a line for each deed, a column for each fault, with runs and, if there are any, violations.
fn print(done: &[(Run, Outcome)], took: Duration) -> ExitCode {
    let mut table: BTreeMap<(Deed, Option<Fault>), (usize, usize)> = BTreeMap::new();
    for (run, outcome) in done {
        let cell = table.entry((run.deed, run.fault)).or_default();
        cell.0 += 1;
        cell.1 += outcome.violations.len();
    }
    let columns: Vec<Option<Fault>> =
        [None].into_iter().chain(FAULTS.map(|(fault, _)| Some(fault))).collect();
    print!("{:<16}", "");
    for column in &columns {
        print!(" {:>15}", column.map_or("no fault".to_owned(), Fault::name));
    }
    println!();
    for deed in deed::ALL {
        print!("{:<16}", format!("{deed:?}"));
        for column in &columns {
            let cell = match table.get(&(deed, *column)) {
                Some((runs, 0)) => runs.to_string(),
                Some((runs, violations)) => format!("{runs} ({violations} !)"),
                None => "-".to_owned(),
            };
            print!(" {cell:>15}");
        }
        println!();
    }
    let violations: usize = done.iter().map(|(_, outcome)| outcome.violations.len()).sum();
    println!("in {} s", took.as_secs());
    println!("{} runs, {violations} violations", done.len());
    if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
