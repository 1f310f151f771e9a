//! The sentences for the findings and for what can be done.

use crate::{
    domain::{
        coverage::Coverage,
        diagnosis::Diagnosis,
        handed_over::{HandedBackupKey, HandedOver},
        plan::Action,
    },
    guide::Visit,
    words,
};

/// Says the diagnosis in a sentence, and what it means.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn sentences(diagnosis: Diagnosis) -> (&'static str, &'static str) {
    match diagnosis {
        Diagnosis::NothingSetUp => {
            (words::findings_your_messages_are_not_backed(), words::findings_if_you_lose_your_apps())
        }
        Diagnosis::BackupWithoutRecoveryKey => {
            (words::findings_your_messages_are_backed_up(), words::findings_only_an_app_youre_signed())
        }
        Diagnosis::IdentityOnly => {
            (words::findings_nothing_is_backed_up_yet(), words::findings_your_apps_trust_each_other())
        }
        Diagnosis::AllGood => {
            (words::findings_you_are_covered_your_key(), words::findings_even_if_youre_signed_out())
        }
        Diagnosis::KeyLostAppOpen => {
            (words::findings_your_recovery_key_is_lost(), words::findings_nothing_is_lost_while_youre())
        }
        Diagnosis::KeyLost => {
            (words::findings_your_recovery_key_is_lost_and_no(), words::findings_what_is_in_the_backup())
        }
        Diagnosis::IdentityOrphaned => {
            (words::findings_your_account_cant_confirm_new(), words::findings_no_app_and_no_recovery())
        }
        Diagnosis::IdentityNotStored => {
            (words::findings_your_recovery_key_does_not(), words::findings_it_cant_confirm_a_new())
        }
        Diagnosis::BackupKeyNotStored => {
            (words::findings_your_recovery_key_does_not_open_the(), words::findings_the_backup_has_a_key())
        }
        Diagnosis::BackupKeyStale => {
            (words::findings_your_recovery_key_opens_an(), words::findings_an_app_began_a_new())
        }
        Diagnosis::BackupNobodyOpens => {
            (words::findings_your_backup_may_be_locked(), words::findings_the_backups_own_key_is())
        }
        Diagnosis::BackupUnsigned => {
            (words::findings_your_apps_may_not_trust(), words::findings_your_key_opens_it_but())
        }
        Diagnosis::StoredForFewClients => {
            (words::findings_your_key_opens_everything_here(), words::findings_an_app_stored_your_keys())
        }
        Diagnosis::IdentityReplaced => {
            (words::findings_your_recovery_key_belongs_to(), words::findings_an_app_replaced_your_digital())
        }
        Diagnosis::SecretsUnderAnotherKey => {
            (words::findings_your_account_has_two_recovery(), words::findings_we_can_fix_this_with())
        }
        Diagnosis::Unfinished => {
            (words::findings_a_set_up_was_begun(), words::findings_some_parts_are_stored_but())
        }
        Diagnosis::IdentityUnpublished => {
            (words::findings_your_account_has_a_recovery(), words::findings_something_was_set_up_once())
        }
        Diagnosis::BackupKeyDamaged => {
            (words::findings_the_stored_key_to_your(), words::findings_your_recovery_key_works_but())
        }
        Diagnosis::SwitchedOff => {
            (words::findings_backup_is_switched_off(), words::findings_one_of_your_apps_switched())
        }
        // `Sentence::at_findings` says more of these.
        Diagnosis::DeviceUnverified | Diagnosis::Gaps | Diagnosis::KeysNobodyHas => {
            (words::findings_your_key_works(), words::findings_it_opens_everything_that_is())
        }
        Diagnosis::DeviceDehydrated => {
            (words::findings_you_are_covered_your_key(), words::findings_your_account_can_also_receive())
        }
        Diagnosis::KeyWanted => {
            (words::findings_a_recovery_key_is_set(), words::findings_enter_it_and_well_check())
        }
        Diagnosis::BackupOnly => {
            (words::findings_your_account_has_an_old(), words::findings_some_keys_are_saved_but())
        }
        Diagnosis::NoBackup => {
            (words::findings_your_key_works_but_there(), words::findings_it_opens_your_digital_identity())
        }
        Diagnosis::BackupUnusable => {
            (words::findings_your_key_works_but_no(), words::findings_an_app_has_made_a())
        }
        Diagnosis::HandedOver => {
            (words::findings_done_your_app_has_handed(), words::findings_next_a_recovery_key_so())
        }
        Diagnosis::BackupKeyPutAside => (
            words::findings_your_recovery_key_does_not_open_the_backup_now(),
            words::findings_this_page_once_kept_a(),
        ),
        Diagnosis::RotationUnfinished => {
            (words::findings_a_fresh_backup_was_begun(), words::findings_nothing_is_lost_the_older())
        }
    }
}

/// Returns the text of an action's button, and a sentence on why to press it and what it leaves alone.
fn action_words(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::SetUp => (words::findings_set_up_backup(), ""),
        Action::Finish => (words::check_finish_the_set_up(), words::findings_if_you_still_have_the()),
        Action::EnterKey => {
            (words::findings_enter_my_key_or_phrase(), words::findings_trying_a_key_changes_nothing())
        }
        Action::SayKeyLost => (words::findings_i_no_longer_have_the(), ""),
        Action::SayAppLost => (words::findings_i_no_longer_have_that(), ""),
        Action::WantBackup => (words::findings_i_want_backup(), words::findings_go_on_if_you_want()),
        Action::Repair => (words::findings_repair(), words::findings_we_can_repair_this_in()),
        Action::ChangeKey => {
            (words::findings_get_a_new_recovery_key(), words::findings_the_new_key_opens_what())
        }
        Action::Rotate => (words::findings_make_a_fresh_backup(), words::findings_a_fresh_backup_takes_in()),
        Action::Reset => {
            (words::findings_start_over_with_a_new(), words::findings_starting_over_makes_backup_work())
        }
        Action::Verify => {
            (words::findings_confirm_its_you_with_your(), words::findings_open_the_app_and_compare())
        }
        Action::AddKey => (words::findings_get_a_new_recovery_key(), words::findings_you_save_the_key_then()),
        Action::BringKeys => {
            (words::findings_bring_in_the_other_apps(), words::findings_your_app_gets_the_key())
        }
        Action::Cover => {
            (words::findings_see_which_messages_are_safe(), words::findings_we_look_room_by_room())
        }
        Action::End => (words::signing_out_sign_out_here(), ""),
    }
}

/// Says why to do it. What an app does that never sends a key is said at once.
pub(super) fn reason(action: Action, visit: &Visit) -> &'static str {
    match visit.silent_app() {
        Some(app) if action == Action::BringKeys => app.facts().remedy,
        _ if action == Action::EnterKey && visit.offers(Action::Reset) => {
            words::findings_look_for_it_once_more()
        }
        _ => action_words(action).1,
    }
}

pub(super) fn label(action: Action, visit: &Visit) -> &'static str {
    match action {
        Action::BringKeys if !visit.has_app() || visit.silent_app().is_some() => {
            words::findings_bring_in_keys_from_a()
        }
        Action::Repair if visit.account.backup_switched_off => words::findings_switch_backup_on(),
        _ => action_words(action).0,
    }
}

/// Says what the app handed over, and what that means for the backup.
pub(super) fn handed_over_words(came: HandedOver) -> &'static str {
    match came.backup {
        HandedBackupKey::Fits => words::findings_it_handed_over_your_identitys(),
        HandedBackupKey::NoBackup => words::findings_it_handed_over_your_identitys_keys_there(),
        HandedBackupKey::Missing | HandedBackupKey::Differs => {
            words::findings_it_handed_over_your_identitys_keys_but()
        }
    }
}

pub(super) fn coverage_words(coverage: Coverage) -> String {
    let Coverage { seen, covered, rooms_with_gaps } = coverage;
    let text = words::findings_coverage(seen.into(), covered.into());
    if coverage.is_whole() {
        text
    } else {
        [text, words::findings_coverage_gaps(rooms_with_gaps.into())].join(" ")
    }
}
