//! Asks the independent verifier: another implementation (matrix-js-sdk in Node) looks at the account.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::support::account::Account;

/// Secret that the person kept.
pub enum Kept<'a> {
    /// The recovery key.
    Key(&'a str),
    /// The phrase.
    Phrase(&'a str),
    /// The recovery key, with a message that the backup alone must make readable.
    KeyAndMessage { key: &'a str, room_id: &'a str, event_id: &'a str, text: &'a str },
}

/// Signs in anew with nothing but password and kept key, and returns what it found.
pub fn verify(account: &Account, kept: Kept<'_>) -> Value {
    let mut question =
        json!({"homeserver": account.homeserver, "user": account.user_id, "password": account.password});
    match kept {
        Kept::Key(key) => question["recovery_key"] = key.into(),
        Kept::Phrase(phrase) => question["phrase"] = phrase.into(),
        Kept::KeyAndMessage { key, room_id, event_id, text } => {
            question["recovery_key"] = key.into();
            question["room_id"] = room_id.into();
            question["event_id"] = event_id.into();
            question["text"] = text.into();
        }
    }
    ask("interop/verify.mjs", &question)
}

/// Has another implementation decrypt messages with this key and the backup; returns counts for each encrypted room.
pub fn count_coverage(account: &Account, key: &str) -> Value {
    let question =
        json!({"homeserver": account.homeserver, "access_token": account.token(), "recovery_keys": [key]});
    ask("interop/coverage.mjs", &question)
}

/// Asks a program in JavaScript one question; returns its answer.
pub fn ask(script: &str, question: &Value) -> Value {
    run(script, &[], &question.to_string())
}

/// Runs a program in JavaScript; returns the JSON on its last line.
pub fn run(script: &str, arguments: &[&str], input: &str) -> Value {
    let script = format!("{}/tests/{script}", env!("CARGO_MANIFEST_DIR"));
    let mut node = Command::new("node");
    let node = node.arg(script).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut node = node.spawn().unwrap();
    node.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let text = String::from_utf8(node.wait_with_output().unwrap().stdout).unwrap();
    let line = text.lines().last().unwrap_or_default();
    serde_json::from_str(line).unwrap_or_else(|_| panic!("no answer: {text}"))
}

/// Verifies as [`verify`] does; everything must be right.
pub fn verify_all_right(account: &Account, kept: Kept<'_>) {
    let report = verify(account, kept);
    assert_eq!(report["ok"], true, "{report:#}");
}
