//! Tests the last screen.

use super::*;

#[test]
fn nobody_is_safe_with_what_does_not_open() {
    let mut guide = to_part(Part::Coverage);
    hear(&mut guide, Event::RoomCovered(RoomCoverage { unopened: 1, ..room(0) }));
    hear(&mut guide, seen_at(7));
    let tally = Tally::of(&harvest_of(&guide).survey.rooms);
    assert!(!tally.has_no_gaps() && tally.whole_rooms == 0);
    guide.handle(Input::WentTo(Part::Done));
    let standing = lines(harvest_of(&guide), true)[3].1;
    assert_eq!(standing, Standing::Open(Remaining::BringKeys));
}

#[test]
fn safe_is_said_only_when_every_line_was_seen() {
    assert!(Verdict::of(harvest_of(&safe_but_for(None))).is_safe());
    for line in [Line::KeyOpens, Line::KeysArrived, Line::CopyOffered] {
        assert!(!Verdict::of(harvest_of(&safe_but_for(Some(line)))).is_safe(), "{line:?}");
    }
    let guide = safe_but_for(None);
    let [.., (line, standing)] = lines(harvest_of(&guide), false);
    assert_eq!((line, standing), (Line::SignedOut, Standing::Open(Remaining::SignOut)));
    let Outcome::Done(harvest) = outcome_of(guide) else { panic!() };
    assert!(Verdict::of(&harvest).is_safe());
}

#[test]
fn keys_that_still_come_in_are_not_called_arrived_before_their_number_stood_still_for_ten_seconds() {
    let mut guide = safe_but_for(None);
    hear(&mut guide, counted(6));
    assert_eq!(
        lines(harvest_of(&guide), true)[3].1,
        Standing::Open(Remaining::Look),
        "the look is older than the backup"
    );
    let mut guide = to_old_keys();
    hear(&mut guide, counted(5));
    for part in [Part::Coverage, Part::Done] {
        guide.handle(Input::WentTo(part));
        hear(&mut guide, seen_at(7));
    }
    let mut waited = 0;
    while lines(harvest_of(&guide), true)[3].1 == Standing::Open(Remaining::Wait) {
        let effects = [guide.handle(Input::TimePassed), hear(&mut guide, counted(5))].concat();
        let wake = |effect: &Effect| if let Effect::Wake(ms) = effect { Some(*ms) } else { None };
        waited += effects.iter().find_map(wake).unwrap();
        assert!(waited < 60_000);
    }
    assert!(waited >= 10_000, "{waited}");
}

#[test]
fn the_last_screen_keeps_checking_and_stops_once_the_backup_was_replaced() {
    let mut guide = safe_but_for(None);
    let asked: Vec<_> = (0..8).flat_map(|_| guide.handle(Input::TimePassed)).collect();
    let asked = told(&asked);
    assert!(asked.contains(&&Command::Check) && asked.contains(&&Command::Count), "{asked:?}");
    hear(&mut guide, Event::Failed(Problem::Passing { status: None }));
    assert!(matches!(guide.step(), Step::Done(step::Done { trouble: Some(_), .. })));
    hear(&mut guide, Event::Failed(Problem::BackupReplaced));
    assert!(matches!(guide.step(), Step::Stopped(_)));
}

#[test]
fn devices_of_earlier_visits_go_only_when_the_person_wants_it() {
    let mut guide = to_part(Part::Done);
    let left_over = vec![Device { device_id: "OLD".into(), name: None, verified: false }];
    hear(&mut guide, Event::Checked(Checked { left_over: left_over.clone(), ..checked() }));
    let effects = guide.handle(Input::WantedRemoval);
    assert_eq!(told(&effects), [&Command::RemoveLeftOver { proof: None }]);
    assert_eq!(guide.handle(Input::WantedRemoval), []);
    assert!(!guide.can_sign_out(), "the server is being asked");
    hear(&mut guide, proof_needed(Last::None));
    let effects = guide.handle(Input::GaveProof(Proof::Page));
    assert_eq!(told(&effects), [&Command::RemoveLeftOver { proof: Some(Proof::Page) }]);
    hear(&mut guide, proof_needed(Last::NotYet));
    let effects = guide.handle(Input::GaveProof(Proof::Password(Secret::from("pw"))));
    let proof = Some(Proof::Password(Secret::from("pw")));
    assert_eq!(told(&effects), [&Command::RemoveLeftOver { proof }]);
    hear(&mut guide, Event::Checked(checked()));
    assert!(harvest_of(&guide).checked().is_some_and(|checked| checked.left_over.is_empty()));
}

#[test]
fn a_verified_app_and_an_imported_file_count_as_changes() {
    let account = || Account { devices: fresh().devices, ..set_up() };
    let mut guide = to_checked(account(), opens_all());
    guide.handle(Input::Chose(Action::BringKeys));
    guide.handle(Input::WentTo(Part::Verify));
    hear(&mut guide, talk(comparing()));
    assert!(guide.has_changed_nothing());
    hear(&mut guide, talk(Verification::Done(partner())));
    assert!(!guide.has_changed_nothing(), "the app was verified");
    assert_eq!(ended(&outcome_of(guide)), ("backup on", Some(proved())));

    let mut guide = to_checked(account(), opens_all());
    guide.handle(Input::Chose(Action::BringKeys));
    guide.handle(Input::WentTo(Part::Import));
    guide.handle(Input::ChoseFile { name: "keys.txt".into(), bytes: 700 });
    guide.handle(Input::GavePassphrase(Secret::from("pass")));
    hear(&mut guide, Event::Imported(Imported { new: 1, ..Imported::default() }));
    guide.handle(Input::WentBack);
    guide.handle(Input::WentBack);
    assert_eq!(ended(&outcome_of(guide)), ("changed", Some(proved())), "at the findings, too");
}

#[test]
fn devices_of_earlier_visits_keep_the_last_line_open() {
    let mut harvest = harvest_of(&safe_but_for(None)).clone();
    let left_over = vec![Device { device_id: "OLD".into(), name: None, verified: false }];
    harvest.evidence = Evidence::Checked(Checked { left_over, ..checked() });
    assert_eq!(lines(&harvest, true)[5].1, Standing::Open(Remaining::RemoveLeftOver));
    assert_eq!(Verdict::of(&harvest), Verdict::Untidy, "they alone put no chat at risk");
    harvest.copy = CopyHome::NotOffered;
    assert_eq!(Verdict::of(&harvest), Verdict::Almost);
    assert!(Verdict::of(harvest_of(&safe_but_for(None))).is_safe(), "none are left");
}
