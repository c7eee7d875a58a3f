//! The command line: what can be said, with help in both languages.

mod access;
mod certificate;
mod machines;

use std::borrow::Cow;

use clap::builder::{PossibleValuesParser, ValueParser};
use clap::{Arg, ArgAction, Command};
use sekisho_domain::authorise::OPERATOR;
use sekisho_domain::register::Register;
use sekisho_messages::{Lang, t};
use sekisho_server::tables::TableOf;

/// Registers that the shell loads and writes out. Incidents and reports of unease are sealed words of
/// people, and not for the shell.
const REGISTERS: &[Register] = &[
    Register::IssuedDevice,
    Register::ByodDevice,
    Register::Medium,
    Register::Software,
    Register::Line,
    Register::System,
    Register::Service,
    Register::ConferenceTool,
    Register::Task,
    Register::Gateway,
];

/// The whole command line in one language.
pub fn command(lang: Lang) -> Command {
    let whole = Command::new("sekisho")
        .version(env!("CARGO_PKG_VERSION"))
        .about(t!(lang, "help.about").into_owned())
        .after_help(t!(lang, "help.after").into_owned())
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .args(global(lang))
        .subcommand(up(lang))
        .subcommand(serve(lang))
        .subcommand(machines::agent(lang))
        .subcommand(machines::gateway(lang))
        .subcommand(assess(lang))
        .subcommand(catalog(lang))
        .subcommand(ledger(lang))
        .subcommand(feeds(lang))
        .subcommand(import(lang))
        .subcommand(export(lang))
        .subcommand(access::access(lang))
        .subcommand(match_packages(lang))
        .subcommand(discover(lang))
        .subcommand(certificate::certificate(lang))
        .subcommand(clock(lang))
        .subcommand(device(lang))
        .subcommand(break_glass(lang))
        .subcommand(backup(lang))
        .subcommand(restore(lang));
    headed(whole, lang)
}

/// Gives every command its template, with the headings in the language.
fn headed(command: Command, lang: Lang) -> Command {
    let usage = t!(lang, "help.usage");
    command
        .help_template(format!(
            "{{about-with-newline}}\n{usage}: {{usage}}\n\n{{all-args}}{{after-help}}"
        ))
        .subcommand_help_heading(heading(lang, "help.commands"))
        .mut_args(|arg| match arg.get_help_heading() {
            Some(_) => arg,
            None if arg.is_positional() => arg.help_heading(heading(lang, "help.arguments")),
            None => arg.help_heading(heading(lang, "help.options")),
        })
        .mut_subcommands(|below| headed(below, lang))
}

/// A heading; clap keeps it for the life of the program.
fn heading(lang: Lang, key: &str) -> &'static str {
    match sekisho_messages::text(lang, key, &[]) {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => text.leak(),
    }
}

fn global(lang: Lang) -> Vec<Arg> {
    let text = |key: &str| sekisho_messages::text(lang, key, &[]).into_owned();
    let list = vec![
        Arg::new("data")
            .long("data")
            .value_name("DIR")
            .global(true)
            .help(text("help.data")),
        Arg::new("lang")
            .long("lang")
            .value_name("ja|en")
            .global(true)
            .value_parser(PossibleValuesParser::new(["ja", "en"]))
            .hide_possible_values(true)
            .help(text("help.lang")),
        Arg::new("format")
            .long("format")
            .value_name("text|json")
            .global(true)
            .default_value("text")
            .hide_default_value(true)
            .value_parser(PossibleValuesParser::new(["text", "json"]))
            .hide_possible_values(true)
            .help(text("help.format")),
        Arg::new("config")
            .long("config")
            .value_name("FILE")
            .global(true)
            .help(text("help.config")),
        Arg::new("help")
            .long("help")
            .short('h')
            .global(true)
            .action(ArgAction::Help)
            .help(text("help.help")),
        Arg::new("version")
            .long("version")
            .short('V')
            .action(ArgAction::Version)
            .help(text("help.version")),
    ];
    list.into_iter()
        .map(|arg| arg.help_heading(heading(lang, "help.general")))
        .collect()
}

/// A command without commands below it, with its texts from `help.<name>`.
fn leaf(lang: Lang, name: &'static str, key: &str) -> Command {
    Command::new(name)
        .about(sekisho_messages::text(lang, format!("help.{key}"), &[]).into_owned())
        .disable_help_flag(true)
        .disable_version_flag(true)
}

fn branch(lang: Lang, name: &'static str) -> Command {
    leaf(lang, name, name)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
}

fn option(lang: Lang, name: &'static str, value: &'static str, key: &str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(value)
        .help(sekisho_messages::text(lang, format!("help.{key}"), &[]).into_owned())
}

fn flag(lang: Lang, name: &'static str, key: &str) -> Arg {
    Arg::new(name)
        .long(name)
        .action(ArgAction::SetTrue)
        .help(sekisho_messages::text(lang, format!("help.{key}"), &[]).into_owned())
}

fn positional(lang: Lang, name: &'static str, value: &'static str, key: &str) -> Arg {
    Arg::new(name)
        .value_name(value)
        .required(true)
        .help(sekisho_messages::text(lang, format!("help.{key}"), &[]).into_owned())
}

fn listen(lang: Lang) -> Arg {
    option(lang, "listen", "ADDR", "listen")
}

fn grpc_listen(lang: Lang) -> Arg {
    option(lang, "grpc-listen", "ADDR", "grpc-listen")
}

fn up(lang: Lang) -> Command {
    leaf(lang, "up", "up")
        .arg(listen(lang))
        .arg(grpc_listen(lang))
        .arg(flag(lang, "demo", "demo"))
        .arg(
            option(lang, "report-every", "SECONDS", "report-every")
                .value_parser(clap::value_parser!(u32).range(10..=86_400)),
        )
}

fn serve(lang: Lang) -> Command {
    leaf(lang, "serve", "serve")
        .arg(listen(lang))
        .arg(grpc_listen(lang))
        .arg(flag(lang, "trusted-proxy", "trusted-proxy"))
}

fn assess(lang: Lang) -> Command {
    leaf(lang, "assess", "assess")
        .arg(flag(lang, "here", "assess.here"))
        .arg(option(lang, "at", "TIME", "assess.at"))
        .arg(
            option(lang, "profile", "gov|ci|general", "assess.profile")
                .value_parser(PossibleValuesParser::new(["gov", "ci", "general"]))
                .hide_possible_values(true),
        )
        .arg(flag(lang, "strict", "assess.strict"))
}

fn catalog(lang: Lang) -> Command {
    let profile = || {
        option(lang, "profile", "gov|ci|general", "assess.profile")
            .value_parser(PossibleValuesParser::new(["gov", "ci", "general"]))
            .hide_possible_values(true)
    };
    branch(lang, "catalog")
        .subcommand(leaf(lang, "list", "catalog.list").arg(profile()))
        .subcommand(leaf(lang, "show", "catalog.show").arg(positional(
            lang,
            "id",
            "ID",
            "catalog.id",
        )))
}

fn ledger(lang: Lang) -> Command {
    let checkpoint = || option(lang, "checkpoint", "FILE", "ledger.checkpoint-file");
    let number = ValueParser::from(clap::value_parser!(u64));
    branch(lang, "ledger")
        .subcommand(
            leaf(lang, "verify", "ledger.verify")
                .arg(checkpoint())
                .arg(option(lang, "key", "VKEY|FILE", "ledger.key"))
                .arg(option(lang, "export", "DIR", "ledger.verify-export")),
        )
        .subcommand(
            leaf(lang, "prove", "ledger.prove")
                .arg(positional(lang, "sequence", "SEQ", "ledger.sequence").value_parser(number))
                .arg(option(lang, "key", "VKEY|FILE", "ledger.key"))
                .arg(checkpoint()),
        )
        .subcommand(leaf(lang, "keys", "ledger.keys").arg(flag(
            lang,
            "rotate",
            "ledger.keys-rotate",
        )))
        .subcommand(
            leaf(lang, "export", "ledger.export")
                .arg(positional(lang, "target", "DIR", "ledger.target"))
                .arg(
                    option(lang, "without-records", "SEQ,…", "ledger.without")
                        .value_delimiter(',')
                        .value_parser(clap::value_parser!(u64)),
                ),
        )
        .subcommand(
            leaf(lang, "checkpoint", "ledger.checkpoint")
                .arg(option(lang, "output", "FILE", "ledger.checkpoint-output"))
                .arg(
                    option(lang, "to", "TARGET", "ledger.checkpoint-to").action(ArgAction::Append),
                ),
        )
}

fn feeds(lang: Lang) -> Command {
    branch(lang, "feeds")
        .subcommand(
            leaf(lang, "import", "feeds.import")
                .after_help(t!(lang, "help.feeds.accepted").into_owned())
                .arg(positional(lang, "path", "PATH…", "feeds.path").num_args(1..))
                .arg(option(lang, "as-of", "DATE", "feeds.as-of"))
                .arg(option(lang, "release", "NAME", "feeds.release"))
                .arg(flag(lang, "smaller", "feeds.smaller")),
        )
        .subcommand(leaf(lang, "status", "feeds.status"))
}

/// What the shell may be asked to load and write out, by code.
fn table_of(lang: Lang) -> Arg {
    let codes = tables().map(TableOf::code);
    positional(lang, "register", "REGISTER", "import.register")
        .value_parser(PossibleValuesParser::new(codes))
        .hide_possible_values(true)
}

fn tables() -> impl Iterator<Item = TableOf> {
    let registers = REGISTERS.iter().copied().map(TableOf::Register);
    registers.chain(TableOf::ORGANISATION)
}

/// What tables can be of, by code and name, a line each.
fn listed(lang: Lang, all: impl Iterator<Item = TableOf>) -> String {
    let lines = all.map(|it| {
        let name = sekisho_messages::text(lang, it.name_key(), &[]);
        format!("  {:<16} {name}", it.code())
    });
    format!(
        "{}\n{}",
        t!(lang, "help.import.registers"),
        lines.collect::<Vec<_>>().join("\n")
    )
}

fn import(lang: Lang) -> Command {
    // The others are decisions; whoever names one is told who may load it.
    let own = tables().filter(|it| OPERATOR.contains(&it.keep()));
    let registers = listed(lang, own);
    let elsewhere = t!(lang, "help.import.elsewhere");
    leaf(lang, "import", "import")
        .after_help(format!("{registers}\n\n{elsewhere}"))
        .arg(table_of(lang))
        .arg(positional(lang, "file", "FILE", "import.file"))
        .arg(option(lang, "mapping", "NAME", "import.mapping"))
        .arg(option(lang, "save-mapping", "NAME", "import.save-mapping"))
        .arg(option(lang, "sheet", "NAME", "import.sheet"))
        .arg(option(lang, "on", "DATE", "import.on"))
        .arg(flag(lang, "dry-run", "import.dry-run"))
}

fn export(lang: Lang) -> Command {
    leaf(lang, "export", "export")
        .after_help(format!(
            "{}\n\n{}",
            listed(
                lang,
                tables().filter(|it| OPERATOR.contains(&it.read_action()))
            ),
            t!(lang, "help.export.after")
        ))
        .arg(table_of(lang))
        .arg(option(lang, "output", "FILE", "export.output"))
        .arg(
            option(lang, "as", "xlsx|csv|csv-utf8|csv-cp932", "export.as")
                .default_value("xlsx")
                .hide_default_value(true)
                .value_parser(PossibleValuesParser::new([
                    "xlsx",
                    "csv",
                    "csv-utf8",
                    "csv-cp932",
                ]))
                .hide_possible_values(true),
        )
}

fn discover(lang: Lang) -> Command {
    let forms = sekisho_detect::discovery::Form::ALL.map(|form| form.code());
    leaf(lang, "discover", "discover")
        .after_help(t!(lang, "help.discover.after").into_owned())
        .arg(
            positional(lang, "paths", "PATH…", "discover.paths")
                .num_args(1..)
                .action(ArgAction::Append),
        )
        .arg(
            option(lang, "form", "FORM", "discover.form")
                .value_parser(PossibleValuesParser::new(forms))
                .hide_possible_values(true),
        )
        .arg(
            option(lang, "catalogue", "FILE", "discover.catalogue")
                // What goes to the server was looked for with the server's lists.
                .conflicts_with("into-server"),
        )
        .arg(option(lang, "clients", "FILE", "discover.clients"))
        .arg(option(lang, "offset", "+09:00", "discover.offset").allow_hyphen_values(true))
        .arg(option(lang, "resume", "FILE", "discover.resume"))
        .arg(flag(lang, "into-server", "discover.into-server").conflicts_with("resume"))
        .arg(option(lang, "source", "NAME", "discover.source").requires("into-server"))
}

fn match_packages(lang: Lang) -> Command {
    leaf(lang, "match", "match")
        .after_help(t!(lang, "help.match.after").into_owned())
        .arg(option(lang, "packages", "FILE", "match.packages").required(true))
        .arg(option(lang, "release", "NAME", "match.release"))
        .arg(
            option(lang, "feeds", "PATH…", "match.feeds")
                .num_args(1..)
                .required(true)
                .action(ArgAction::Append),
        )
}

fn clock(lang: Lang) -> Command {
    branch(lang, "clock").subcommand(leaf(lang, "confirm", "clock.confirm"))
}

fn device(lang: Lang) -> Command {
    branch(lang, "device").subcommand(
        leaf(lang, "invite", "device.invite")
            .arg(
                option(lang, "class", "issued|byod", "device.class")
                    .default_value("issued")
                    .value_parser(PossibleValuesParser::new(["issued", "byod"]))
                    .hide_possible_values(true),
            )
            .arg(option(lang, "user", "PERSON", "device.user"))
            .arg(flag(lang, "telephone", "device.telephone").requires("user")),
    )
}

fn break_glass(lang: Lang) -> Command {
    let person = |name, key| option(lang, name, "PERSON", key).required_unless_present("close");
    leaf(lang, "break-glass", "break-glass")
        .arg(person("first", "break-glass.first"))
        .arg(person("second", "break-glass.second"))
        .arg(option(lang, "reason", "TEXT", "break-glass.reason").required_unless_present("close"))
        .arg(
            flag(lang, "close", "break-glass.close")
                .conflicts_with_all(["first", "second", "reason"]),
        )
}

fn backup(lang: Lang) -> Command {
    leaf(lang, "backup", "backup")
        .arg(positional(lang, "target", "DIR", "backup.target"))
        .arg(option(lang, "keys", "DIR", "backup.keys").required(true))
        .arg(option(lang, "forgotten", "FILE", "backup.forgotten"))
}

fn restore(lang: Lang) -> Command {
    leaf(lang, "restore", "restore")
        .arg(positional(lang, "source", "DIR", "restore.source"))
        .arg(option(lang, "keys", "DIR", "restore.keys").required(true))
        .arg(option(lang, "forgotten", "FILE", "restore.forgotten"))
        .arg(flag(lang, "nobody-forgotten", "restore.nobody"))
}
