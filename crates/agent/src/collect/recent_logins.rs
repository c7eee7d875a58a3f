//! Recent sign-ins: `wtmp` (utmp(5)) and, for accounts that it no longer names, `lastlog`.
//!
//! `btmp` is not read: an attempt that failed is no sign-in, and people type passwords where the
//! name belongs.

use std::io::{Read, Seek, SeekFrom};

use sekisho_domain::fact::{FactValue, LoginEvent, RecentLogins};
use sekisho_domain::time::Timestamp;

use super::users::users;
use super::{Found, Missed, Outcome};
use crate::host::{Host, ReadError};

const WTMP: &str = "/var/log/wtmp";
const LASTLOG: &str = "/var/log/lastlog";

/// Most sign-ins that are told.
const LOGINS_MAX: usize = 100;
/// As much of the end of `wtmp` as is read, in records.
const RECORDS_MAX: u64 = 20_000;
/// `ut_type` of a session that began.
const USER_PROCESS: i16 = 7;

/// Places of fields in a record. C keeps times in 32 bits where programs of 32 bits share the
/// file (x86, Arm by compatibility), else in 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    size: usize,
    seconds: usize,
    wide: bool,
}

const LAYOUTS: [Layout; 2] = [
    Layout {
        size: 384,
        seconds: 340,
        wide: false,
    },
    Layout {
        size: 400,
        seconds: 344,
        wide: true,
    },
];

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0);
    crate::host::text_of(&field[..end.unwrap_or(field.len())])
}

/// Seconds since 1970; times in 32 bits run until 2106, as the C library reads them.
fn time(record: &[u8], layout: Layout) -> Option<Timestamp> {
    let seconds = if layout.wide {
        let bytes = record.get(layout.seconds..layout.seconds + 8)?;
        i64::from_le_bytes(bytes.try_into().ok()?)
    } else {
        let bytes = record.get(layout.seconds..layout.seconds + 4)?;
        i64::from(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    Some(Timestamp::from_millis(seconds.checked_mul(1000)?))
}

struct Record {
    kind: i16,
    login: LoginEvent,
}

fn parse(record: &[u8], layout: Layout) -> Option<Record> {
    Some(Record {
        kind: i16::from_le_bytes(record.get(..2)?.try_into().ok()?),
        login: LoginEvent {
            line: text(record.get(8..40)?),
            user: text(record.get(44..76)?),
            from: text(record.get(76..332)?),
            at: time(record, layout)?,
        },
    })
}

/// Whether a record can be one: a known type and padding that C leaves empty.
fn is_plausible(record: &[u8]) -> bool {
    record.len() >= 8 && record[0] <= 9 && record[1..4].iter().all(|byte| *byte == 0)
}

/// The layout that fits the length and both the first and the second record.
fn layout_of(length: u64, head: &[u8]) -> Option<Layout> {
    LAYOUTS.into_iter().find(|layout| {
        let size = layout.size as u64;
        length.is_multiple_of(size)
            && is_plausible(head)
            && (length == size || head.get(layout.size..).is_some_and(is_plausible))
    })
}

struct Wtmp {
    logins: Vec<LoginEvent>,
    since: Option<Timestamp>,
}

fn wtmp(host: &Host) -> Result<Wtmp, ReadError> {
    let failed = |error: std::io::Error| ReadError::Unreadable(error.kind().to_string());
    let mut file = host.open(WTMP)?;
    let length = file.seek(SeekFrom::End(0)).map_err(failed)?;
    let (mut logins, mut since) = (Vec::new(), None);
    if length == 0 {
        return Ok(Wtmp { logins, since });
    }
    file.rewind().map_err(failed)?;
    let mut head = Vec::new();
    Read::by_ref(&mut file)
        .take(1024)
        .read_to_end(&mut head)
        .map_err(failed)?;
    let layout = layout_of(length, &head);
    let layout =
        layout.ok_or_else(|| ReadError::Unreadable("not whole records of utmp".to_owned()))?;
    since = time(&head, layout).or(since);
    let size = layout.size as u64;
    let start = length.saturating_sub(RECORDS_MAX * size);
    file.seek(SeekFrom::Start(start)).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(RECORDS_MAX * size)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    for record in bytes.chunks_exact(layout.size).rev() {
        if let Some(record) = parse(record, layout)
            && record.kind == USER_PROCESS
            && !record.login.user.is_empty()
        {
            logins.push(record.login);
            if logins.len() == LOGINS_MAX {
                break;
            }
        }
    }
    Ok(Wtmp { logins, since })
}

/// The last sign-in of each account: one record for each user id, 32 bits of time, line, host.
fn lastlog(host: &Host) -> Result<Vec<LoginEvent>, ReadError> {
    const SIZE: u64 = 292;
    let users = users(host)?;
    let mut file = host.open(LASTLOG)?;
    let mut logins = Vec::new();
    for user in users {
        let mut record = [0; SIZE as usize];
        // The file is sparse and as long as the largest id that ever signed in.
        let place = SeekFrom::Start(u64::from(user.uid) * SIZE);
        if file.seek(place).is_err() || file.read_exact(&mut record).is_err() {
            continue;
        }
        let seconds = u32::from_le_bytes([record[0], record[1], record[2], record[3]]);
        if seconds != 0 {
            logins.push(LoginEvent {
                user: user.name,
                line: text(&record[4..36]),
                from: text(&record[36..]),
                at: Timestamp::from_millis(i64::from(seconds) * 1000),
            });
        }
    }
    Ok(logins)
}

pub(super) fn collect(host: &Host) -> Outcome {
    let wtmp = wtmp(host);
    let last = lastlog(host);
    let (mut logins, since, source) = match (wtmp, &last) {
        (Ok(wtmp), _) => (wtmp.logins, wtmp.since, format!("{WTMP}, {LASTLOG}")),
        (Err(ReadError::Missing), Ok(_)) => (Vec::new(), None, LASTLOG.to_owned()),
        (Err(error), _) => return Err(Missed::read(WTMP, &error)),
    };
    // The same sign-in stands in both; only `wtmp` is cut at the front by log rotation.
    for login in last.unwrap_or_default() {
        if !logins
            .iter()
            .any(|l| l.user == login.user && l.at >= login.at)
        {
            logins.push(login);
        }
    }
    logins.sort_by_key(|login| std::cmp::Reverse(login.at));
    logins.truncate(LOGINS_MAX);
    let value = FactValue::RecentLogins(RecentLogins { logins, since });
    Ok(Found::new(value, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(layout: Layout, kind: u8, user: &str, seconds: u32) -> Vec<u8> {
        let mut record = vec![0; layout.size];
        record[0] = kind;
        record[8..13].copy_from_slice(b"pts/0");
        record[44..44 + user.len()].copy_from_slice(user.as_bytes());
        record[76..85].copy_from_slice(b"192.0.2.7");
        record[layout.seconds..layout.seconds + 4].copy_from_slice(&seconds.to_le_bytes());
        record
    }

    #[test]
    fn both_layouts_are_told_apart() {
        for layout in LAYOUTS {
            let mut bytes = record(layout, 2, "reboot", 1_795_300_000);
            bytes.extend(record(layout, 7, "tanaka", 4_000_000_000));
            let found = layout_of(bytes.len() as u64, &bytes);
            assert_eq!(found, Some(layout));
            let second = parse(&bytes[layout.size..], layout).unwrap();
            assert_eq!(second.login.user, "tanaka");
            assert_eq!(second.login.from, "192.0.2.7");
            // Beyond 2038, where signed numbers would end.
            assert_eq!(second.login.at.as_millis(), 4_000_000_000_000);
            assert_eq!(layout_of(bytes.len() as u64 - 1, &bytes), None);
        }
        assert_eq!(layout_of(384, &[b'#'; 384]), None);
    }
}
