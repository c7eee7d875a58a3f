//! The configurations that `docs/network-access.md` prints, so that the page and what is tested are one.

use sekisho_tests::root;

/// The one that begins so, with what is of this place put in, everything else as it is printed.
pub fn printed(begins: &str, put: &[(&str, &str)]) -> String {
    let page = root().join("docs/network-access.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let mut blocks = page.split("```");
    let found = blocks.find(|block| block.trim_start().starts_with(begins));
    let mut config = found
        .unwrap_or_else(|| panic!("{begins} is printed"))
        .to_owned();
    for (printed, put) in put {
        assert!(config.contains(printed), "{printed} is printed");
        config = config.replace(printed, put);
    }
    config
}
