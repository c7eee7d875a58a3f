//! Structured logs on standard error. `SEKISHO_LOG` chooses what is logged.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

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
