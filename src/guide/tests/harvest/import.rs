//! Tests importing a key file.

use super::*;

#[test]
fn a_file_is_sent_before_it_is_imported_and_a_wrong_passphrase_may_be_corrected() {
    let mut guide = to_part(Part::Import);
    let chose = |bytes| Input::ChoseFile { name: "keys.txt".into(), bytes };
    guide.handle(chose(LARGEST_FILE + 1));
    assert_eq!(guide.trouble(), Some(&Problem::KeyFile(KeyFileError::TooLarge)));
    guide.handle(chose(700));
    assert_eq!(guide.handle(Input::GavePassphrase(Secret::default())), []);
    let given = || Input::GavePassphrase(Secret::from("pass"));
    let run = guide.run();
    let import = Command::Import { passphrase: Secret::from("pass") };
    assert_eq!(guide.handle(given()), [Effect::SendFile(run), Effect::Tell(run, import)]);
    assert!(!guide.can_go_back() && !guide.can_sign_out());
    hear(&mut guide, Event::Failed(Problem::KeyFile(KeyFileError::WrongPassphrase)));
    assert!(matches!(guide.step(), Step::Import(step::Import { import: Import::Chosen { .. }, .. })));
    guide.handle(given());
    assert_eq!(told(&guide.handle(Input::WantedStop)), [&Command::Stop]);
    hear(&mut guide, Event::Stopped);
    assert!(matches!(guide.step(), Step::Import(step::Import { import: Import::Chosen { .. }, .. })));
    guide.handle(given());
    let imported = Imported { in_file: 9, new: 8, room_keys: 20, ..Imported::default() };
    assert_eq!(hear(&mut guide, Event::Imported(imported)), [Effect::ForgetChosen]);
    assert_eq!(harvest_of(&guide).arrival.room_keys, 20);
    assert_eq!(ended(&outcome_of(guide)), ("backup on", Some(proved())));
}

#[test]
fn an_imported_file_makes_the_look_at_messages_out_of_date() {
    let mut guide = to_part(Part::Coverage);
    hear(&mut guide, Event::RoomCovered(room(3)));
    hear(&mut guide, seen_at(7));
    guide.handle(Input::WentTo(Part::Import));
    guide.handle(Input::ChoseFile { name: "keys.txt".into(), bytes: 700 });
    guide.handle(Input::GavePassphrase(Secret::from("pass")));
    hear(&mut guide, Event::Imported(Imported { new: 1, ..Imported::default() }));
    assert_eq!(harvest_of(&guide).survey, Survey::default());
    assert_eq!(told(&guide.handle(Input::WentTo(Part::Coverage))), [&Command::Cover { further: false }]);
}
