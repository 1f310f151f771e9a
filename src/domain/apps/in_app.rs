//! Setting up backup inside an app instead of here, step by step: for the pages beside the page (`src/pages`).

use super::{App, walks::Spot};
use crate::words::{self, Word, nothing};

/// A way through one app, or one generation of it, to a recovery key that is kept.
pub struct Walk {
    /// The name by which links lead to it.
    pub id: &'static str,
    /// The app.
    pub app: App,
    /// The app, and its generation.
    pub title: Word,
    /// A sentence by which a person recognises it; may be empty.
    pub recognise: Word,
    /// The version whose screens have these labels, and whether they were seen or only read.
    pub seen: Word,
    /// The steps, in order.
    pub steps: &'static [Step],
    /// What the app does not do of all that the page does.
    pub lacks: &'static [Word],
}

/// A step in an app.
pub struct Step {
    /// The instruction, with labels between “ and ”.
    pub text: Word,
    /// The place in the app; none if the step is not done in it.
    pub spot: Option<Spot>,
    /// The labels there, as the instruction quotes them.
    pub labels: &'static [Word],
}

const fn step(text: Word, spot: Option<Spot>, labels: &'static [Word]) -> Step {
    Step { text, spot, labels }
}

/// A way through each app.
pub const WALKS: [Walk; 9] = [
    Walk {
        id: "element-2026",
        app: App::Element,
        title: words::pages_title_element_of_2026,
        recognise: words::pages_recognise_you_have_this_one_if,
        seen: words::apps_walks_texts_of_2026_not_tried,
        steps: &[
            step(
                words::pages_step_choose_your_picture_at_the,
                Some(Spot::NewSettings),
                &[words::apps_walks_encryption],
            ),
            step(
                words::pages_step_under_backup_choose_get_recovery,
                Some(Spot::NewSettings),
                &[words::pages_label_backup, words::pages_label_get_recovery_key],
            ),
            step(
                words::pages_step_choose_continue_the_app_then,
                Some(Spot::NewSettings),
                &[words::pages_label_continue],
            ),
            step(words::pages_step_copy_the_key_to_a, Some(Spot::Key), &[words::pages_label_continue]),
            step(
                words::pages_step_enter_the_key_to_confirm,
                Some(Spot::Entry),
                &[words::pages_label_finish_set_up],
            ),
        ],
        lacks: &[
            words::pages_lacks_there_is_no_file_to,
            words::pages_lacks_you_cannot_choose_a_phrase,
            words::pages_lacks_it_does_not_check_that,
        ],
    },
    Walk {
        id: "element-1-12",
        app: App::Element,
        title: words::pages_title_element_of_2025,
        recognise: words::pages_recognise_you_have_this_one_if_2,
        seen: words::pages_seen_element_1_12_2,
        steps: &[
            step(
                words::apps_walks_open_the_settings_and_choose,
                Some(Spot::NewSettings),
                &[words::apps_walks_encryption],
            ),
            step(
                words::pages_step_under_recovery_choose_set_up,
                Some(Spot::NewSettings),
                &[words::pages_label_recovery, words::pages_label_set_up_recovery],
            ),
            step(
                words::pages_step_choose_continue_then_copy_the,
                Some(Spot::NewSettings),
                &[words::pages_label_continue],
            ),
            step(words::pages_step_is_the_key_in_a, Some(Spot::Key), &[words::pages_label_continue]),
            step(
                words::pages_step_enter_the_key_to_confirm,
                Some(Spot::Entry),
                &[words::pages_label_finish_set_up],
            ),
        ],
        lacks: &[
            words::pages_lacks_there_is_no_file_to,
            words::pages_lacks_you_cannot_choose_a_phrase,
            words::pages_lacks_it_does_not_check_that,
        ],
    },
    Walk {
        id: "element-old",
        app: App::Element,
        title: words::apps_walks_element_of_2024_or_older,
        recognise: words::apps_walks_you_have_this_one_if_its_settings,
        seen: words::apps_walks_element_1_11_89,
        steps: &[
            step(
                words::apps_walks_open_the_menu_at_your,
                Some(Spot::OldMenu),
                &[words::apps_walks_older_security],
            ),
            step(
                words::pages_step_under_secure_backup_choose_set,
                Some(Spot::Settings),
                &[words::pages_label_secure_backup, words::pages_label_set_up],
            ),
            step(
                words::pages_step_choose_generate_a_security_key,
                Some(Spot::Question),
                &[
                    words::pages_label_generate_a_security_key,
                    words::pages_label_enter_a_security_phrase,
                    words::pages_label_continue_2,
                ],
            ),
            step(
                words::pages_step_a_phrase_is_asked_for,
                Some(Spot::Key),
                &[words::pages_label_download, words::pages_label_copy],
            ),
            step(
                words::pages_step_enter_your_account_password_if,
                Some(Spot::Question),
                &[words::pages_label_secure_backup_successful, words::pages_label_done],
            ),
        ],
        lacks: &[words::pages_lacks_it_does_not_ask_for],
    },
    Walk {
        id: "element-x-android",
        app: App::ElementX,
        title: words::pages_title_element_x_on_android,
        recognise: nothing,
        seen: words::apps_walks_texts_of_2026_not_tried,
        steps: &[
            step(
                words::pages_step_tap_your_picture_at_the,
                Some(Spot::PhoneSettings),
                &[words::pages_label_encryption],
            ),
            step(
                words::pages_step_choose_get_recovery_key_older,
                Some(Spot::PhoneSettings),
                &[words::pages_label_get_recovery_key_2, words::pages_label_set_up_recovery_2],
            ),
            step(
                words::pages_step_tap_generate_your_recovery_key,
                Some(Spot::PhoneKey),
                &[words::pages_label_generate_your_recovery_key],
            ),
            step(
                words::pages_step_tap_the_key_to_copy,
                Some(Spot::PhoneKey),
                &[words::pages_label_save_recovery_key],
            ),
            step(
                words::pages_step_choose_done_if_it_asks,
                Some(Spot::PhoneQuestion),
                &[
                    words::pages_label_done_2,
                    words::pages_label_have_you_saved_your_recovery,
                    words::pages_label_continue_3,
                ],
            ),
        ],
        lacks: &[
            words::pages_lacks_it_does_not_ask_for,
            words::pages_lacks_it_does_not_check_that,
            words::pages_lacks_it_cannot_import_or_export,
        ],
    },
    Walk {
        id: "element-x-ios",
        app: App::ElementX,
        title: words::pages_title_element_x_on_an_iphone,
        recognise: nothing,
        seen: words::apps_walks_texts_of_2026_not_tried,
        steps: &[
            step(
                words::pages_step_tap_your_picture_at_the,
                Some(Spot::PhoneSettings),
                &[words::pages_label_encryption],
            ),
            step(
                words::pages_step_choose_get_recovery_key_older,
                Some(Spot::PhoneSettings),
                &[words::pages_label_get_recovery_key_2, words::pages_label_set_up_recovery_2],
            ),
            step(
                words::pages_step_tap_generate_your_recovery_key,
                Some(Spot::PhoneKey),
                &[words::pages_label_generate_your_recovery_key],
            ),
            step(
                words::pages_step_copy_the_key_with_the,
                Some(Spot::PhoneKey),
                &[words::pages_label_save_recovery_key],
            ),
            step(
                words::pages_step_choose_done_at_have_you,
                Some(Spot::PhoneQuestion),
                &[
                    words::pages_label_done_2,
                    words::pages_label_have_you_saved_your_recovery,
                    words::pages_label_continue_3,
                ],
            ),
        ],
        lacks: &[
            words::pages_lacks_it_does_not_ask_for,
            words::pages_lacks_it_does_not_check_that,
            words::pages_lacks_it_cannot_import_or_export,
        ],
    },
    Walk {
        id: "element-classic",
        app: App::ElementClassic,
        title: words::apps_walks_element_classic_on_a_phone,
        recognise: words::apps_walks_you_have_this_one_if_element_x,
        seen: words::apps_walks_texts_of_2026_not_tried,
        steps: &[
            step(
                words::apps_walks_open_its_settings_and_choose,
                Some(Spot::PhoneSettings),
                &[words::apps_walks_security_privacy, words::apps_walks_security],
            ),
            step(
                words::pages_step_scroll_down_to_secure_backup,
                Some(Spot::PhoneSettings),
                &[words::pages_label_secure_backup_2, words::pages_label_set_up_2],
            ),
            step(words::pages_step_then_open_element_x_again, None, &[]),
        ],
        lacks: &[words::pages_lacks_it_does_not_ask_for],
    },
    Walk {
        id: "fluffychat",
        app: App::FluffyChat,
        title: words::apps_walks_fluffychat,
        recognise: nothing,
        seen: words::apps_walks_its_texts_not_tried,
        steps: &[
            step(
                words::pages_step_open_the_settings_and_turn,
                Some(Spot::PhoneSettings),
                &[words::pages_label_chat_backup],
            ),
            step(words::pages_step_newer_ones_ask_for_a, Some(Spot::PhoneEntry), &[words::pages_label_skip]),
            step(
                words::pages_step_save_the_recovery_key_with,
                Some(Spot::PhoneKey),
                &[words::pages_label_copy_to_clipboard],
            ),
            step(
                words::pages_step_put_the_key_in_a,
                Some(Spot::PhoneKey),
                &[words::pages_label_next, words::pages_label_continue_4],
            ),
        ],
        lacks: &[
            words::pages_lacks_it_does_not_ask_for,
            words::pages_lacks_it_does_not_check_that,
            words::pages_lacks_it_cannot_import_or_export,
        ],
    },
    Walk {
        id: "cinny",
        app: App::Cinny,
        title: words::apps_walks_cinny,
        recognise: nothing,
        seen: words::apps_walks_texts_of_2026_not_tried,
        steps: &[
            step(
                words::apps_walks_choose_your_picture_at_the,
                Some(Spot::SettingsBelow),
                &[words::apps_walks_devices],
            ),
            step(
                words::pages_step_at_device_verification_choose_enable,
                Some(Spot::Settings),
                &[words::apps_walks_device_verification, words::pages_label_enable],
            ),
            step(
                words::pages_step_you_may_enter_a_phrase,
                Some(Spot::Question),
                &[words::pages_label_continue_5],
            ),
            step(
                words::pages_step_save_the_recovery_key_with_2,
                Some(Spot::Key),
                &[words::pages_label_copy_2, words::pages_label_download_2],
            ),
        ],
        lacks: &[words::pages_lacks_it_does_not_ask_for],
    },
    Walk {
        id: "nheko",
        app: App::Nheko,
        title: words::apps_walks_nheko,
        recognise: nothing,
        seen: words::apps_walks_its_texts_not_tried,
        steps: &[
            step(
                words::pages_step_choose_the_bar_encryption_not,
                Some(Spot::Bar),
                &[words::pages_label_encryption_not_set_up],
            ),
            step(
                words::pages_step_in_the_box_setup_encryption,
                Some(Spot::Question),
                &[
                    words::pages_label_setup_encryption,
                    words::pages_label_store_secrets_online,
                    words::pages_label_use_online_key_backup,
                    words::pages_label_ok,
                ],
            ),
            step(
                words::pages_step_enter_your_account_password_if_2,
                Some(Spot::Key),
                &[words::pages_label_ok],
            ),
            step(
                words::pages_step_it_then_says_encryption_setup,
                Some(Spot::Question),
                &[words::pages_label_encryption_setup_successfully],
            ),
        ],
        lacks: &[
            words::pages_lacks_there_is_no_file_to,
            words::pages_lacks_it_does_not_check_that,
            words::pages_lacks_version_0_11_3_writes,
        ],
    },
];
