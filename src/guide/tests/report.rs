//! Tests the text that the person passes on.

use super::{super::report::report, *};
use crate::words;

fn visit(guide: &Guide) -> &Visit {
    let Step::Findings(step::Findings { visit, .. }) = guide.step() else { panic!("{:?}", guide.step()) };
    visit
}

#[test]
fn what_is_copied_for_support_is_in_english_whatever_the_page_speaks() {
    let guide = to_checked(with_app(), opens_all());
    let visit = visit(&guide);
    let english = report(visit, visit.diagnosis(), 2);
    // A language that says nothing: each text of the page would leave a gap.
    words::begin(vec![String::new(); 2000], true);
    assert_eq!(report(visit, visit.diagnosis(), 2), english);
    words::begin(Vec::new(), false);
    for line in ["\nMatrix ID: ", "\nBackup: version ", "\nMalformed messages: 2", ": AllGood"] {
        assert!(english.contains(line), "{line} in {english}");
    }
    assert!(!english.contains(": \n"), "{english}");
}
