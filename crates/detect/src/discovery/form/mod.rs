//! The forms of logs. A form turns one line into what was asked by whom, and keeps nothing.

mod bind;
mod dnsmasq;
mod osquery;
mod plain;
mod squid;
mod syslog;
mod unbound;
mod windows_dns;
mod zeek;

use std::borrow::Cow;

use serde::Serialize;

use super::clock::Stamp;

/// A form of log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// dnsmasq with `log-queries`, to a file or through syslog.
    Dnsmasq,
    /// unbound with `log-queries` or `log-replies`.
    Unbound,
    /// BIND 9's `queries` category.
    Bind,
    /// Squid's native access log.
    Squid,
    /// Zeek's `dns.log` and `ssl.log` as JSON.
    Zeek,
    /// The debug log of the DNS server of Windows.
    WindowsDns,
    /// osquery's results: `dns_cache`, and processes that hold connections.
    Osquery,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub enum Line<'a> {
    /// Somebody used a name.
    Lookup(Lookup<'a>),
    /// A line of this form that says nothing of the kind.
    Other,
    /// A line that another program wrote to the same log.
    Foreign,
    /// Not a line of this form.
    Malformed,
}

/// A name that was used.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup<'a> {
    /// When.
    pub at: Stamp<'a>,
    /// From where: an address, or the name of a device.
    pub client: &'a str,
    /// Who, where the log knows: people who sign in to a proxy.
    pub user: Option<&'a str>,
    /// What.
    pub subject: Subject<'a>,
    /// Bytes that passed; 0 where the log does not say.
    pub bytes: u64,
    /// Whether the line is the answer to a question that may stand in a line of its own.
    pub answer: bool,
}

/// What was used.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject<'a> {
    /// A host by its name.
    Name(Cow<'a, [u8]>),
    /// A host by counted labels: `(4)zoom(2)us(0)`.
    Counted(&'a [u8]),
    /// A program on a device, by its file name.
    Program(Cow<'a, [u8]>),
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Dnsmasq,
        Self::Unbound,
        Self::Bind,
        Self::Squid,
        Self::Zeek,
        Self::WindowsDns,
        Self::Osquery,
    ];

    /// The code, as in the shell and in results.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dnsmasq => "dnsmasq",
            Self::Unbound => "unbound",
            Self::Bind => "bind",
            Self::Squid => "squid",
            Self::Zeek => "zeek",
            Self::WindowsDns => "windows-dns",
            Self::Osquery => "osquery",
        }
    }

    /// The form of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }

    /// Reads a line. `tell` hears of it once, and for a line with several uses (a snapshot of
    /// osquery) once for each.
    pub fn read<'a>(self, line: &'a [u8], tell: &mut dyn FnMut(Line<'a>)) {
        let one = match self {
            Self::Dnsmasq => dnsmasq::read(line),
            Self::Unbound => unbound::read(line),
            Self::Bind => bind::read(line),
            Self::Squid => squid::read(line),
            Self::Zeek => zeek::read(line),
            Self::WindowsDns => windows_dns::read(line),
            Self::Osquery => return osquery::read(line, tell),
        };
        tell(one);
    }

    /// Whether that is a client as this form tells of them: where it is an address, anything else was cut off or ran
    /// into another line.
    #[must_use]
    pub(super) fn is_client(self, client: &str) -> bool {
        match self {
            Self::Dnsmasq | Self::Unbound | Self::Bind | Self::WindowsDns => {
                // An address of one link may name its interface.
                let link = client.split_once('%');
                let address = link.map_or(client, |(address, _)| address);
                address.parse::<core::net::IpAddr>().is_ok()
            }
            // A proxy may log names, and the rest of its line tells whether it is whole; so does JSON.
            Self::Squid | Self::Zeek | Self::Osquery => true,
        }
    }

    /// The form of a log by its first lines: the one in which most of them say something; none
    /// where no form knows any of them.
    #[must_use]
    pub fn recognise(lines: &[&[u8]]) -> Option<Self> {
        let score = |form: Self| {
            let (mut lookups, mut others) = (0_usize, 0_usize);
            for line in lines {
                form.read(line, &mut |line| match line {
                    Line::Lookup(_) => lookups += 1,
                    Line::Other => others += 1,
                    Line::Foreign | Line::Malformed => {}
                });
            }
            (lookups, others)
        };
        let best = Self::ALL.into_iter().map(|form| (score(form), form));
        let (found, form) = best.max_by_key(|(score, _)| *score)?;
        (found > (0, 0)).then_some(form)
    }
}

/// A text line; none where it is not UTF-8. What stands in logs is ASCII but for names in other
/// scripts, which are UTF-8.
fn text(line: &[u8]) -> Option<&str> {
    std::str::from_utf8(line).ok()
}

fn name(text: &str) -> Subject<'_> {
    Subject::Name(Cow::Borrowed(text.as_bytes()))
}

/// The bytes of a text, which JSON may have had to unescape.
fn bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// Splits off the word before the next blank.
fn word(text: &str) -> Option<(&str, &str)> {
    let end = memchr::memchr(b' ', text.as_bytes())?;
    Some((&text[..end], &text[end + 1..]))
}

#[cfg(test)]
mod tests;
