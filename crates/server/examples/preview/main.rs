//! Renders every page of the console with invented data, in both languages, for looking at:
//! `cargo run -p sekisho-server --example preview -- FOLDER`.

mod sample;
mod sample_device;

use std::path::{Path, PathBuf};

use maud::Markup;
use sekisho_messages::{Lang, error_text};
use sekisho_server::console::error_page::ErrorView;
use sekisho_server::console::layout::Place;
use sekisho_server::console::set_up::{Entry, SetUp};
use sekisho_server::console::sign_in::SignIn;
use sekisho_server::console::totp::Totp;
use sekisho_server::console::{
    device, devices, error_page, ledger, overview, requirement, requirements, set_up, sign_in, totp,
};
use sekisho_server::identity::way::Offer;

fn public(lang: Lang) -> Vec<(&'static str, Markup)> {
    let frame = sample::frame(lang, Place::Elsewhere, false);
    let entry = |value: &str, error: Option<&str>| Entry {
        value: value.to_owned(),
        error: error.map(str::to_owned),
    };
    let wrong = SetUp {
        organisation_ja: entry("瑞穂省", None),
        officer_name: entry("", Some("氏名を入力してください。")),
        profile: entry("gov", None),
        password_error: Some("12文字以上で入力してください。".to_owned()),
        ..SetUp::default()
    };
    let second = Totp {
        csrf: "preview".to_owned(),
        secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP".to_owned(),
        uri: "otpauth://totp/Sekisho:sakura?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Sekisho"
            .to_owned(),
        error: None,
        first_run: true,
    };
    let failure = ErrorView {
        status: 500,
        code: "preview.unlisted".to_owned(),
        text: error_text(lang, "preview.unlisted", &[]),
        reference: Some("7f3a-91c2".to_owned()),
    };
    let refused = SignIn {
        refusal: Some("ログインIDまたはパスワードが違います。".to_owned()),
        offers: vec![("password", Offer::Password)],
        ..SignIn::default()
    };
    let plain = SignIn {
        refusal: None,
        ..refused.clone()
    };
    vec![
        (
            "set-up",
            set_up::page(
                &frame,
                &SetUp {
                    profile: entry("gov", None),
                    ..SetUp::default()
                },
            ),
        ),
        ("set-up-errors", set_up::page(&frame, &wrong)),
        ("second-factor", totp::page(&frame, &second)),
        ("sign-in", sign_in::page(&frame, &plain)),
        ("sign-in-refused", sign_in::page(&frame, &refused)),
        ("signed-out", sign_in::signed_out(&frame)),
        ("error", error_page::page(&frame, &failure)),
    ]
}

fn inside(lang: Lang) -> Vec<(&'static str, Markup)> {
    let frame = |place| sample::frame(lang, place, true);
    let in_emergency = sample::in_emergency(frame(Place::Devices));
    vec![
        (
            "overview",
            overview::page(&frame(Place::Overview), &sample::overview(lang)),
        ),
        (
            "overview-empty",
            overview::page(&frame(Place::Overview), &sample::overview_empty()),
        ),
        (
            "requirements",
            requirements::page(&frame(Place::Requirements), &sample::requirements(lang)),
        ),
        (
            "requirement",
            requirement::page(&frame(Place::Requirements), &sample::requirement(lang)),
        ),
        (
            "devices",
            devices::page(&frame(Place::Devices), &sample_device::devices(lang)),
        ),
        (
            "device",
            device::page(&frame(Place::Devices), &sample_device::device(lang)),
        ),
        (
            "break-glass",
            device::page(&in_emergency, &sample_device::device(lang)),
        ),
        (
            "ledger",
            ledger::page(&frame(Place::Ledger), &sample::ledger(lang)),
        ),
    ]
}

/// A key that no catalogue has, shown in brackets where its text should be.
fn missing_message(page: &str) -> Option<&str> {
    page.match_indices('[').find_map(|(at, _)| {
        let (key, _) = page[at + 1..].split_once(']')?;
        let plain = |b: u8| b.is_ascii_lowercase() || b == b'.' || b == b'_' || b == b'-';
        (key.contains('.') && key.bytes().all(plain)).then_some(key)
    })
}

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("preview"), PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    for lang in Lang::ALL {
        for (name, markup) in public(lang).into_iter().chain(inside(lang)) {
            let file = Path::new(&folder).join(format!("{name}-{}.html", lang.tag()));
            let page = markup.into_string();
            let missing = missing_message(&page);
            assert!(
                missing.is_none(),
                "{name} in {}: no message {missing:?}",
                lang.tag()
            );
            std::fs::write(file, page)?;
        }
    }
    println!("{}", folder.display());
    Ok(())
}
