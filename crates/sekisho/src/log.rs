//! Structured logs on standard error. `SEKISHO_LOG` chooses what is logged.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::output::{Format, Output};

/// What is logged beside what a program at an end prints of itself. Its WireGuard, where that is our own, would note
/// each peer that went silent without naming it; pages and `status` tell that.
const BESIDE: &str = "warn,defguard_boringtun=off";

/// Starts logging in a program at an end, beside what it prints: lines of JSON where that is asked for.
pub fn start_beside(output: &Output) {
    let json = output.format == Format::Json;
    start(json.then_some("json"), BESIDE);
}

/// Starts logging: `info` by default for a server, `warn` where a person watches.
pub fn start(form: Option<&str>, default: &str) {
    let filter = EnvFilter::try_from_env("SEKISHO_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let logger = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Fails only where a logger is set already; then that one goes on.
    let _ = match form {
        Some("json") => logger.json().try_init(),
        _ => logger.with_ansi(false).try_init(),
    };
}
