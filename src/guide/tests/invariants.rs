//! Tests what holds after any sequence of inputs.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Until the second file of its program is loaded, the page has little of the guide. In whatever order the settings and
    /// the wish to begin came, the visit begins as if all had been there: the page hands that wish on once it is.
    #[test]
    fn a_visit_begins_whenever_the_rest_of_the_program_comes(
        inputs in vec(any_input_at_the_entrance(), 0..12), at in 0..12_usize,
    ) {
        let (mut late, mut whole) = (Guide::waiting(), Guide::waiting());
        let first = inputs.iter().take(at).filter(|it| matches!(it, Input::Began | Input::Configured(_)));
        let mut last = Vec::new();
        for input in first {
            prop_assert_eq!(late.wait(input.clone()), []);
            let effects = whole.handle(input.clone());
            if !effects.is_empty() {
                last = effects;
            }
        }
        prop_assert_eq!(late.step(), &Step::Intro(step::Intro));
        if late.is_held_up() {
            prop_assert_eq!(late.handle(Input::Began), last);
        }
        prop_assert_eq!(late.run(), whole.run());
        prop_assert_eq!(late.step(), whole.step());
        prop_assert_eq!(late.is_held_up(), whole.is_held_up());
        prop_assert_eq!(late.config(), whole.config());
        for input in inputs.into_iter().skip(at) {
            prop_assert_eq!(late.handle(input.clone()), whole.handle(input));
            prop_assert_eq!(late.step(), whole.step());
        }
    }

    /// No sequence of inputs panics. The engine is told to write only what the findings offer, when the person has
    /// just agreed to it, and with the key they entered. An action that needs the old key is told only after that was
    /// entered and opened something.
    #[test]
    fn no_sequence_writes_without_consent_and_proof(at in any_start(), inputs in vec(any_input(), 0..60)) {
        let mut guide = start(at);
        for input in inputs {
            let before = guide.step().clone();
            for effect in guide.handle(input.clone()) {
                let Effect::Tell(_, command) = effect else { continue };
                may_be_told(command, &before, &input)?;
            }
        }
    }

    /// Listening and looking further back never go on together, and never end something that the person waits for.
    #[test]
    fn behind_the_screen_one_thing_goes_on_at_a_time(at in any_start(), inputs in vec(any_input(), 0..80)) {
        let mut guide = start(at);
        let mut under_way = None;
        // Listening that was told while the engine listened: it begins when the other has ended.
        let mut queued = false;
        for input in inputs {
            let before = guide.run();
            match &input {
                Input::Engine(run, Event::Heard { .. }) if under_way == Some((*run, Command::Listen)) => {
                    under_way = queued.then_some((*run, Command::Listen));
                    queued = false;
                }
                Input::Engine(run, Event::WentFurther { .. }) if under_way == Some((*run, Command::GoFurther)) => {
                    under_way = None;
                }
                _ => {}
            }
            let asks_anew = input == Input::WantedNewLook || matches!(input, Input::EngineLost(_));
            let returned = input == Input::Returned;
            let effects = guide.handle(input);
            // Listening that began on another step is given up. Looking back is not, since its result still counts.
            if guide.run() != before && (asks_anew || matches!(under_way, Some((_, Command::Listen)))) {
                under_way = None;
                queued = false;
            }
            for effect in effects {
                let Effect::Tell(run, command @ (Command::Listen | Command::GoFurther)) = effect else { continue };
                if returned && under_way == Some((run, Command::Listen)) {
                    prop_assert!(command == Command::Listen && !queued);
                    queued = true;
                    continue;
                }
                prop_assert_eq!(&under_way, &None);
                prop_assert_eq!(run, guide.run());
                if command == Command::GoFurther {
                    let harvest = match guide.step() {
                        Step::OldKeys(step::OldKeys { harvest, .. })
                        | Step::Coverage(step::Coverage { harvest, course: Course::Rest | Course::Failed(_) })
                        | Step::TakeHome(step::TakeHome { harvest, course: Course::Rest | Course::Failed(_), .. })
                        | Step::Done(step::Done { harvest, removal: Removal::Offered, .. }) => harvest,
                        step => panic!("{step:?}"),
                    };
                    prop_assert!(harvest.survey.at_ms.is_some() && !harvest.survey.rests());
                }
                under_way = Some((run, command));
            }
        }
    }

    /// A new identity is written only after the words were typed, and never while an app could help.
    #[test]
    fn no_identity_is_replaced_without_the_typed_words(at in any_start(), inputs in vec(any_input(), 0..60)) {
        let mut guide = start(at);
        let mut typed = false;
        for input in inputs {
            typed |= matches!(&input, Input::AgreedWith(words) if words == crate::words::consent_new_identity());
            for effect in guide.handle(input) {
                let Effect::Tell(_, Command::Write { action: Action::Reset, .. }) = effect else { continue };
                prop_assert!(typed);
                let Step::Writing(step::Writing { job, .. }) = guide.step() else { panic!() };
                let account = &job.visit.account;
                prop_assert!(!account.has_verified_app() || job.visit.known.app_lost);
            }
        }
    }

    /// The page calls something done only after the engine proved it in this run.
    #[test]
    fn nothing_is_called_done_that_the_engine_did_not_prove(at in any_start(), inputs in vec(any_input(), 0..60)) {
        let mut guide = start(at.clone());
        let mut proved_in_run = at.1.is_some_and(|opening| opening.is_all_right());
        for input in inputs {
            if let Input::Engine(run, event) = &input && *run == guide.run() {
                proved_in_run |= match event {
                    Event::SetUpDone(_) | Event::Rotated { .. } => matches!(guide.step(), Step::Writing(_)),
                    Event::Tried(opening) => {
                        opening.is_all_right()
                            && matches!(
                                guide.step(),
                                Step::Writing(_)
                                    | Step::Check(step::Check { last: Entered::Trying { .. }, .. })
                                    | Step::Verify(step::Verify { goal: Goal::Receive { .. }, .. })
                            )
                    }
                    _ => false,
                };
            }
            guide.handle(input);
            let says_done = match guide.step() {
                Step::OldKeys(_)
                | Step::Import(_)
                | Step::Coverage(_)
                | Step::TakeHome(_)
                | Step::Done(_)
                | Step::Verify(step::Verify { goal: Goal::Give(_), .. })
                | Step::Rotated(_) => true,
                Step::Findings(step::Findings { diagnosis, .. }) => diagnosis.key_opens_everything(),
                Step::SigningOut(step::SigningOut { outcome }) | Step::Finished(step::Finished { outcome, .. }) => {
                    !matches!(outcome, Outcome::NothingChanged | Outcome::Changed(None))
                }
                _ => false,
            };
            prop_assert!(!says_done || proved_in_run);
        }
    }

    /// The list of phases jumps back only when the person goes to another step by its name, or goes back. It always has
    /// the phase that they are in.
    #[test]
    fn the_phase_goes_back_only_with_the_person(at in any_start(), inputs in vec(any_input(), 0..80)) {
        let mut guide = start(at);
        for input in inputs {
            let before = guide.phase();
            let leads_back = input.leads_back();
            guide.handle(input);
            prop_assert!(leads_back || guide.phase() >= before, "{:?} after {before:?}", guide.phase());
            prop_assert!(guide.phases().is_sorted());
            prop_assert!(guide.phases().contains(&guide.phase()), "{:?}", guide.step());
        }
    }

    /// While the page says that nothing was changed, it has told the engine no order that may have written something.
    #[test]
    fn nothing_changed_is_said_only_while_it_is_true(at in any_start(), inputs in vec(any_input(), 0..60)) {
        let mut guide = start(at);
        let mut ordered = false;
        for input in inputs {
            let before = guide.step().clone();
            let withdrawn = input == Input::Engine(guide.run(), Event::Withdrawn);
            let effects = guide.handle(input);
            ordered |= effects.iter().any(|effect| matches!(effect, Effect::Tell(_, Command::Write { .. })));
            // The engine refused or stopped the order before it wrote anything.
            ordered &= !matches!(guide.step(), Step::Resume(step::Resume { course: Course::Rest | Course::Failed(_), .. }));
            ordered &= !(withdrawn && matches!(before, Step::Writing(step::Writing { pause: Some(Pause::Withdrawing), .. })));
            ordered &= !matches!(guide.step(), Step::Findings(step::Findings { news: Some(news), .. }) if news.written.is_empty());
            let says = guide.has_changed_nothing()
                || matches!(guide.step(), Step::SigningOut(step::SigningOut { outcome: Outcome::NothingChanged | Outcome::Checked(_) }))
                || matches!(guide.step(), Step::Stopped(step::Stopped { written, .. })
                    if *written == Written::default() && !knows_its_tasks(&before));
            prop_assert!(!(says && ordered), "{before:?} {:?}", guide.step());
        }
    }
}

/// Tells whether [`Written`] follows here from the tasks that are done, so that an empty one is true.
fn knows_its_tasks(step: &Step) -> bool {
    match step {
        Step::SignInAgain(step::SignInAgain { place, .. }) => knows_its_tasks(&place.step),
        step => matches!(step, Step::Writing(_) | Step::Stopped(_)),
    }
}

/// Tells whether a command that writes, gives a proof, deletes or stops may follow from this input at this step.
fn may_be_told(command: Command, at: &Step, input: &Input) -> Result<(), TestCaseError> {
    match (command, at) {
        (Command::Write { action, kept_key }, at) => may_be_written(action, &kept_key, at, input)?,
        (Command::GiveProof(_), Step::Writing(step::Writing { pause: Some(Pause::Proof(_)), .. })) => {}
        (Command::Withdraw, Step::Writing(step::Writing { pause: Some(Pause::Proof(_)), .. })) => {
            prop_assert_eq!(input, &Input::Withdrew);
        }
        (Command::DeleteOlder { versions }, Step::Rotated(step::Rotated { rotated, .. })) => {
            prop_assert_eq!(input, &Input::AgreedToDelete);
            let superseded: Vec<_> = rotated.superseded().map(|older| older.version.clone()).collect();
            prop_assert_eq!(versions, superseded);
        }
        (
            Command::Stop,
            Step::Writing(step::Writing { job: Job { action: Action::Rotate, .. }, .. })
            // These steps only look, or only add something.
            | Step::Check(step::Check { last: Entered::Trying { .. }, .. })
            | Step::Import(_)
            | Step::Coverage(_)
            | Step::TakeHome(_),
        ) => {}
        (command @ (Command::GiveProof(_) | Command::DeleteOlder { .. } | Command::Stop), step) => {
            prop_assert!(false, "{command:?} at {step:?}");
        }
        _ => {}
    }
    Ok(())
}

/// Tells whether the engine may be told to write.
fn may_be_written(action: Action, kept_key: &Secret, at: &Step, input: &Input) -> Result<(), TestCaseError> {
    let is_same = |job: &Job, before: &Secret| action == job.action && kept_key == before;
    match at {
        Step::Confirm(step::Confirm { job, made, kept_key: confirmed, .. }) => {
            prop_assert_eq!(input, &Input::Agreed);
            prop_assert!(action == job.action && action.makes_key());
            prop_assert!(job.visit.offers(action));
            prop_assert!(!action.needs_key() || job.visit.has_key_for(action));
            prop_assert_eq!(kept_key, confirmed);
            prop_assert!(compare(kept_key, &made.kit.recovery_key).is_ok());
        }
        Step::Consent(step::Consent { job, .. }) => {
            prop_assert_eq!(input, &Input::Agreed);
            prop_assert!(action == job.action && !action.makes_key() && kept_key.is_blank());
            prop_assert!(job.visit.offers(action) && job.visit.has_key_for(action));
        }
        Step::Resume(step::Resume { visit, .. }) => {
            prop_assert_eq!(action, Action::Finish);
            prop_assert!(matches!(input, Input::EnteredKey(_)), "{input:?}");
            prop_assert_eq!(visit.diagnosis(), Diagnosis::Unfinished);
        }
        // The person tried the same order again, after a failure.
        Step::Writing(step::Writing { job, kept_key, .. }) => {
            prop_assert_eq!(input, &Input::TriedAgain);
            prop_assert!(is_same(job, kept_key));
        }
        // The person signed in again, and the same order goes on.
        Step::SignInAgain(step::SignInAgain { place, .. }) => {
            prop_assert!(place.is_back);
            let Step::Writing(step::Writing { job, kept_key, .. }) = &place.step else { panic!("{place:?}") };
            prop_assert!(is_same(job, kept_key));
        }
        step => prop_assert!(false, "{action:?} is written at {step:?}"),
    }
    Ok(())
}
