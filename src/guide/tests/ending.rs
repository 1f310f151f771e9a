//! Tests visits that end too soon, and steps that cannot be left.

use super::*;

#[test]
fn a_problem_that_trying_again_cannot_mend_ends_the_visit_and_signs_out() {
    let mut guide = to_writing();
    let effects = guide.handle(engine(Event::Failed(Problem::SomeoneElseIsWriting)));
    assert_eq!(effects, [Effect::Tell(Run(1), Command::SignOut)]);
    assert!(matches!(guide.step(), Step::Stopped(_)));
    for event in [Event::SignedOut, Event::Failed(Problem::Passing { status: None })] {
        let mut stopped = Guide::at(guide.step().clone());
        assert_eq!(stopped.handle(engine(event)), [Effect::EndEngine], "the worker is of no more use");
        assert_eq!(stopped.step(), guide.step());
    }

    let mut guide = to_writing();
    guide.handle(engine(Event::SetUpDone(proved())));
    let effects = guide.handle(engine(Event::Failed(Problem::BackupReplaced)));
    assert_eq!(effects, [Effect::Tell(Run(1), Command::SignOut)]);
    assert!(matches!(guide.step(), Step::Stopped(_)), "the page no longer says that backup is on");
}

#[test]
fn writing_cannot_be_left_by_going_back_or_signing_out() {
    let mut guide = to_writing();
    for input in [Input::WentBack, Input::WantedSignOut] {
        assert_eq!(guide.handle(input), []);
        assert!(matches!(guide.step(), Step::Writing(_)));
    }
}

#[test]
fn a_lost_engine_is_reported_with_what_was_written() {
    let mut guide = to_writing();
    let done = [Task::CheckUnchanged, Task::StoreSecrets, Task::PublishIdentity];
    walk(&mut guide, done.map(|task| engine(Event::TaskDone(task))));
    assert_eq!(guide.handle(Input::EngineLost(Problem::EngineStopped)), [Effect::EndEngine]);
    let written = Written {
        tasks: vec![Task::StoreSecrets, Task::PublishIdentity],
        perhaps: Some(Task::CreateBackup),
        cut_short: true,
    };
    assert_eq!(guide.step(), &Step::Stopped(step::Stopped { problem: Problem::EngineStopped, written }));
    assert_eq!(
        guide.handle(engine(Event::SetUpDone(proved()))),
        [],
        "a late event of the ended run is ignored"
    );
    assert!(matches!(guide.step(), Step::Stopped(_)));
}

#[test]
fn an_engine_lost_while_signing_out_does_not_change_the_outcome() {
    let mut guide = to_writing();
    walk(&mut guide, [engine(Event::SetUpDone(proved())), Input::WantedSignOut]);
    guide.handle(Input::EngineLost(Problem::EngineStopped));
    let Step::Finished(step::Finished { outcome, trouble: Some(Problem::EngineStopped) }) = guide.step()
    else {
        panic!("{:?}", guide.step())
    };
    assert_eq!(ended(outcome), ("backup on", Some(proved())));
}
