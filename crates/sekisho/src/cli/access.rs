//! `sekisho access …`: rules of access.

use clap::Command;
use sekisho_messages::Lang;

use super::{branch, flag, leaf, option, positional};

pub(super) fn access(lang: Lang) -> Command {
    let file = || positional(lang, "file", "FILE", "access.rules.file");
    let number = || clap::value_parser!(u32);
    let days = option(lang, "days", "N", "access.rules.days").value_parser(number().range(1..=92));
    let version = option(lang, "number", "N", "access.rules.version").value_parser(number());
    let note = option(lang, "note", "TEXT", "access.rules.note").required(true);
    let withdraw = flag(lang, "withdraw", "access.rules.withdraw");
    let rules = branch(lang, "rules")
        .subcommand(leaf(lang, "show", "access.rules.show").arg(version))
        .subcommand(leaf(lang, "check", "access.rules.check").arg(file()))
        .subcommand(
            leaf(lang, "what-if", "access.rules.what-if")
                .arg(file())
                .arg(days),
        )
        .subcommand(
            leaf(lang, "set", "access.rules.set")
                .arg(file())
                .arg(note)
                .arg(withdraw),
        )
        .subcommand(leaf(lang, "history", "access.rules.history"));
    branch(lang, "access").subcommand(rules)
}
