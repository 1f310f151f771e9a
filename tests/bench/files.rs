//! Measures key files for `files.mjs`: makes such files, encodes the page's messages to the engine, and does the same
//! work natively. Reads JSON from standard input, one of
//!
//! - `{"do": "make", "file", "keys"}`: writes a file of this many made-up keys;
//! - `{"do": "say", "file", "homeserver", "user", "password", "recovery_key", "to"}`: writes the messages of a visit
//!   that imports the file and takes the backup home, each after its length, into `to`. Prints how many of them sign
//!   in and open the backup, how many import, and the numbers by which the engine's answers begin;
//! - `{"do": "native", "file", "homeserver", "user", "password", "recovery_key"}`: does the work of that visit, and
//!   prints how long it took and the most memory that this process held.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "../support/accounts/room_keys.rs"]
#[allow(dead_code)]
mod room_keys;

use std::{cell::RefCell, fs, io::Write as _, time::Instant};

use matrix_sdk_crypto::encrypt_room_key_export;
use matrixbackup::{
    domain::{
        key_file::{Imported, TakenHome},
        opening::{NotOpened, Opening},
        problem::Problem,
        secret::Secret,
    },
    engine::Engine,
    protocol::{
        messages::{Command, Envelope, Event, Run},
        wire,
    },
};
use serde_json::{Value, json};

const PASSPHRASE: &str = "the file's own passphrase";
const PIECE: usize = 1024 * 1024;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let asked: Value = serde_json::from_reader(std::io::stdin()).unwrap();
    match asked["do"].as_str().unwrap() {
        "make" => make(&asked),
        "say" => say(&asked),
        "native" => native(&asked).await,
        other => panic!("{other}"),
    }
}

fn text<'a>(asked: &'a Value, field: &str) -> &'a str {
    asked[field].as_str().unwrap_or_else(|| panic!("no {field}"))
}

fn make(asked: &Value) {
    let keys = usize::try_from(asked["keys"].as_u64().unwrap()).unwrap();
    let export = encrypt_room_key_export(&room_keys::make(keys, 200), PASSPHRASE, 500_000).unwrap();
    fs::write(text(asked, "file"), &export).unwrap();
    println!("{}", json!({"bytes": export.len(), "passphrase": PASSPHRASE}));
}

/// Lists the commands that open the backup, those that import, and those that take home.
fn commands(asked: &Value) -> [Vec<Command>; 3] {
    let sign_in = Command::SignIn {
        base_url: text(asked, "homeserver").to_owned(),
        user: text(asked, "user").to_owned(),
        password: Secret::from(text(asked, "password")),
    };
    let try_key = Command::TryKey { entry: Secret::from(text(asked, "recovery_key")) };
    let passphrase = || Secret::from(PASSPHRASE);
    let file = fs::read(text(asked, "file")).unwrap();
    let piece = |(number, piece): (usize, &[u8])| Command::FilePart {
        first: number == 0,
        bytes: piece.to_vec().into(),
    };
    let mut import: Vec<_> = file.chunks(PIECE).enumerate().map(piece).collect();
    import.push(Command::Import { passphrase: passphrase() });
    [vec![sign_in, try_key], import, vec![Command::TakeHome { passphrase: passphrase() }]]
}

fn say(asked: &Value) {
    let mut to = std::io::BufWriter::new(fs::File::create(text(asked, "to")).unwrap());
    let [open, import, take_home] = commands(asked);
    let counts = [open.len(), import.len()];
    for message in open.into_iter().chain(import).chain(take_home) {
        let bytes = wire::encode(&Envelope { run: Run(0), message }).unwrap();
        to.write_all(&u32::try_from(bytes.len()).unwrap().to_le_bytes()).unwrap();
        to.write_all(&bytes).unwrap();
    }
    to.flush().unwrap();
    // The run comes first, then the number of the answer.
    let number = |message: Event| wire::encode(&Envelope { run: Run(0), message }).unwrap()[1];
    let numbers = json!({
        "tried": number(Event::Tried(Opening::Nothing(NotOpened::AnotherKey))),
        "imported": number(Event::Imported(Imported::default())),
        "part": number(Event::FilePart(Vec::new().into())),
        "taken_home": number(Event::TakenHome(TakenHome::default())),
        "failed": number(Event::Failed(Problem::out_of_order())),
    });
    println!("{}", json!({"open": counts[0], "import": counts[1], "numbers": numbers}));
}

async fn native(asked: &Value) {
    let mut engine = Engine::default();
    let mut report = json!({});
    for (name, commands) in ["open", "import", "take_home"].into_iter().zip(commands(asked)) {
        forget_peak();
        let start = Instant::now();
        let last = RefCell::new(None);
        for command in commands {
            let tell = |event| {
                if let Event::Failed(problem) = &event {
                    panic!("{problem:?}");
                }
                if !matches!(event, Event::FilePart(_)) {
                    last.replace(Some(format!("{event:?}")));
                }
            };
            engine.handle(command, &tell).await;
        }
        report[name] = json!({
            "seconds": start.elapsed().as_secs_f64(), "most_megabytes": most_megabytes(), "told": last.take(),
        });
    }
    println!("{report}");
}

/// Counts the most memory anew from here on (Linux).
fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

fn most_megabytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}
