//! Tests the way back.

use super::*;

#[test]
fn going_back_leads_one_step_back_and_keeps_what_was_entered() {
    let mut guide = Guide::default();
    walk(&mut guide, [Input::Began, Input::EnteredServer("@ada:example.org".into()), Input::WentBack]);
    assert_eq!(
        guide.step(),
        &Step::Server(step::Server { entered: "@ada:example.org".into(), trouble: None })
    );
    guide.handle(Input::Discovered(Ok(server())));
    assert!(matches!(guide.step(), Step::Server(_)), "a late discovery");
    let mut guide = to_confirm();
    guide.handle(Input::WentBack);
    assert!(matches!(guide.step(), Step::Save(step::Save { kept, .. }) if *kept == [Keeping::Downloaded]));
}

#[test]
fn a_narrowed_policy_cannot_be_widened_so_another_server_means_a_reload() {
    let mut guide = Guide::default();
    walk(
        &mut guide,
        [Input::Began, Input::EnteredServer("@a:b.org".into()), Input::Discovered(Ok(server()))],
    );
    assert_eq!(guide.handle(Input::WentBack), [Effect::EndEngine, Effect::Reload]);
}
