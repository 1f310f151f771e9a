//! Tests of the pages beside the page, as they are made.

use super::{Build, Language, Made, Style, make};
use crate::{
    domain::{apps::in_app::WALKS, problem::examples},
    words::{LANGUAGES, Numbers, speaking, write_numbers},
};

fn build() -> Build {
    let language = |tag: &str| Language {
        tag: tag.to_owned(),
        name: ["The language ", tag].concat(),
        direction: if tag == "ar" { "rtl" } else { "ltr" }.to_owned(),
    };
    Build {
        policy: "default-src 'none'".to_owned(),
        icon: "./icon.svg".to_owned(),
        styles: vec![Style { address: "./style.css".to_owned(), integrity: "sha384-A".to_owned() }],
        languages: LANGUAGES.map(language).into(),
    }
}

fn made(text: impl Fn(&str, &str) -> String) -> Vec<Made> {
    let made = make(&build(), text).unwrap();
    speaking::in_english();
    made
}

fn really_made() -> Vec<Made> {
    let all = LANGUAGES.map(|tag| (tag, speaking::texts(tag)));
    made(|language, key| {
        let (_, texts) = all.iter().find(|(tag, _)| *tag == language).unwrap();
        texts[key].as_str().unwrap().to_owned()
    })
}

#[test]
fn each_language_has_both_pages_and_each_page_leads_to_it_in_the_others() {
    let made = really_made();
    assert_eq!(made.len(), 2 * LANGUAGES.len());
    for tag in LANGUAGES {
        for name in ["in-app", "help"] {
            let file = format!("{name}-{tag}.html");
            let page = made.iter().find(|page| page.file == file).unwrap();
            assert!(page.html.contains(&format!("<html lang=\"{tag}\" dir=")), "{file}");
            for other in LANGUAGES.into_iter().filter(|other| *other != tag) {
                let link = format!("href=\"./{name}-{other}.html\" lang=\"{other}\"");
                assert!(page.html.contains(&link), "{file}: {other}");
            }
            // Every label became one.
            assert!(!page.html.contains(['“', '”']) || name == "help", "{file}");
        }
    }
}

#[test]
fn every_walk_and_every_problem_is_there_in_every_language() {
    let made = really_made();
    for tag in LANGUAGES {
        let html =
            |name: &str| &made.iter().find(|page| page.file == format!("{name}-{tag}.html")).unwrap().html;
        for walk in &WALKS {
            let section = html("in-app")
                .split("<section ")
                .find(|text| text.starts_with(&format!("id=\"{}\"", walk.id)));
            let drawings = section.unwrap().matches("<svg").count();
            let places = walk.steps.iter().filter(|step| step.spot.is_some()).count();
            assert_eq!(drawings, places, "{tag}, {}: one drawing for each step in the app", walk.id);
        }
        let titles: std::collections::BTreeSet<_> =
            examples().iter().map(|problem| problem.words().title).collect();
        assert_eq!(html("help").matches("<dt>").count(), titles.len(), "{tag}");
    }
}

#[test]
fn labels_have_their_english_form_beside_them_where_it_is_another() {
    let made = really_made();
    let html = |file: &str| &made.iter().find(|page| page.file == file).unwrap().html;
    assert!(!html("in-app-en.html").contains("lang=\"en\">Encryption</bdi>"));
    assert!(html("in-app-de.html").contains("<bdi lang=\"en\">Encryption</bdi>"));
}

#[test]
fn what_a_text_says_never_becomes_markup() {
    let made = made(|_, _| "<img src=x>“</strong>”".to_owned());
    for page in made {
        assert!(!page.html.contains("<img") && !page.html.contains("</strong></strong>"), "{}", page.file);
    }
}

#[test]
fn no_text_of_theirs_counts_since_only_browsers_know_each_languages_plurals() {
    let refuse = |number| panic!("{number} is counted");
    write_numbers(Numbers { category: refuse, written: refuse });
    really_made();
}
