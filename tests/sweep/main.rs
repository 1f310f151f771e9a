//! `make sweep`: every request that changes something × every way in which it can fail × every way on from there
//! (SECURITY.md). The order is given through a proxy that breaks the k-th request. Then the person goes on, and another
//! implementation looks at the account.
//!
//! These must hold right after the fault, when the page has given up or is gone:
//! - I1 and I2: everything that the person's keys could read can still be read, with these and the new key that they
//!   keep;
//! - I4: the identity is the same, unless a new one was agreed to;
//! - I11: if apps found with one of the person's keys what opens the current version, they still do. In two cases no
//!   order of writes can ensure that. Either the tab is closed between two writes, or the server lets nothing more be
//!   written, and then the page must say so. An archive must then hold what opens the current version with the person's
//!   key, so that the next visit can put it right. If nothing opened the current version before, or there was none, the
//!   person's keys must open every version that was made meanwhile;
//! - I10: every task told as done is on the server; "nothing was changed" is true; "done" means that the kept key alone
//!   opens everything.
//!
//! After going on, everything must hold. I1 and I2 hold with the kept key alone; I3 and I5 hold. I4 holds, and an
//! identity that was published by then has stayed. I6 holds, once what a closed tab left was removed as the page
//! offers. I7 is how it went on, and what the judge finds with the kept key. I8 holds for every byte that was sent
//! since sign-in; I9 holds, and I10 again.
//!
//! There are three ways on. After a fault that strikes once, the person goes on in the page. After one that lasts until
//! the page gives up, the person tries again there, or begins a new visit. The new visit has the password and what was
//! kept. Another browser is the same, since the page stores nothing in one. There the device of the first visit stays
//! behind, as after a closed tab. At the end of every third run, a whole client of another implementation signs in with
//! password and kept key. After a closed tab or a refusal it always does.
//!
//! A late answer comes after the deadline, and is then the same as a lost one. So it strikes once only.
//!
//! `MATRIXBACKUP_SWEEP=sample` runs a fixed part, spread over the whole; a number n runs every n-th run. Arguments name
//! deeds: `ChangeKey`.
//!
//! Prints a table, and `1234 runs, 0 violations` as the last line; fails if there is a violation.
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

/// Every fault, and whether the page recovers by itself when it strikes once.
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

/// Runs under way at the same time: most of the time is spent waiting for the homeserver.
const AT_A_TIME: usize = 8;
/// The number by which pauses between two attempts are divided.
const HASTE: u32 = 40;
/// The longest deadline of an answer.
const DEADLINE: Duration = Duration::from_secs(4);
/// The step of the sample: it has every 27th run of the whole sweep.
const SAMPLE: usize = 27;

/// Lists the runs of one deed whose order makes this many requests.
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
    // A phrase changes what is entered and not what is written, so that a few runs are enough.
    if deed == Deed::SetUpWithPhrase { runs.into_iter().step_by(29).collect() } else { runs }
}

/// Carries out the listed runs, several at a time.
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

/// Prints the table: a line for each deed and a column for each fault, with runs and violations.
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
