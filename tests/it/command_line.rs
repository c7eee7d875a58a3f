//! The interface that scripts rely on: codes, streams, version.

use sekisho_tests::Cli;

#[test]
fn version_names_the_program_and_its_version() {
    let said = Cli::new().run(["--version"]).with_code(0);
    assert_eq!(
        said.stdout.trim_end(),
        format!("sekisho {}", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(said.stderr, "");
}

#[test]
fn a_wrong_word_is_a_usage_error_on_standard_error() {
    let said = Cli::new().run(["no-such-command"]).with_code(2);
    assert_eq!(said.stdout, "");
    said.said_for_people();
}

#[test]
fn an_unknown_option_is_named_in_both_languages() {
    for words in [
        &["--no-such-option"][..],
        &["assess", "--no-such-option"],
        &["feeds", "status", "--no-such-option"],
    ] {
        for (language, mark) in [("ja", "エラー: "), ("en", "error: ")] {
            let words = words.iter().copied().chain(["--lang", language]);
            let said = Cli::new().run(words).with_code(2).said_for_people();
            assert_eq!(said.stdout, "");
            assert!(said.stderr.starts_with(mark), "{}", said.stderr);
            assert!(said.stderr.contains("--no-such-option"), "{}", said.stderr);
        }
    }
}

#[test]
fn the_language_follows_the_locale() {
    let said = Cli::new().with("LANG", "ja_JP.UTF-8").run(["--help"]);
    assert!(said.with_code(0).stdout.contains("使い方"));
    let said = Cli::new().with("LANG", "en_GB.UTF-8").run(["--help"]);
    assert!(said.with_code(0).stdout.contains("Usage"));
}

/// Whether a text holds Japanese letters.
fn japanese(text: &str) -> bool {
    text.chars()
        .any(|it| matches!(it, 'ぁ'..='ヿ' | '一'..='鿿'))
}

#[test]
fn every_command_has_its_help_in_both_languages() {
    let top = Cli::new().run(["--help", "--lang", "en"]).with_code(0);
    let listed = top.stdout.split("Commands:\n").nth(1).unwrap_or_default();
    let names: Vec<&str> = listed
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    for expected in [
        "up", "serve", "agent", "assess", "catalog", "ledger", "feeds",
    ] {
        assert!(names.contains(&expected), "{expected} not in {names:?}");
    }
    for name in names {
        let said = |language| {
            let said = Cli::new().run([name, "--help", "--lang", language]);
            said.with_code(0).stdout
        };
        let (ja, en) = (said("ja"), said("en"));
        assert!(en.contains(&format!("sekisho {name}")), "{en}");
        assert!(japanese(&ja) && !japanese(&en), "{name}: {ja}{en}");
    }
}

#[test]
fn help_sets_the_general_options_apart_and_names_the_feeds_taken() {
    let said = Cli::new().run(["feeds", "import", "--help", "--lang", "en"]);
    let said = said.with_code(0).stdout;
    let (own, general) = said.split_once("General options:").expect("two lists");
    assert!(
        own.contains("--as-of") && !own.contains("--config"),
        "{own}"
    );
    assert!(general.contains("--config"), "{general}");
    assert!(general.contains("CISA KEV"), "{general}");
    let said = Cli::new().run(["match", "--help", "--lang", "ja"]);
    assert!(said.with_code(0).stdout.contains("rebuild-unproved"));
}

#[test]
fn the_catalogue_in_its_stable_form_has_149_rows() {
    let said = Cli::new().run(["catalog", "list", "--format", "json"]);
    let rows = said.with_code(0).json();
    let rows = rows.as_array().expect("an array");
    assert_eq!(rows.len(), 149);
    let mut ids = std::collections::BTreeSet::new();
    for row in rows {
        let id = row["id"].as_str().expect("an id");
        assert!(ids.insert(id.to_owned()), "{id} twice");
        let force = row["force"].as_str().unwrap_or_default();
        assert!(["M", "N", "I", "E", "S", "G"].contains(&force), "{row}");
        for language in ["ja", "en"] {
            let text = row["text"][language].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{row}");
            assert_eq!(japanese(text), language == "ja", "{row}");
        }
        assert!(row["source"]["clause"].is_string(), "{row}");
        assert!(row["owner"].as_array().is_some_and(|it| !it.is_empty()));
        assert!(
            row["carried_by"]
                .as_array()
                .is_some_and(|it| !it.is_empty())
        );
    }
}

#[test]
fn one_row_is_shown_and_a_row_that_is_not_there_is_named() {
    let said = Cli::new().run(["catalog", "show", "PUB-1", "--format", "json"]);
    assert_eq!(said.with_code(0).json()["id"], "PUB-1");
    let said = Cli::new().run(["catalog", "show", "PUB-999", "--lang", "en"]);
    assert_ne!(said.code, Some(0));
    let said = said.said_for_people();
    assert!(said.stderr.contains("PUB-999"), "{}", said.stderr);
}

/// The source of a row was once printed as the key of a message that does not exist.
#[test]
fn every_row_is_shown_in_words() {
    let listed = Cli::new()
        .run(["catalog", "list", "--format", "json"])
        .json();
    for row in listed.as_array().expect("a list").iter().step_by(7) {
        let id = row["id"].as_str().expect("an id");
        for language in ["ja", "en"] {
            let shown = Cli::new()
                .run(["catalog", "show", id, "--lang", language])
                .with_code(0);
            assert!(!shown.stdout.contains('['), "{language}: {}", shown.stdout);
        }
    }
}

#[test]
fn a_word_that_is_no_command_was_called_nonsense() {
    let said = Cli::new().run(["nonsense", "--lang", "en"]).with_code(2);
    let expected = "There is no command 'nonsense'.";
    assert!(said.stderr.contains(expected), "{}", said.stderr);
}

#[test]
fn a_time_says_its_forms_and_must_have_come() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let shell = Cli::on(folder.path());
    let said = |time: &str| {
        shell
            .run(["assess", "--lang", "en", "--at", time])
            .with_code(2)
    };
    let forms = said("garbage").stderr;
    for form in ["2026-04-01,", "2026-04-01 09:00", "+09:00", "R8.4.1"] {
        assert!(forms.contains(form), "{form}: {forms}");
    }
    let ahead = said("2399-01-01").stderr;
    assert!(ahead.contains("in the future"), "{ahead}");
}
