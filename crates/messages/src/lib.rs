//! The message catalogues: every text a person reads, in Japanese and English.
//!
//! The other pure rooms hold stable codes with typed parameters; this one turns them into
//! sentences at the edge, by language. Texts stand in `catalog/messages/<area>.toml`, one table a
//! message, and are compiled in:
//!
//! ```toml
//! [overview.count]
//! ja = "{n}件"
//! en = "{n} {n|item|items}"
//! ```
//!
//! `{n}` is replaced by the argument `n` (numbers with thousands separators); `{n|one|many}`
//! chooses by whether `n` is 1. An argument that is not given
//! shows as `…`. `{{` and `}}` stand for the braces themselves.
//!
//! ```
//! use sekisho_messages::{Lang, t};
//! assert_eq!(t!(Lang::Ja, "common.count.machine", n = 1234), "1,234台");
//! assert_eq!(t!(Lang::En, "common.count.machine", n = 1), "1 device");
//! ```

mod args;
mod catalogue;
mod error_text;
mod gap;
mod lang;
mod reason;
mod when;

pub use args::{Arg, Args, number};
pub use catalogue::{Key, areas, contains, keys, raw, text};
pub use error_text::{ErrorText, error_text};
pub use gap::{Listener, on_missing_argument};
pub use lang::Lang;
pub use reason::{feed_part, next_step, reason, word};
pub use when::{Counter, age, count, date, day, deadline, duration, month_day};

/// A message by its key, with named arguments: `t!(lang, "overview.count", n = 5)`.
///
/// The result is a `Cow<'static, str>`; without arguments nothing is copied. A key that is not in
/// the catalogue gives the key in brackets, and a test of this crate fails for it.
#[macro_export]
macro_rules! t {
    ($lang:expr, $key:expr $(,)?) => {
        $crate::text($lang, $key, &[])
    };
    ($lang:expr, $key:expr, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::text(
            $lang,
            $key,
            &[$((stringify!($name), $crate::Arg::from($value))),+],
        )
    };
}
