use super::*;

#[test]
fn every_problem_says_what_happened_and_what_to_do_in_short_sentences() {
    for problem in examples() {
        let words = problem.words();
        assert!(!words.title.is_empty() && !words.action.is_empty(), "{problem:?}");
        for text in [&words.title, &words.meaning, &words.action] {
            assert!(!text.contains('!') && !text.contains("“”"), "{text}");
            for sentence in text.split(['.', ':']) {
                assert!(sentence.split_whitespace().count() < 20, "{sentence}");
            }
        }
    }
}

#[test]
fn no_sentence_stands_outside_the_words() {
    for text in [include_str!("mod.rs"), include_str!("remedy.rs")] {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            assert!(!line.contains('"'), "{line}");
        }
    }
}

#[test]
fn the_text_for_support_names_the_place_in_our_source_and_nothing_else_of_the_cause() {
    let cause: Result<(), _> = Err("a text of others");
    let (problem, line) = (cause.map_err(|_| Problem::engine_stopped()).unwrap_err(), line!());
    let version = env!("CARGO_PKG_VERSION");
    let text = format!(
        "Key backup for Matrix {version}: The page stopped to be safe\n\
         Place in the code: src/domain/problem/tests.rs:{line}"
    );
    assert_eq!(problem.report(), Some(text));
    let (problem, line) = (Problem::out_of_order(), line!());
    let place = format!("\nPlace in the code: src/domain/problem/tests.rs:{line}");
    assert!(problem.report().unwrap().ends_with(&place));
    // Only a defect of this page has a place; what a server said is in no such text.
    for problem in examples() {
        let is_ours = matches!(problem, Problem::EngineStopped(_) | Problem::OutOfOrder(_));
        assert_eq!(problem.report().is_some(), is_ours, "{problem:?}");
    }
}

#[test]
fn a_problem_is_the_same_one_wherever_it_showed() {
    let (here, there) = (Problem::out_of_order(), Problem::out_of_order());
    assert_eq!(here, there);
    assert_ne!(here, Problem::engine_stopped());
}
