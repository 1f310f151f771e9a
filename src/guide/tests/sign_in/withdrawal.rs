//! A proof that the person refuses, so that what was written is taken back.

use super::*;

#[test]
fn refusing_the_proof_takes_back_what_was_written_and_leads_to_the_findings() {
    let mut guide = to_writing();
    assert_eq!(guide.handle(Input::Withdrew), [], "only while the server waits");
    hear(&mut guide, proof_needed(Last::None));
    assert_eq!(guide.handle(Input::Withdrew), [Effect::Tell(Run(1), Command::Withdraw)]);
    // What the engine said before it heard of it.
    hear(&mut guide, proof_needed(Last::NotYet));
    assert!(matches!(guide.step(), Step::Writing { pause: Some(Pause::Withdrawing), .. }));
    hear(&mut guide, Event::Looked(fresh()));
    hear(&mut guide, Event::Withdrawn);
    let Step::Findings { visit, .. } = guide.step() else { panic!("{:?}", guide.step()) };
    assert_eq!(visit.account, fresh());
    assert!(guide.has_changed_nothing() && guide.can_sign_out());
}

#[test]
fn a_withdrawal_that_fails_is_gone_on_with_and_nothing_is_written_any_more() {
    let mut guide = to_writing();
    hear(&mut guide, proof_needed(Last::None));
    guide.handle(Input::Withdrew);
    for _ in 0..2 {
        hear(&mut guide, Event::Failed(Problem::Passing { status: Some(503) }));
        assert!(guide.trouble().is_some());
        assert_eq!(guide.handle(Input::TriedAgain), [Effect::Tell(Run(1), Command::Withdraw)]);
    }
    hear(&mut guide, Event::Looked(fresh()));
    hear(&mut guide, Event::Withdrawn);
    assert!(matches!(guide.step(), Step::Findings { .. }) && guide.has_changed_nothing());
}

#[test]
fn a_refusal_that_the_server_has_overtaken_leads_on_with_what_is_written() {
    let mut guide = to_writing();
    hear(&mut guide, proof_needed(Last::None));
    guide.handle(Input::Withdrew);
    hear(&mut guide, Event::TaskDone(Task::PublishIdentity));
    assert!(matches!(guide.step(), Step::Writing { pause: None, .. }), "nobody says that it is taken back");
    let nothing_to_withdraw = || Event::Failed(Problem::OutOfOrder);
    let mut broken = Guide::at(guide.step().clone());
    let withdrawing = guide.run();
    hear(&mut guide, Event::SetUpDone(proved()));
    assert!(matches!(guide.step(), Step::OldKeys { .. }));
    assert_eq!(guide.handle(Input::Engine(withdrawing, nothing_to_withdraw())), []);
    assert!(matches!(guide.step(), Step::OldKeys { .. }) && guide.trouble().is_none());

    // The same where something after it goes wrong.
    hear(&mut broken, Event::Failed(Problem::Passing { status: Some(503) }));
    let step = broken.step().clone();
    assert!(matches!(step, Step::Writing { pause: Some(Pause::Trouble(_)), .. }));
    assert_eq!(hear(&mut broken, nothing_to_withdraw()), []);
    assert!(matches!(broken.step(), Step::Writing { pause: Some(Pause::Trouble(_)), .. }));
    let effects = broken.handle(Input::TriedAgain);
    assert!(matches!(effects[..], [Effect::Tell(_, Command::Write { .. })]), "{effects:?}");
}

#[test]
fn a_proof_that_fails_while_it_is_refused_does_not_hide_that_all_was_taken_back() {
    let mut guide = to_writing();
    hear(&mut guide, proof_needed(Last::None));
    guide.handle(Input::Withdrew);
    hear(&mut guide, Event::Failed(Problem::Passing { status: Some(503) }));
    hear(&mut guide, Event::Looked(fresh()));
    hear(&mut guide, Event::Withdrawn);
    assert!(matches!(guide.step(), Step::Findings { .. }) && guide.has_changed_nothing());
}

#[test]
fn what_a_key_opened_is_not_counted_on_once_it_went_with_an_order_that_was_taken_back() {
    let mut guide = to_writing();
    let Step::Writing { mut job, kept_key, work, pause } = guide.step().clone() else { panic!() };
    let opening = Opening::BackupDirectly { room_keys: 7 };
    job.visit.known.key = KeyKnown::Tried(opening);
    job.visit.earlier.push(job.visit.known.clone());
    guide = Guide::at(Step::Writing { job, kept_key, work, pause });
    hear(&mut guide, proof_needed(Last::None));
    guide.handle(Input::Withdrew);
    hear(&mut guide, Event::Withdrawn);
    let Step::Findings { visit, .. } = guide.step() else { panic!("{:?}", guide.step()) };
    assert_eq!(visit.known.key, KeyKnown::NotAsked);
    assert!(!guide.can_go_back(), "nor is there a way back to it");
}

#[test]
fn a_key_in_place_of_the_password_is_sent_nowhere_and_the_server_asks_again() {
    let mut guide = to_writing();
    hear(&mut guide, proof_needed(Last::None));
    guide.handle(Input::GaveProof(Proof::Password(Secret::from(KEY))));
    assert_eq!(hear(&mut guide, Event::Failed(Problem::KeyAsPassword)), []);
    assert_eq!(guide.trouble(), Some(&Problem::KeyAsPassword));
    let effects = guide.handle(Input::TriedAgain);
    assert!(matches!(effects[..], [Effect::Tell(_, Command::Write { .. })]), "{effects:?}");
}
