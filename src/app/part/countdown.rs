//! Counts down the time that a server asks to wait before the next try.

use gloo::timers::callback::Interval;
use js_sys::Date;
use leptos::prelude::*;

use crate::{domain::problem::Problem, words};

/// Counts down the seconds until the person can try again. They are zero unless the problem is a rate limit.
pub fn seconds_left(problem: impl Fn() -> Option<Problem> + 'static) -> RwSignal<u32> {
    seconds_until(move || (problem().map_or(0, |problem| wait_ms(&problem)), 0))
}

/// Counts down the same for a problem that does not change.
pub fn waiting(problem: &Problem) -> RwSignal<u32> {
    let wait_ms = wait_ms(problem);
    seconds_until(move || (wait_ms, 0))
}

fn wait_ms(problem: &Problem) -> u64 {
    if let Problem::RateLimited { wait_ms } = problem { *wait_ms } else { 0 }
}

/// Counts down the seconds of a wait, in milliseconds. It begins anew when that changes, or the number beside it.
pub fn seconds_until(wait: impl Fn() -> (u64, u64) + 'static) -> RwSignal<u32> {
    count_down(Box::new(wait))
}

fn count_down(wait: Box<dyn Fn() -> (u64, u64)>) -> RwSignal<u32> {
    let left = RwSignal::new(0);
    let ticking = StoredValue::new_local(None::<Interval>);
    Effect::new(move |before: Option<(u64, u64)>| {
        let wait = wait();
        let (wait_ms, _) = wait;
        if before != Some(wait) {
            let until = Date::now() + wait_ms as f64;
            let count = move || (((until - Date::now()) / 1_000.0).ceil()).max(0.0) as u32;
            left.set(count());
            ticking.set_value((wait_ms > 0).then(|| {
                Interval::new(1_000, move || {
                    if left.try_set(count()).is_some() || left.get_untracked() == 0 {
                        ticking.try_set_value(None);
                    }
                })
            }));
        }
        wait
    });
    left
}

/// Writes a time as a clock does: "0:14".
pub fn as_clock(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Returns a button's text: `text`, or how long the person has to wait.
pub fn or_wait(seconds: u32, text: &str) -> String {
    match seconds {
        0 => text.into(),
        1..120 => words::countdown_wait_seconds(seconds.into()),
        _ => words::countdown_wait_minutes(seconds.div_ceil(60).into()),
    }
}
