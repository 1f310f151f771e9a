//! Descriptions of phrases that would keep a browser busy, each by itself or all together.

use std::time::{Duration, Instant};

use matrixbackup::{
    domain::{
        opening::{NotOpened, Opening},
        plan::Action,
        problem::Problem,
        secret::Secret,
    },
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    hostile_homeserver::{Answer, HostileHomeserver, without_account_data},
    made::MadeAccount,
    visit::Visit,
};

const PHRASE: &str = "glass otter fifty moons";
const DEFAULT: &str = "m.secret_storage.default_key";

/// Starts a server that shows twenty more descriptions with this many rounds, and perhaps no default key.
async fn crowded(account: &Account, rounds: u64, keeps_default: bool) -> HostileHomeserver {
    HostileHomeserver::before(&account.homeserver, move |asked| {
        if !asked.is("GET", "/sync") {
            return Answer::Pass;
        }
        Answer::changed(move |sync| {
            if !keeps_default {
                without_account_data(sync, DEFAULT);
            }
            // Their names sort before the honest one's.
            let more = (0..20).map(|number| {
                let passphrase =
                    json!({"algorithm": "m.pbkdf2", "salt": number.to_string(), "iterations": rounds});
                json!({ "type": format!("m.secret_storage.key.!{number:02}"), "content": {
                    "algorithm": "m.secret_storage.v1.aes-hmac-sha2", "passphrase": passphrase,
                    "iv": "AAAAAAAAAAAAAAAAAAAAAA", "mac": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                }})
            });
            let more: Vec<Value> = more.collect();
            sync["account_data"]["events"].as_array_mut().unwrap().extend(more);
        })
    })
    .await
}

async fn set_up() -> (Account, Secret) {
    let account = Account::register().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    let key = visit.make_key(Some(PHRASE)).await;
    visit.set_up(&key).await.0.unwrap();
    visit.sign_out().await;
    (account, key)
}

/// Each description by itself may be tried; all but the honest one together have too many rounds.
#[tokio::test]
async fn any_number_of_descriptions_costs_no_more_than_one() {
    let (account, _) = set_up().await;
    for keeps_default in [true, false] {
        let server = crowded(&account, 10_000_000, keeps_default).await;
        let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
        let begin = Instant::now();
        // The honest description is tried first, whatever sorts before it.
        let opening = visit.try_key(PHRASE).await;
        assert_eq!(opening.is_all_right(), keeps_default, "{opening:?}");
        assert!(opening.found().is_some(), "{opening:?}");
        let once = begin.elapsed();
        // As long as some are not tried, nobody can say that the phrase is another.
        let opening = visit.try_key("another phrase").await;
        assert_eq!(opening, Opening::Nothing(NotOpened::Uncheckable));
        assert!(begin.elapsed() < once * 6 + Duration::from_secs(5), "{:?} {once:?}", begin.elapsed());
        let events = visit.write(Action::Finish, Some(&Secret::from("another phrase"))).await;
        assert_eq!(events, [Event::Failed(Problem::OpensNothing)]);
        assert!(server.writes().is_empty());
    }
}

#[tokio::test]
async fn a_stop_is_heard_while_a_phrase_is_tried() {
    let (account, _) = set_up().await;
    let server = crowded(&account, 1_000_000, false).await;
    let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
    let stop = visit.engine.stop();
    let ring = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        stop.set(true);
    };
    let try_another = Command::TryKey { entry: Secret::from("another") };
    let (events, ()) = tokio::join!(visit.tell(try_another), ring);
    assert_eq!(events, [Event::Stopped]);
    // The next command is not stopped.
    assert!(matches!(visit.try_key(PHRASE).await, Opening::OlderSecretStorage { .. }));
}

#[tokio::test]
async fn a_phrase_opens_in_whatever_form_its_letters_come() {
    let (composed, decomposed) = ("größer als ein Otter é", "gro\u{308}ßer als ein Otter e\u{301}");
    for (made, entered) in [(composed, decomposed), (decomposed, decomposed)] {
        let account = Account::register().await;
        let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
        let key = visit.make_key(Some(made)).await;
        let proved = visit.set_up(&key).await.0.unwrap();
        assert!(proved.phrase_opens);
        visit.sign_out().await;
        // A client that does not compose derives from what a keyboard gives.
        let key_id = account.account_data(DEFAULT).await.unwrap()["key"].as_str().unwrap().to_owned();
        let description = account.account_data(&format!("m.secret_storage.key.{key_id}")).await.unwrap();
        let salt = description["passphrase"]["salt"].as_str().unwrap();
        let derived =
            pbkdf2::pbkdf2_hmac_array::<sha2::Sha512, 32>(composed.as_bytes(), salt.as_bytes(), 500_000);
        let opened = MadeAccount::open(&account, key.expose()).await;
        assert_eq!(opened.recovery_key().replace(' ', ""), of_bytes(&derived));
        let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
        let opening = visit.try_key(entered).await;
        assert!(opening.is_all_right(), "{opening:?}");
        assert!(matches!(visit.tell(Command::Check).await[..], [Event::Checked(_)]));
    }
}

/// Another client made a key of this phrase, in a form that keyboards do not give.
#[tokio::test]
async fn a_phrase_is_tried_as_it_was_entered() {
    let decomposed = "gro\u{308}ßer als ein Otter";
    let made = MadeAccount::all_right().await;
    made.weaken(decomposed, 100_000).await;
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    assert!(visit.try_key(decomposed).await.is_all_right());
    assert_eq!(visit.try_key("größer als ein Otter").await, Opening::Nothing(NotOpened::AnotherPhrase));
    assert!(matches!(visit.tell(Command::Check).await[..], [Event::Checked(_)]));
}

fn of_bytes(key: &[u8; 32]) -> String {
    matrixbackup::domain::recovery_key::RecoveryKey::of(key).text().expose().to_owned()
}
