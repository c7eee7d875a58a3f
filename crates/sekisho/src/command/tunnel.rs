//! `sekisho agent tunnel up|down|status`: asks the agent that runs on this device.

use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_agent::tunnel::{Quiet, Refusal, SystemSight, TunnelAct, TunnelSight, Unheard, ask};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Arg, Lang, error_text};

use crate::fault::Fault;
use crate::output::{Format, Output};

/// `sekisho agent tunnel …`: exit code 1 where the tunnel is not as it was asked to be.
pub fn run(matches: &ArgMatches, state: &Path, output: &Output) -> Result<ExitCode, Fault> {
    let asked = matches
        .subcommand()
        .and_then(|(_, below)| below.subcommand_name());
    let act = match asked {
        Some("up") => TunnelAct::Up,
        Some("down") => TunnelAct::Down,
        _ => TunnelAct::Status,
    };
    let mut last = None;
    for sight in ask(state, act)? {
        match output.format {
            Format::Text => output.line(words(&sight, output)),
            Format::Json => output.json(&sight),
        }
        last = Some(sight);
    }
    let went = match (act, &last) {
        (_, None) => return Err(Fault::new("agent.not_running")),
        (
            TunnelAct::Up,
            Some(TunnelSight::Up {
                unheard: None,
                refused: None,
                ..
            }),
        )
        | (TunnelAct::Status, Some(_)) => true,
        (TunnelAct::Down, Some(TunnelSight::Down { .. })) => true,
        _ => false,
    };
    Ok(if went {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// How the tunnel stands, in the words of a language.
pub fn words(sight: &TunnelSight, output: &Output) -> String {
    let text = |key: &str, said: &[(&str, Arg<'_>)]| output.text(key, said);
    match sight {
        TunnelSight::Down { why: None } => text("tunnel.down", &[]),
        TunnelSight::Down { why: Some(why) } => {
            let why = text(&format!("tunnel.ended.{why}"), &[]);
            text("tunnel.down_why", &[("why", Arg::from(why))])
        }
        TunnelSight::Failed { code, detail } => failed("tunnel.not_up", code, detail, output),
        TunnelSight::Held { code, detail } => failed("tunnel.held", code, detail, output),
        TunnelSight::Waiting {
            user_code,
            url,
            until,
        } => text(
            "tunnel.waiting",
            &[
                ("code", Arg::from(user_code)),
                ("url", Arg::from(url)),
                ("until", Arg::from(clock(*until))),
            ],
        ),
        TunnelSight::Up {
            until,
            address,
            endpoint,
            systems,
            more_systems,
            beyond,
            quiet,
            unheard,
            refused,
            ..
        } => {
            let said = [
                ("until", Arg::from(clock(*until))),
                ("address", Arg::from(address)),
                ("endpoint", Arg::from(endpoint)),
            ];
            let mut lines = match (unheard, refused) {
                (Some(silent), _) => unheard_lines(silent, &said, output),
                (None, Some(refusal)) => refused_lines(refusal, &said, output),
                (None, None) => vec![text("tunnel.up", &said)],
            };
            lines.extend(gateway_lines(*quiet, *beyond, output));
            if systems.is_empty() {
                lines.push(format!("  {}", text("tunnel.no_systems", &[])));
            }
            lines.extend(
                systems
                    .iter()
                    .flat_map(|it| system_lines(it, refused.is_some(), output)),
            );
            lines.extend(more_systems.map(|more| more_line(more, output)));
            lines.join("\n")
        }
    }
}

/// That there are more systems than are told of here.
fn more_line(more: usize, output: &Output) -> String {
    let said = output.text("tunnel.more_systems", &[("n", Arg::from(more))]);
    format!("  {said}")
}

fn clock(at: Timestamp) -> String {
    at.to_rfc3339_jst()
}

fn failed(key: &str, code: &str, detail: &str, output: &Output) -> String {
    let error = error_text(output.lang, code, &[("detail", Arg::from(detail))]);
    let what = output.text(key, &[("what", Arg::from(error.what))]);
    format!("{what}\n  → {}", error.todo)
}

/// That the server has not answered, since when, and what follows for whatever was reached.
fn unheard_lines(silent: &Unheard, up: &[(&str, Arg<'_>)], output: &Output) -> Vec<String> {
    let since = [("since", Arg::from(clock(silent.since)))];
    let error = error_text(
        output.lang,
        &silent.code,
        &[("detail", Arg::from(&silent.detail))],
    );
    vec![
        output.text("tunnel.up_unheard", up),
        format!("  {}", output.text("tunnel.unheard", &since)),
        format!("  {}", error.what),
        format!("  → {}", error.todo),
    ]
}

/// That the gateway does not answer, and that some networks are too many for the tunnel.
fn gateway_lines(quiet: Option<Quiet>, beyond: Option<usize>, output: &Output) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(Quiet { ports, over }) = quiet {
        let key = if over {
            "tunnel.quiet_over"
        } else {
            "tunnel.quiet"
        };
        let n = [("n", Arg::from(ports))];
        lines.push(format!("  {}", output.text(key, &n)));
    }
    if let Some(beyond) = beyond {
        let n = [("n", Arg::from(beyond))];
        lines.push(format!("  {}", output.text("tunnel.beyond", &n)));
    }
    lines
}

/// That the server answers and leads nowhere now, and why.
fn refused_lines(refusal: &Refusal, up: &[(&str, Arg<'_>)], output: &Output) -> Vec<String> {
    let detail = [("detail", Arg::from(&refusal.detail))];
    let error = error_text(output.lang, &refusal.code, &detail);
    vec![
        output.text("tunnel.up_refused", up),
        format!("  {}", error.what),
        format!("  → {}", error.todo),
    ]
}

/// A system, and what is missing where it is not reached, or not wholly; where the server refuses the whole tunnel it has said why.
fn system_lines(system: &SystemSight, refused: bool, output: &Output) -> Vec<String> {
    let name = [("name", Arg::from(&system.name))];
    let mut lines = match system.reached {
        Some(true) => vec![format!("  {}", output.text("tunnel.reached", &name))],
        None => return vec![format!("  {}", output.text("tunnel.reach_unknown", &name))],
        Some(false) => vec![format!("  {}", output.text("tunnel.not_reached", &name))],
    };
    lines.extend(system.why.iter().map(|why| match output.lang {
        Lang::Ja => format!("    {}", why.ja),
        Lang::En => format!("    {}", why.en),
    }));
    if system.reached == Some(false) && system.why.is_empty() && !refused {
        lines.push(format!("    {}", output.text("tunnel.unaddressed", &[])));
    }
    lines
}

#[cfg(test)]
mod tests {
    use sekisho_domain::id::{Fresh, SystemId};
    use sekisho_domain::time::Span;
    use sekisho_protocol::tunnel::BothWords;

    use super::*;

    const HEARD: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn said(lang: Lang, reached: Option<bool>, unheard: Option<Unheard>) -> String {
        told(lang, reached, unheard, None)
    }

    fn told(
        lang: Lang,
        reached: Option<bool>,
        unheard: Option<Unheard>,
        refused: Option<Refusal>,
    ) -> String {
        let output = Output {
            lang,
            format: Format::Text,
            colour: false,
        };
        let system = SystemSight {
            system: SystemId::new(Fresh([1; 16])),
            name: "文書管理".to_owned(),
            reached,
            why: Vec::new(),
        };
        let sight = TunnelSight::Up {
            until: HEARD.after(Span::hours(8)),
            address: "10.90.0.7".to_owned(),
            endpoint: "192.0.2.1:51820".to_owned(),
            networks: Vec::new(),
            systems: vec![system],
            more_systems: Some(3),
            beyond: None,
            quiet: None,
            unheard,
            refused,
        };
        words(&sight, &output)
    }

    #[test]
    fn a_server_that_refuses_is_told_in_its_own_words_and_not_as_silent() {
        let codes = [
            (
                "tunnel.table-full",
                Some(false),
                ["接続許可表が上限に達した", "利用できません"],
                ["The access table is full", ": not reached"],
            ),
            (
                "tunnel.network-full",
                Some(false),
                ["アドレスに空きがありません", "利用できません"],
                ["Every address inside the tunnels", ": not reached"],
            ),
            (
                "tunnel.no-gateway",
                None,
                ["接続先のゲートウェイがありません", "利用できるかどうか不明"],
                ["There is no gateway", ": not known"],
            ),
        ];
        for (code, reached, ja, en) in codes {
            for (lang, words, foreign) in [
                (
                    Lang::Ja,
                    ja,
                    ["接続しました", "応答がありません", "数値アドレス又はポート"],
                ),
                (
                    Lang::En,
                    en,
                    ["The tunnel is up", "has not answered", "no numeric address"],
                ),
            ] {
                let refusal = Refusal {
                    code: code.to_owned(),
                    detail: format!("HTTP 503: {code}"),
                };
                let told = told(lang, reached, None, Some(refusal));
                let more = if lang == Lang::Ja {
                    "ほかに3件"
                } else {
                    "3 more systems"
                };
                assert!(told.contains(more), "{told}");
                for word in words {
                    assert!(told.contains(word), "{word}: {told}");
                }
                for word in foreign {
                    assert!(!told.contains(word), "{word}: {told}");
                }
            }
        }
    }

    #[test]
    fn a_system_that_is_open_in_part_is_told_as_reached_and_why_not_wholly() {
        let system = SystemSight {
            system: SystemId::new(Fresh([1; 16])),
            name: "docs".to_owned(),
            reached: Some(true),
            why: vec![BothWords {
                ja: "一部".to_owned(),
                en: "in part".to_owned(),
            }],
        };
        for (lang, why) in [(Lang::Ja, "    一部"), (Lang::En, "    in part")] {
            let output = Output {
                lang,
                format: Format::Text,
                colour: false,
            };
            let lines = system_lines(&system, false, &output);
            assert_eq!((lines.len(), lines[1].as_str()), (2, why));
        }
    }

    #[test]
    fn a_silent_server_is_told_with_its_time_and_no_system_as_reached() {
        let silent = || Unheard {
            since: HEARD,
            code: "uplink.unreachable".to_owned(),
            detail: "192.0.2.1:443".to_owned(),
        };
        for (lang, up, reached, told) in [
            (
                Lang::Ja,
                "接続しました",
                "利用できます",
                ["以降、応答がありません", "有効期間内に閉じます", "不明"],
            ),
            (
                Lang::En,
                "The tunnel is up",
                ": reached",
                ["has not answered since", "closes within", ": not known"],
            ),
        ] {
            let before = said(lang, Some(true), None);
            assert!(before.contains(up) && before.contains(reached), "{before}");
            let after = said(lang, None, Some(silent()));
            assert!(!after.contains(up) && !after.contains(reached), "{after}");
            let since = HEARD.to_rfc3339_jst();
            for word in told.into_iter().chain([since.as_str()]) {
                assert!(after.contains(word), "{word}: {after}");
            }
        }
    }
}
