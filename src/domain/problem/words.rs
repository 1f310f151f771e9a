//! Words each problem for the person: the one file of this folder with sentences in it.

use super::{Part, Problem};
use crate::{
    domain::{address::AddressError, apps::STAY, key_file::KeyFileError},
    words,
};

/// The sentences shown for a [`Problem`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Says what happened.
    pub title: String,
    /// Says what it means.
    pub meaning: String,
    /// Says what to do now.
    pub action: String,
}

impl Problem {
    /// The sentences for this problem. Strings from the server are already cut.
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub fn words(&self) -> Words {
        let (title, meaning, action) = match self {
            Self::NotAnAddress(error) => return address_words(*error),
            Self::UnknownServer { server } => (
                words::problem_unknown_server(server),
                words::problem_either_the_name_has_a().to_string(),
                words::problem_check_the_part_after_the().to_string(),
            ),
            Self::ServerUnreachable { host } => (
                words::problem_server_unreachable(host),
                words::problem_your_accounts_server_is_down().to_string(),
                words::problem_check_your_connection_then_try().to_string(),
            ),
            Self::NoCors { host } => (
                words::problem_no_cors(host),
                words::problem_your_server_answers_but_without().to_string(),
                words::problem_tell_its_administrator_the_matrix().to_string(),
            ),
            Self::NotAHomeserver { host } => (
                words::problem_not_a_homeserver(host),
                words::problem_something_answers_there_but_it().to_string(),
                words::problem_enter_your_matrix_id_as().to_string(),
            ),
            Self::WellKnownBroken { server } => (
                words::problem_well_known_broken(server),
                words::problem_its_file_well_known_matrix().to_string(),
                words::problem_tell_its_administrator_or_enter().to_string(),
            ),
            Self::NoWayToSignIn { offers } => (
                words::problem_this_page_cannot_sign_in().to_string(),
                if offers.is_empty() {
                    words::problem_it_offers_no_way_to().to_string()
                } else {
                    words::problem_it_offers(&words::list(offers))
                },
                words::problem_do_it_inside_element_instead().to_string(),
            ),
            Self::WindowBlocked => (
                words::problem_your_browser_did_not_open().to_string(),
                words::problem_it_stops_pages_from_opening().to_string(),
                words::problem_open_it_yourself_with_the().to_string(),
            ),
            Self::NotLetIn { reason } => (
                words::problem_your_servers_page_did_not().to_string(),
                match reason.as_str() {
                    "" | "access_denied" => words::problem_it_was_cancelled_there_or().to_string(),
                    reason => words::problem_it_said(reason),
                },
                words::problem_try_again_or_ask_your().to_string(),
            ),
            Self::StrayAnswer => (
                words::problem_an_answer_came_that_belongs().to_string(),
                words::problem_a_window_of_an_earlier().to_string(),
                words::problem_close_that_window_and_go().to_string(),
            ),
            Self::AnswerTooLate => (
                words::problem_signing_in_took_too_long().to_string(),
                words::problem_what_your_servers_page_gave().to_string(),
                words::problem_sign_in_again().to_string(),
            ),
            Self::PageRefused { reason } => (
                words::problem_your_servers_sign_in_does().to_string(),
                match reason.as_str() {
                    "" => words::problem_it_did_not_say_why().to_string(),
                    reason => words::problem_it_said(reason),
                },
                words::problem_tell_your_servers_administrator_and().to_string(),
            ),
            Self::AnotherAccount { wanted, came, is_left } => (
                words::problem_that_is_another_account().to_string(),
                if *is_left {
                    words::problem_another_account_left(came, wanted)
                } else {
                    words::problem_another_account_stays(came, wanted)
                },
                words::problem_sign_in_as(wanted),
            ),
            Self::AnotherDevice { is_left } => (
                words::problem_your_server_gave_this_page().to_string(),
                if *is_left {
                    words::problem_another_device_left().to_string()
                } else {
                    words::problem_another_device_stays().to_string()
                },
                words::problem_tell_its_administrator_until_that().to_string(),
            ),
            Self::AnotherServer { server } => (
                words::problem_accounts_at_one_server_only(server),
                words::problem_the_matrix_id_you_entered().to_string(),
                words::problem_enter_your_account_of_this().to_string(),
            ),
            Self::WrongPassword => (
                words::problem_the_server_refused_this_name().to_string(),
                words::problem_nothing_was_changed().to_string(),
                words::problem_check_both_it_is_the().to_string(),
            ),
            Self::Deactivated => (
                words::problem_this_account_was_deactivated().to_string(),
                words::problem_nobody_can_sign_in_to().to_string(),
                words::problem_ask_your_servers_administrator().to_string(),
            ),
            Self::Locked => (
                words::problem_this_account_is_locked().to_string(),
                words::problem_the_server_does_not_let().to_string(),
                words::problem_ask_your_servers_administrator().to_string(),
            ),
            Self::RateLimited { .. } => (
                words::problem_the_server_asks_us_to().to_string(),
                words::problem_it_counted_too_many_attempts().to_string(),
                words::problem_wait_until_the_countdown_ends().to_string(),
            ),
            Self::SignedOut => (
                words::problem_the_server_has_signed_this().to_string(),
                words::problem_its_device_was_removed_or().to_string(),
                words::problem_start_again_and_sign_in().to_string(),
            ),
            Self::ProofRefused => (
                words::problem_that_is_not_your_account().to_string(),
                words::problem_the_server_did_not_accept().to_string(),
                words::problem_enter_the_password_you_sign().to_string(),
            ),
            Self::KeyAsPassword => (
                words::problem_that_is_what_opens_your().to_string(),
                words::problem_we_did_not_send_it().to_string(),
                words::problem_enter_the_password_you_sign_in_to().to_string(),
            ),
            Self::TwoRecoveryKeys { beginnings: [one, other] } => (
                words::problem_there_are_two_recovery_keys().to_string(),
                if one == other {
                    words::problem_both_keys_begin(&one.to_string())
                } else {
                    words::problem_the_keys_begin(&one.to_string(), &other.to_string())
                },
                words::problem_enter_only_one_of_them().to_string(),
            ),
            Self::KeyFileAsKey => (
                words::problem_this_is_a_file_of().to_string(),
                words::problem_once_your_backup_is_on().to_string(),
                words::problem_here_enter_your_recovery_key().to_string(),
            ),
            Self::WeakKey => (
                words::problem_this_recovery_key_is_too().to_string(),
                words::problem_the_app_that_made_it().to_string(),
                words::problem_keep_it_and_get_a().to_string(),
            ),
            Self::ProofUnsupported { stages } => (
                words::problem_the_server_wants_a_proof().to_string(),
                if stages.is_empty() {
                    words::problem_it_does_not_say_which().to_string()
                } else {
                    words::problem_it_asks_for(&words::list(stages))
                },
                words::problem_ask_your_servers_administrator().to_string(),
            ),
            Self::Passing { status } => (
                match status {
                    Some(code) => words::problem_server_error(&code.to_string()),
                    None => words::problem_the_server_did_not_answer().to_string(),
                },
                words::problem_the_connection_or_the_server().to_string(),
                words::problem_check_your_connection_then_try_again_trying().to_string(),
            ),
            Self::Refused { status, errcode } => (
                words::problem_the_server_refused().to_string(),
                match errcode.as_str() {
                    "" => words::problem_it_answered_status(&status.to_string()),
                    errcode => words::problem_it_answered_code(errcode, &status.to_string()),
                },
                words::problem_try_again_if_it_stays().to_string(),
            ),
            Self::Garbled => (
                words::problem_we_could_not_understand_the().to_string(),
                words::problem_something_between_you_and_the().to_string(),
                words::problem_try_again_perhaps_on_another().to_string(),
            ),
            Self::SomeoneElseIsWriting => (
                words::problem_your_account_was_changed_by().to_string(),
                words::problem_we_stopped_so_that_nothing().to_string(),
                words::problem_start_again_we_will_look().to_string(),
            ),
            Self::Contradicted => (
                words::problem_the_server_gives_two_different().to_string(),
                words::problem_we_stopped_so_that_nothing_gets_overwritten().to_string(),
                words::problem_start_again_if_it_stays().to_string(),
            ),
            Self::NotAsWritten { part } => (
                words::problem_what_the_server_holds_is().to_string(),
                part.words().to_string(),
                [STAY(), " ", words::problem_copy_this()].concat(),
            ),
            Self::KeyNotProved => (
                words::problem_the_recovery_key_has_not().to_string(),
                words::problem_we_write_nothing_before_that().to_string(),
                words::problem_go_back_and_enter_the().to_string(),
            ),
            Self::BackupReplaced => (
                words::problem_the_backup_was_deleted_or().to_string(),
                [words::problem_kept_key_may_not_open(), " ", STAY()].concat(),
                words::problem_start_again_we_will_look().to_string(),
            ),
            Self::BackupNotUsed => (
                words::problem_the_server_does_not_use().to_string(),
                words::problem_it_made_one_when_we().to_string(),
                [STAY(), " ", words::problem_copy_this()].concat(),
            ),
            Self::KeyNotPutBack => (
                words::problem_there_is_no_fresh_backup().to_string(),
                words::problem_it_is_all_there_but().to_string(),
                words::problem_try_again_or_sign_in().to_string(),
            ),
            Self::OpensNothing => (
                words::problem_this_does_not_open_what().to_string(),
                words::problem_it_may_belong_to_another().to_string(),
                words::problem_enter_the_recovery_key_or().to_string(),
            ),
            Self::DoesNotFit => (
                words::problem_what_this_key_opens_does().to_string(),
                words::problem_another_device_has_set_up().to_string(),
                [words::problem_keep_the_key(), " ", STAY()].concat(),
            ),
            Self::KeyFile(error) => return file_words(*error),
            Self::EngineMissing => (
                words::problem_a_part_of_this_page().to_string(),
                words::problem_the_encryption_engine_could_not().to_string(),
                words::problem_reload_the_page_if_it().to_string(),
            ),
            Self::EngineStopped(_) => (
                words::problem_the_page_stopped_to_be().to_string(),
                words::problem_its_encryption_engine_hit_a().to_string(),
                words::problem_start_again_please_tell_whoever().to_string(),
            ),
            Self::OutOfOrder(_) => (
                words::problem_the_page_lost_its_place().to_string(),
                words::problem_so_it_did_nothing().to_string(),
                words::problem_start_again().to_string(),
            ),
        };
        Words { title, meaning, action }
    }
}

impl Part {
    fn words(self) -> &'static str {
        match self {
            Self::KeyDescription => words::problem_differs_in_description(),
            Self::Secrets => words::problem_differs_in_secrets(),
            Self::Identity => words::problem_differs_in_identity(),
            Self::Backup => words::problem_differs_in_backup(),
        }
    }
}

fn address_words(error: AddressError) -> Words {
    let (title, action) = match error {
        AddressError::Empty => {
            (words::problem_enter_your_matrix_id(), words::problem_it_looks_like_you_example())
        }
        AddressError::NoServer => {
            (words::problem_the_name_of_your_server(), words::problem_add_it_after_a_colon())
        }
        AddressError::BadServer => {
            (words::problem_this_is_not_a_server(), words::problem_check_the_part_after_the_colon_it())
        }
        AddressError::BadUser => {
            (words::problem_this_is_not_a_matrix(), words::problem_check_the_part_before_the())
        }
        AddressError::Insecure => {
            (words::problem_this_address_is_not_encrypted(), words::problem_use_the_address_that_begins())
        }
        AddressError::Email => (words::problem_this_is_an_e_mail(), words::problem_enter_your_matrix_id_it()),
        AddressError::Phone => {
            (words::problem_this_is_a_phone_number(), words::problem_enter_your_matrix_id_it())
        }
        AddressError::NotAUser => {
            (words::problem_this_link_does_not_lead(), words::problem_enter_your_matrix_id_it())
        }
    };
    Words { title: title.into(), meaning: String::new(), action: action.into() }
}

fn file_words(error: KeyFileError) -> Words {
    let (title, meaning, action) = match error {
        KeyFileError::NotAnExport => (
            words::problem_this_is_not_a_file().to_string(),
            words::problem_such_a_file_begins_with().to_string(),
            words::problem_in_your_app_look_for().to_string(),
        ),
        KeyFileError::RecoveryKey => (
            words::problem_this_is_a_recovery_key().to_string(),
            words::problem_keep_it_it_opens_your().to_string(),
            words::problem_in_your_app_look_for().to_string(),
        ),
        KeyFileError::KeyAsPassphrase => (
            words::problem_this_is_a_recovery_key_it_does().to_string(),
            words::problem_the_file_has_a_passphrase().to_string(),
            words::problem_enter_that_passphrase_capitals_and().to_string(),
        ),
        KeyFileError::Damaged => (
            words::problem_this_file_is_damaged().to_string(),
            words::problem_it_begins_like_exported_keys().to_string(),
            words::problem_export_the_keys_again_or().to_string(),
        ),
        KeyFileError::WrongPassphrase => (
            words::problem_the_passphrase_does_not_open().to_string(),
            words::problem_it_is_the_one_that().to_string(),
            words::problem_check_it_and_try_again().to_string(),
        ),
        KeyFileError::TooManyRounds { rounds } => (
            words::problem_this_file_was_made_to().to_string(),
            words::problem_rounds(&rounds.to_string()),
            words::problem_export_the_keys_again_from().to_string(),
        ),
        KeyFileError::UnknownVersion { version } => (
            words::problem_this_file_is_of_a().to_string(),
            words::problem_file_version(&version.to_string()),
            words::problem_export_the_keys_again_from().to_string(),
        ),
        KeyFileError::TooLarge => (
            words::problem_this_file_is_too_large().to_string(),
            words::problem_we_take_up_to_300().to_string(),
            words::problem_check_that_you_chose_the().to_string(),
        ),
        KeyFileError::Empty => (
            words::problem_there_are_no_keys_in().to_string(),
            words::problem_it_opens_but_the_app().to_string(),
            words::problem_export_from_the_app_that().to_string(),
        ),
        KeyFileError::Unreadable => (
            words::problem_your_browser_cannot_read_this().to_string(),
            words::problem_it_was_perhaps_moved_or().to_string(),
            words::problem_choose_it_once_more().to_string(),
        ),
    };
    Words { title, meaning, action }
}
