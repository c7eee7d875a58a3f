//! What is said of the certificates that the server shows and makes.

use clap::Command;
use sekisho_messages::Lang;

use super::{branch, flag, leaf};

/// `sekisho certificate …`
pub(super) fn certificate(lang: Lang) -> Command {
    branch(lang, "certificate")
        .subcommand(leaf(lang, "status", "certificate.status"))
        .subcommand(leaf(lang, "renew", "certificate.renew"))
        .subcommand(leaf(lang, "authority", "certificate.authority").arg(flag(
            lang,
            "rotate",
            "certificate.authority-rotate",
        )))
}
