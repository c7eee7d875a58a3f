//! What is said to the programs at the ends: the agent on a device and the gateway at the line.

use clap::Command;
use sekisho_messages::Lang;

use super::{branch, flag, leaf, option};

/// `sekisho agent …`
pub(super) fn agent(lang: Lang) -> Command {
    let state = || option(lang, "state", "DIR", "agent.state");
    branch(lang, "agent")
        .subcommand(
            leaf(lang, "enrol", "agent.enrol")
                .arg(state())
                .arg(option(lang, "server", "URL", "agent.server").required(true))
                .arg(option(lang, "ca-sha256", "HEX", "agent.ca-sha256").conflicts_with("ca"))
                .arg(option(lang, "ca", "FILE", "agent.ca")),
        )
        .subcommand(
            leaf(lang, "run", "agent.run")
                .arg(state())
                .arg(flag(lang, "once", "agent.once"))
                .arg(
                    option(lang, "interface", "NAME", "agent.interface")
                        .default_value(sekisho_agent::tunnel::INTERFACE),
                )
                // All words behind it are its own.
                .arg(
                    option(lang, "after-renewal", "COMMAND", "agent.after-renewal")
                        .num_args(1..)
                        .allow_hyphen_values(true)
                        .conflicts_with("once"),
                ),
        )
        .subcommand(leaf(lang, "check", "agent.check"))
        .subcommand(
            branch(lang, "tunnel")
                .subcommand(leaf(lang, "up", "agent.tunnel-up").arg(state()))
                .subcommand(leaf(lang, "down", "agent.tunnel-down").arg(state()))
                .subcommand(leaf(lang, "status", "agent.tunnel-status").arg(state())),
        )
}

/// `sekisho gateway …`
pub(super) fn gateway(lang: Lang) -> Command {
    let server = || option(lang, "server", "URL", "gateway.server");
    branch(lang, "gateway")
        .subcommand(
            leaf(lang, "enrol", "gateway.enrol")
                .arg(server().required(true))
                .arg(option(lang, "ca-sha256", "HEX", "agent.ca-sha256").conflicts_with("ca"))
                .arg(option(lang, "ca", "FILE", "agent.ca")),
        )
        .subcommand(
            leaf(lang, "run", "gateway.run")
                .arg(server())
                .arg(
                    option(lang, "interface", "NAME", "gateway.interface")
                        .default_value("sekisho0"),
                )
                .arg(
                    option(lang, "listen-port", "PORT", "gateway.listen-port")
                        .value_parser(clap::value_parser!(u16).range(1..)),
                )
                .arg(flag(lang, "forward-others", "gateway.forward-others")),
        )
}
