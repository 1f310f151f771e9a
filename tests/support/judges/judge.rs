//! Starts the independent judge: one Node process that looks at many accounts (`tests/interop/judge.mjs`).

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::support::account::Account;

/// Running judge; ends when dropped.
pub struct Judge {
    child: Child,
    questions: Mutex<Option<(ChildStdin, u64)>>,
    waiting: Arc<Mutex<BTreeMap<u64, oneshot::Sender<Value>>>>,
}

impl Judge {
    /// Starts one.
    pub fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/judge.mjs");
        let mut node = Command::new("node");
        // Warnings of js-sdk are of no interest here; an error comes back as an answer.
        let node = node.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = node.spawn().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let questions = Mutex::new(Some((child.stdin.take().unwrap(), 0)));
        let waiting: Arc<Mutex<BTreeMap<u64, oneshot::Sender<Value>>>> = Arc::default();
        let asked = waiting.clone();
        thread::spawn(move || {
            for line in answers.lines().map_while(Result::ok) {
                let answer: Value = serde_json::from_str(&line).unwrap();
                if let Some(sender) = asked.lock().unwrap().remove(&answer["id"].as_u64().unwrap()) {
                    let _ = sender.send(answer);
                }
            }
            // Drops the senders, so that whoever still waits learns that no answer will come.
            asked.lock().unwrap().clear();
        });
        Self { child, questions, waiting }
    }

    async fn ask(&self, account: &Account, what: &str, more: Value) -> Value {
        let (sender, answer) = oneshot::channel();
        {
            let mut questions = self.questions.lock().unwrap();
            let (stdin, number) = questions.as_mut().unwrap();
            *number += 1;
            self.waiting.lock().unwrap().insert(*number, sender);
            let mut question =
                json!({"id": number, "homeserver": account.homeserver, "user_id": account.user_id});
            question[what] = more;
            writeln!(stdin, "{question}").unwrap();
        }
        let answer = answer.await.unwrap();
        assert_eq!(answer["error"], Value::Null, "the judge cannot tell");
        answer
    }

    /// Returns what the server holds, and what these keys open of it. `kept` is the key that has to open everything
    /// alone.
    pub async fn look(&self, account: &Account, held: &[String], kept: Option<&str>) -> Value {
        let more = json!({"access_token": account.token(), "held": held, "kept": kept});
        self.ask(account, "look", more).await
    }

    /// Signs in anew with nothing but the password and this key; returns everything that was found.
    pub async fn verify(&self, account: &Account, key: &str) -> Value {
        self.ask(account, "verify", json!({"password": account.password, "recovery_key": key})).await
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        self.questions.lock().unwrap().take();
        let _ = self.child.wait();
    }
}
