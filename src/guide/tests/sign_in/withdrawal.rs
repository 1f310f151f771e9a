//! Tests that the engine takes an order back when the person refuses the proof.

use super::*;

#[test]
fn refusing_the_proof_takes_back_what_was_written_and_leads_to_the_findings() {
    let mut guide = to_writing();
    assert_eq!(guide.handle(Input::Withdrew), [], "only while the server waits for a proof");
    hear(&mut guide, proof_needed(Last::None));
    assert_eq!(guide.handle(Input::Withdrew), [Effect::Tell(Run(1), Command::Withdraw)]);
    // The engine sent this before it received the command.
    hear(&mut guide, proof_needed(Last::NotYet));
    assert!(matches!(guide.step(), Step::Writing(step::Writing { pause: Some(Pause::Withdrawing), .. })));
    hear(&mut guide, Event::Looked(fresh()));
    hear(&mut guide, Event::Withdrawn);
    let Step::Findings(step::Findings { visit, .. }) = guide.step() else { panic!("{:?}", guide.step()) };
    assert_eq!(visit.account, fresh());
    assert!(guide.has_changed_nothing() && guide.can_sign_out());
}

#[test]
fn a_withdrawal_that_fails_goes_on_when_tried_again_and_nothing_more_is_written() {
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
    assert!(matches!(guide.step(), Step::Findings(_)) && guide.has_changed_nothing());
}

#[test]
fn a_proof_that_counted_before_it_could_be_withdrawn_lets_the_order_go_on() {
    let mut guide = to_writing();
    hear(&mut guide, proof_needed(Last::None));
    guide.handle(Input::Withdrew);
    hear(&mut guide, Event::TaskDone(Task::PublishIdentity));
    assert!(
        matches!(guide.step(), Step::Writing(step::Writing { pause: None, .. })),
        "the page no longer says that the order is taken back"
    );
    let nothing_to_withdraw = || Event::Failed(Problem::OutOfOrder);
    let mut broken = Guide::at(guide.step().clone());
    let withdrawing = guide.run();
    hear(&mut guide, Event::SetUpDone(proved()));
    assert!(matches!(guide.step(), Step::OldKeys(_)));
    assert_eq!(guide.handle(Input::Engine(withdrawing, nothing_to_withdraw())), []);
    assert!(matches!(guide.step(), Step::OldKeys(_)) && guide.trouble().is_none());

    // The order goes on as well if a later task fails.
    hear(&mut broken, Event::Failed(Problem::Passing { status: Some(503) }));
    let step = broken.step().clone();
    assert!(matches!(step, Step::Writing(step::Writing { pause: Some(Pause::Trouble(_)), .. })));
    assert_eq!(hear(&mut broken, nothing_to_withdraw()), []);
    assert!(matches!(broken.step(), Step::Writing(step::Writing { pause: Some(Pause::Trouble(_)), .. })));
    let effects = broken.handle(Input::TriedAgain);
    assert!(matches!(effects[..], [Effect::Tell(_, Command::Write { .. })]), "{effects:?}");
}

#[test]
fn a_failure_during_a_withdrawal_does_not_hide_that_all_was_taken_back() {
    let mut guide = to_writing();
    hear(&mut guide, proof_needed(Last::None));
    guide.handle(Input::Withdrew);
    hear(&mut guide, Event::Failed(Problem::Passing { status: Some(503) }));
    hear(&mut guide, Event::Looked(fresh()));
    hear(&mut guide, Event::Withdrawn);
    assert!(matches!(guide.step(), Step::Findings(_)) && guide.has_changed_nothing());
}

#[test]
fn after_an_order_was_taken_back_the_key_has_to_be_entered_again() {
    let mut guide = to_writing();
    let Step::Writing(step::Writing { mut job, kept_key, work, pause }) = guide.step().clone() else {
        panic!()
    };
    let opening = Opening::BackupDirectly { room_keys: 7, by_phrase: false };
    job.visit.known.key = KeyKnown::Tried(opening);
    job.visit.earlier.push(job.visit.known.clone());
    guide = Guide::at(Step::Writing(step::Writing { job, kept_key, work, pause }));
    hear(&mut guide, proof_needed(Last::None));
    guide.handle(Input::Withdrew);
    hear(&mut guide, Event::Withdrawn);
    let Step::Findings(step::Findings { visit, .. }) = guide.step() else { panic!("{:?}", guide.step()) };
    assert_eq!(visit.known.key, KeyKnown::NotAsked);
    assert!(!guide.can_go_back(), "going back does not return to it, either");
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
