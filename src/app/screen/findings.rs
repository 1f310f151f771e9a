//! What is the matter with the account, and the choice that follows.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        keep,
        part::{
            button::{Look, actions, button},
            element::{all, el, p, say, status},
            heading::heading,
            illustration::{Drawing, PAPER_AND_SAFE, WORDS_AND_LOCK, picture},
        },
    },
    domain::{
        account::{Account, SecretStorage},
        diagnosis::Diagnosis,
        guide::{Input, Visit},
        plan::plan,
    },
};

/// The diagnosis as a sentence, and what it means.
fn sentences(diagnosis: Diagnosis) -> (&'static str, &'static str) {
    match diagnosis {
        Diagnosis::NothingSetUp => (
            "Your messages are not backed up yet",
            "The keys to your private chats exist only in the apps you are signed in to. If those go, so do your messages.",
        ),
        Diagnosis::SetUp => (
            "Your account already has a backup and a recovery key",
            "Whether your own key still opens everything, we did not test.",
        ),
        Diagnosis::BackupWithoutRecoveryKey => (
            "There is a backup, but no recovery key",
            "Only an app that is signed in now can open the backup. If you are signed out everywhere, nobody can.",
        ),
        Diagnosis::IdentityOnly => (
            "Your account has an identity, but no backup",
            "Your apps can trust each other. The keys to your messages are not stored anywhere else.",
        ),
        Diagnosis::BackupOnly => (
            "Your account has an old backup, but no identity",
            "Some keys are stored. Your newer apps may not use them, because nothing vouches for that backup.",
        ),
        Diagnosis::RecoveryKeyWithoutBackup => (
            "Your account has a recovery key, but no backup",
            "The recovery key opens your identity. The keys to your messages are not stored with it.",
        ),
        Diagnosis::RecoveryKeyWithoutIdentity => (
            "Your account has a recovery key, but no identity",
            "Something was set up once and is now incomplete. Your apps still hold their keys.",
        ),
        Diagnosis::DanglingRecoveryKey => (
            "Your account points to a recovery key that is not there",
            "An earlier set-up left a trace that leads nowhere. Your apps still hold their keys.",
        ),
        Diagnosis::Unfinished => (
            "A set-up was begun and not finished",
            "Some parts are stored, but the last step is missing. Your apps still hold their keys.",
        ),
    }
}

/// Shows the conclusion; offers the choice where this page can help.
pub fn screen(conductor: Conductor, visit: &Visit, diagnosis: Diagnosis) -> AnyView {
    let (title, meaning) = sentences(diagnosis);
    let account = &visit.account;
    let mut views = vec![heading(title), say("p", "lead", meaning)];
    views.extend(if plan(diagnosis).is_some() {
        choice(conductor, account)
    } else if diagnosis == Diagnosis::Unfinished {
        vec![
            p("If you began it here and kept the recovery key or the phrase, you can finish now. Finishing turns backup on."),
            actions(vec![button(Look::Primary, "Finish it", conductor.on(Input::WantedToFinish))]),
        ]
    } else {
        vec![
            say("p", "strong", "This page does not change accounts like yours yet. Nothing was changed."),
            p("Do not sign out of your app. Whoever sent you here can help with the details below."),
            actions(vec![button(Look::Primary, "Sign out", conductor.on(Input::WantedSignOut))]),
        ]
    });
    views.push(details(
        account,
        visit.server.base_url.host(),
        report(account, visit.server.base_url.as_str(), title),
    ));
    all(views)
}

/// The question that follows from the first diagnosis.
fn choice(conductor: Conductor, account: &Account) -> Vec<AnyView> {
    let mut views = Vec::new();
    if account.backup_switched_off {
        views.push(p("Backup was switched off in one of your apps. Going on turns it on again."));
    }
    if account.devices.is_empty() {
        views.push(p("We see no other app that is signed in. Messages from before may already be closed to you. New ones will be safe."));
    }
    let key = card(
        [
            "With a recovery key",
            "Recommended",
            "We make a key for you. You keep it in a password manager, as a file or on paper.",
        ],
        &PAPER_AND_SAFE,
        conductor.on(Input::ChoseKey),
    );
    let phrase = card(
        [
            "With a security phrase",
            "",
            "You think of a phrase and remember it. You get a recovery key as well, as a spare.",
        ],
        &WORDS_AND_LOCK,
        conductor.on(Input::ChosePhrase),
    );
    let cards = el("div").class("cards").attr("role", "group").attr("aria-labelledby", "how");
    views.extend([
        el("h2").attr("id", "how").text("How do you want to open the backup later?").view(),
        cards.child(key).child(phrase).view(),
    ]);
    views
}

/// One of the answers: title, badge and text.
fn card([title, badge, text]: [&'static str; 3], drawing: &'static Drawing, act: Callback<()>) -> AnyView {
    el("button")
        .class("card")
        .attr("type", "button")
        .on("click", move |_| act.run(()))
        .child(picture(drawing))
        .child(say("span", "card-title", title))
        .child(say("span", "badge", badge))
        .child(say("span", "", text))
        .view()
}

/// The facts, for whoever helps.
fn details(account: &Account, host: &str, report: String) -> AnyView {
    let copied = RwSignal::new("");
    let copy = Callback::new(move |()| {
        keep::copy(&report, move |done| {
            copied.set(if done {
                "Copied. There is no secret in it."
            } else {
                "Your browser did not allow copying."
            });
        });
    });
    let identity = if account.identity.is_some() { "Published" } else { "None" };
    let mut rows = vec![
        row("Matrix ID", &account.user_id),
        row("Homeserver", host),
        row("Identity", identity),
        row("Recovery key", storage_words(&account.secret_storage)),
        row("Stored keys", &[account.stored_secrets.to_string().as_str(), " of 4"].concat()),
        row("Backup", &backup_words(account)),
    ];
    rows.extend(account.devices.iter().map(|device| {
        let name = device.name.as_deref().unwrap_or("Without a name");
        row("Your other device", &[name, " (", &device.device_id, ")"].concat())
    }));
    if account.devices.is_empty() {
        rows.push(row("Your other devices", "None"));
    }
    el("details")
        .child(say("summary", "", "Details"))
        .child(el("table").child(el("tbody").all(rows).view()).view())
        .child(actions(vec![button(Look::Plain, "Copy for support", copy)]))
        .child(status(move || copied.get().to_owned()))
        .view()
}

fn row(name: &'static str, value: &str) -> AnyView {
    el("tr")
        .child(el("th").attr("scope", "row").text(name).view())
        .child(el("td").child(say("bdi", "", value)).view())
        .view()
}

fn storage_words(storage: &SecretStorage) -> &'static str {
    match storage {
        SecretStorage::Absent => "None",
        SecretStorage::Dangling => "Named, but missing",
        SecretStorage::Present { has_passphrase: true, .. } => "Present, with a security phrase",
        SecretStorage::Present { has_passphrase: false, .. } => "Present",
    }
}

fn backup_words(account: &Account) -> String {
    match &account.backup {
        Some(backup) => format!("Version {}, {} keys", backup.version, backup.count),
        None if account.backup_switched_off => "None, switched off".into(),
        None => "None".into(),
    }
}

/// The facts as text, without anything secret: ids, public keys and counts.
fn report(account: &Account, base_url: &str, title: &str) -> String {
    let identity = account.identity.as_ref().map_or("none", |identity| identity.master_key.as_str());
    let key = match &account.secret_storage {
        SecretStorage::Absent | SecretStorage::Dangling => "",
        SecretStorage::Present { key_id, .. } => key_id.as_str(),
    };
    let etag = account.backup.as_ref().map_or("", |backup| backup.etag.as_str());
    let verified = account.devices.iter().filter(|device| device.verified).count();
    [
        format!("Key backup for Matrix {}: {title}", env!("CARGO_PKG_VERSION")),
        format!("account: {} at {base_url}, this page: {}", account.user_id, account.device_id),
        format!("identity: {identity}"),
        format!(
            "secret storage: {} {key}, {} of 4 secrets",
            storage_words(&account.secret_storage),
            account.stored_secrets
        ),
        format!("backup: {} {etag}", backup_words(account)),
        format!("other devices: {}, verified: {verified}", account.devices.len()),
    ]
    .join("\n")
}
