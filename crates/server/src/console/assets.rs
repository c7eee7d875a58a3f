//! Stylesheet, script and sign, under names that carry their hash: a browser keeps them for ever
//! and asks anew only when they have changed.

use std::sync::OnceLock;

use sekisho_ledger::Digest;

/// One file that pages refer to.
#[derive(Debug)]
pub struct Asset {
    /// Its name before the hash.
    pub stem: &'static str,
    /// Its name after the hash.
    pub extension: &'static str,
    /// Its media type.
    pub kind: &'static str,
    /// Its content.
    pub body: &'static str,
    /// The beginning of its SHA-256, in hex.
    pub hash: String,
}

impl Asset {
    /// The name without the hash, which any version of the file may stand under.
    #[must_use]
    pub fn plain_name(&self) -> String {
        format!("{}.{}", self.stem, self.extension)
    }

    /// The name that stands for this very content.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}.{}.{}", self.stem, self.hash, self.extension)
    }

    /// Where pages find it.
    #[must_use]
    pub fn href(&self) -> String {
        format!("/assets/{}", self.name())
    }
}

/// Every asset.
#[derive(Debug)]
pub struct Assets {
    /// The stylesheet.
    pub stylesheet: Asset,
    /// The module that refreshes pages in place.
    pub script: Asset,
    /// The module that speaks with the browser's authenticator.
    pub passkey: Asset,
    /// The module of a telephone's page.
    pub telephone: Asset,
    /// The module by which a browser is a device.
    pub device: Asset,
    /// The sign of the house.
    pub favicon: Asset,
}

impl Assets {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Asset> {
        [
            &self.stylesheet,
            &self.script,
            &self.passkey,
            &self.telephone,
            &self.device,
            &self.favicon,
        ]
        .into_iter()
    }
}

/// The assets of this program.
#[must_use]
pub fn assets() -> &'static Assets {
    static ASSETS: OnceLock<Assets> = OnceLock::new();
    let asset = |stem, extension, kind, body: &'static str| Asset {
        stem,
        extension,
        kind,
        body,
        hash: Digest::of(body.as_bytes()).to_string()[..16].to_owned(),
    };
    ASSETS.get_or_init(|| Assets {
        stylesheet: asset(
            "console",
            "css",
            "text/css; charset=utf-8",
            super::STYLESHEET,
        ),
        script: asset(
            "console",
            "js",
            "text/javascript; charset=utf-8",
            super::SCRIPT,
        ),
        passkey: asset(
            "passkey",
            "js",
            "text/javascript; charset=utf-8",
            super::PASSKEY_SCRIPT,
        ),
        telephone: asset(
            "telephone",
            "js",
            "text/javascript; charset=utf-8",
            super::TELEPHONE_SCRIPT,
        ),
        device: asset(
            "device",
            "js",
            "text/javascript; charset=utf-8",
            super::DEVICE_SCRIPT,
        ),
        favicon: asset("favicon", "svg", "image/svg+xml", super::FAVICON),
    })
}
