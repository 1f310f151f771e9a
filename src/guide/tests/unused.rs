//! Tests which saved keys are said to be in no use.

use super::*;

fn made(key_id: &str) -> Input {
    engine(Event::KeyMade(Kit { key_id: key_id.into(), ..kit() }))
}

fn hear(guide: &mut Guide, event: Event) {
    let run = guide.run();
    guide.handle(Input::Engine(run, event));
}

/// Makes a key and saves it.
fn save(guide: &mut Guide, key_id: &str) {
    walk(guide, [Input::ChoseKey, made(key_id), Input::KeptKey(Keeping::Downloaded)]);
    assert!(matches!(guide.step(), Step::Save(_)), "{:?}", guide.step());
}

fn names(guide: &Guide, marks: &[&str]) {
    let words = guide.unused_words().unwrap_or_default();
    for mark in ["AAAA", "BBBB", "CCCC"] {
        assert_eq!(words.contains(mark), marks.contains(&mark), "{mark} in “{words}” at {:?}", guide.step());
    }
    assert_eq!(words.is_empty(), marks.is_empty());
}

#[test]
fn a_key_that_was_saved_and_given_up_is_named_until_the_end() {
    let mut guide = to_findings(fresh());
    save(&mut guide, "aaaa1");
    names(&guide, &[]);
    walk(&mut guide, [Input::KeptKey(Keeping::Copied), Input::WentToEnterKey, Input::WentBack]);
    names(&guide, &[]);
    guide.handle(Input::WentBack);
    names(&guide, &["AAAA"]);
    guide.handle(Input::ChosePhrase);
    names(&guide, &["AAAA"]);
    guide.handle(Input::WentBack);
    save(&mut guide, "bbbb1");
    names(&guide, &["AAAA"]);
    guide.handle(Input::WentBack);
    names(&guide, &["AAAA", "BBBB"]);
    // A key that was not saved needs no word.
    walk(&mut guide, [Input::ChoseKey, made("cccc1"), Input::WentBack]);
    names(&guide, &["AAAA", "BBBB"]);
    assert!(
        guide
            .unused_words()
            .unwrap()
            .contains("keys you saved before (Kit AAAA and Kit BBBB) are not in use")
    );
    guide.handle(Input::WantedSignOut);
    names(&guide, &["AAAA", "BBBB"]);
}

#[test]
fn a_key_is_in_no_use_once_the_order_was_taken_back_at_the_proof() {
    let mut guide = to_findings(fresh());
    save(&mut guide, "aaaa1");
    walk(&mut guide, [Input::WentToEnterKey, Input::EnteredKey(Secret::from(KEY)), Input::Agreed]);
    hear(&mut guide, proof_needed(Last::None));
    names(&guide, &[]);
    guide.handle(Input::Withdrew);
    hear(&mut guide, Event::Withdrawn);
    assert!(matches!(guide.step(), Step::Findings(_)));
    names(&guide, &["AAAA"]);
    save(&mut guide, "bbbb1");
    walk(&mut guide, [Input::WentToEnterKey, Input::EnteredKey(Secret::from(KEY)), Input::Agreed]);
    names(&guide, &["AAAA"]);
    hear(&mut guide, Event::SetUpDone(proved()));
    names(&guide, &["AAAA"]);
    guide.handle(Input::WantedSignOut);
    names(&guide, &["AAAA"]);
}

#[test]
fn a_key_that_replaced_the_old_one_is_in_use() {
    let mut guide = to_checked(set_up(), opens_all());
    guide.handle(Input::Chose(Action::ChangeKey));
    save(&mut guide, "aaaa1");
    walk(&mut guide, [Input::WentToEnterKey, Input::EnteredKey(Secret::from(KEY)), Input::Agreed]);
    hear(&mut guide, Event::Tried(opens_all()));
    assert!(matches!(guide.step(), Step::Findings(_)));
    names(&guide, &[]);
}
