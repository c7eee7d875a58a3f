//! The schema of the observations, step by step.
//!
//! A released step is never edited; a change is a new step with the next number.

use crate::migrations::Migration;

/// The steps.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        sql: DEVICES,
    },
    Migration {
        number: 2,
        sql: SURROUNDINGS,
    },
    Migration {
        number: 3,
        sql: CONTINUITY,
    },
    Migration {
        number: 4,
        sql: KINDS,
    },
    Migration {
        number: 5,
        sql: LETTERS,
    },
    Migration {
        number: 6,
        sql: DECISIONS,
    },
    Migration {
        number: 7,
        sql: TUNNEL_USE,
    },
    Migration {
        number: 8,
        sql: ADMISSIONS,
    },
    Migration {
        number: 9,
        sql: DECISION_FACTS,
    },
    Migration {
        number: 10,
        sql: SERVICE_USE,
    },
    Migration {
        number: 11,
        sql: ASKERS,
    },
    Migration {
        number: 12,
        sql: CLIENTS,
    },
    Migration {
        number: 13,
        sql: READ_SINCE,
    },
    Migration {
        number: 14,
        sql: EXCUSED,
    },
    Migration {
        number: 15,
        sql: REFUSED,
    },
    Migration {
        number: 16,
        sql: TELEWORK_DAYS,
    },
];

/// What devices report and what the rules made of it.
///
/// The sequence of a posture row is the row id: the newest rows lie together at the end, and
/// following them is one range scan. `posture_head` remembers the highest number ever given, so
/// that removing a row never lets a number return.
const DEVICES: &str = "
CREATE TABLE reports (
    device TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    observed_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    digest BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (device, sequence)
) STRICT;
CREATE INDEX reports_received ON reports (received_at);

CREATE TABLE facts_latest (
    device TEXT NOT NULL,
    origin TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    json TEXT NOT NULL,
    source TEXT NOT NULL,
    observed_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (device, origin, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE posture (
    sequence INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    check_id TEXT NOT NULL,
    result TEXT NOT NULL,
    reason TEXT NOT NULL,
    observed_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    fresh_until INTEGER NOT NULL,
    UNIQUE (device, check_id)
) STRICT;

CREATE TABLE posture_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    sequence INTEGER NOT NULL
) STRICT;
INSERT INTO posture_head VALUES (1, 0);
";

/// Feeds, sign-ins, the trend of the overview, and what waits to leave.
const SURROUNDINGS: &str = "
CREATE TABLE feeds (
    name TEXT PRIMARY KEY,
    as_of INTEGER NOT NULL,
    imported_at INTEGER NOT NULL,
    digest BLOB NOT NULL,
    entries INTEGER NOT NULL,
    content BLOB NOT NULL
) STRICT;

CREATE TABLE sign_ins (
    at INTEGER NOT NULL,
    account TEXT,
    outcome TEXT NOT NULL,
    address BLOB NOT NULL
) STRICT;
CREATE INDEX sign_ins_at ON sign_ins (at);
CREATE INDEX sign_ins_account ON sign_ins (account, at);

CREATE TABLE trend (
    profile TEXT NOT NULL,
    section TEXT NOT NULL,
    at INTEGER NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (profile, section, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at);
";

/// How steadily the state behind a result was known, and with which knowledge it was judged.
/// Results from before say when the state was known last and nothing of the time before.
const CONTINUITY: &str = "
ALTER TABLE posture ADD COLUMN continuity TEXT NOT NULL DEFAULT '{}';
ALTER TABLE posture ADD COLUMN knowledge TEXT NOT NULL DEFAULT '';
UPDATE posture SET continuity = '{\"known_at\":' || received_at || '}' WHERE result <> 'unknown';
";

/// Which devices have facts of a kind, without reading the facts.
const KINDS: &str = "CREATE INDEX facts_kind ON facts_latest (kind, device);";

/// Letters to people, and up to where they have been derived.
const LETTERS: &str = "
CREATE TABLE letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    payload TEXT NOT NULL,
    queued_at INTEGER NOT NULL,
    due_at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    ended_at INTEGER,
    ended TEXT
) STRICT;
CREATE INDEX letters_due ON letters (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX letters_ended ON letters (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE letter_marks (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// What the decision point answered. Equal answers to equal questions within one batch are one row.
/// Refusals and privileged decisions stand in the ledger besides.
const DECISIONS: &str = "
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    person TEXT NOT NULL,
    device TEXT,
    resource TEXT NOT NULL,
    allowed INTEGER NOT NULL,
    times INTEGER NOT NULL,
    question TEXT NOT NULL,
    rules TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_at ON decisions (at);
CREATE INDEX decisions_refused ON decisions (at) WHERE allowed = 0;
CREATE INDEX decisions_person ON decisions (person, at);
CREATE INDEX decisions_resource ON decisions (resource, at);
";

/// What tunnels were used for. `tunnel_counted` holds the last reading of each counter of a gateway's
/// run, the whole tunnel under no system: what is added up are differences.
const TUNNEL_USE: &str = "
CREATE TABLE tunnel_seen (
    gateway TEXT NOT NULL,
    session TEXT NOT NULL,
    person TEXT NOT NULL,
    device TEXT NOT NULL,
    line TEXT,
    endpoint TEXT,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    handshake_at INTEGER,
    ended_at INTEGER,
    received_bytes INTEGER NOT NULL,
    sent_bytes INTEGER NOT NULL,
    run INTEGER NOT NULL,
    told_end INTEGER,
    PRIMARY KEY (gateway, session)
) STRICT, WITHOUT ROWID;
CREATE INDEX tunnel_seen_last ON tunnel_seen (last_at);
CREATE INDEX tunnel_seen_person ON tunnel_seen (person, last_at);
CREATE INDEX tunnel_seen_device ON tunnel_seen (device, last_at);

CREATE TABLE tunnel_used (
    gateway TEXT NOT NULL,
    session TEXT NOT NULL,
    person TEXT NOT NULL,
    device TEXT NOT NULL,
    line TEXT,
    system TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    packets INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX tunnel_used_once
    ON tunnel_used (gateway, session, coalesce(line, ''), system);
CREATE INDEX tunnel_used_last ON tunnel_used (last_at);
CREATE INDEX tunnel_used_person ON tunnel_used (person, last_at);
CREATE INDEX tunnel_used_device ON tunnel_used (device, last_at);

CREATE TABLE tunnel_counted (
    gateway TEXT NOT NULL,
    session TEXT NOT NULL,
    system TEXT NOT NULL,
    first INTEGER NOT NULL,
    second INTEGER NOT NULL,
    PRIMARY KEY (gateway, session, system)
) STRICT, WITHOUT ROWID;
";

/// What rules could see when an answer was given, once for all answers with the same; whether the
/// built-in rules alone allowed it; and what applications of the organisation's own answered.
/// Answers from before have no facts.
const DECISION_FACTS: &str = "
CREATE TABLE decision_facts (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    facts TEXT NOT NULL,
    used_at INTEGER NOT NULL
) STRICT;
CREATE INDEX decision_facts_used ON decision_facts (used_at);
ALTER TABLE decisions ADD COLUMN built_in INTEGER;
ALTER TABLE decisions ADD COLUMN facts INTEGER;

CREATE TABLE application_decisions (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    application TEXT NOT NULL,
    subject TEXT NOT NULL,
    action TEXT NOT NULL,
    resource TEXT NOT NULL,
    allowed INTEGER NOT NULL,
    times INTEGER NOT NULL,
    rules TEXT NOT NULL
) STRICT;
CREATE INDEX application_decisions_at ON application_decisions (at);
";

/// What became of devices at internal lines, where devices have been since, and the connections that
/// stand now. The last two are states and not a history; they are not cut by time.
const ADMISSIONS: &str = "
CREATE TABLE admissions (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    device TEXT,
    person TEXT,
    line TEXT,
    outcome TEXT NOT NULL,
    switch TEXT NOT NULL,
    port TEXT,
    station TEXT,
    came_back INTEGER NOT NULL,
    permit TEXT,
    missing TEXT NOT NULL
) STRICT;
CREATE INDEX admissions_at ON admissions (at);
CREATE INDEX admissions_device ON admissions (device, at);
CREATE INDEX admissions_line ON admissions (line, at);
CREATE INDEX admissions_came_back ON admissions (at) WHERE came_back = 1;

CREATE TABLE whereabouts (
    device TEXT PRIMARY KEY,
    stored TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE line_sessions (
    key TEXT PRIMARY KEY,
    stored TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Which outside services were used, by day and unit, and by whom for as long as that may be known: an
/// empty `who` is a sum over people, and then `people` says how many there were at least. Beside it how
/// far the logs of each source were read, so that nothing counts twice, and what the services are called.
const SERVICE_USE: &str = "
CREATE TABLE service_use (
    day TEXT NOT NULL,
    service TEXT NOT NULL,
    source TEXT NOT NULL,
    unit TEXT NOT NULL,
    who TEXT NOT NULL,
    times INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    people INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (day, service, source, unit, who)
) STRICT, WITHOUT ROWID;
CREATE INDEX service_use_service ON service_use (service, day);
CREATE INDEX service_use_who ON service_use (who, day) WHERE who <> '';

CREATE TABLE service_sources (
    source TEXT PRIMARY KEY,
    batch INTEGER NOT NULL,
    marks TEXT NOT NULL,
    taken_at INTEGER NOT NULL,
    through_at INTEGER,
    lines INTEGER NOT NULL,
    matched INTEGER NOT NULL,
    skipped INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE known_services (
    service TEXT PRIMARY KEY,
    stored TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Who asked the decision point; nothing beside the answers of before.
const ASKERS: &str = "
ALTER TABLE decisions ADD COLUMN asker TEXT;
";

/// Which clients of conference tools each device reports, as they were judged.
const CLIENTS: &str = "
CREATE TABLE conference_clients (
    device TEXT PRIMARY KEY,
    received_at INTEGER NOT NULL,
    knowledge TEXT NOT NULL,
    stored TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Since when each source is read without a gap; nothing where that is not known, as of what was read before.
const READ_SINCE: &str = "
ALTER TABLE service_sources ADD COLUMN since_at INTEGER;
";

/// Which answers may rest on an exception: beside the answers, so that those which do not cost nothing. `excused` are
/// the built-in rules that were excused, as a JSON array; it is empty where nobody knows. Of answers from before, those
/// with whose facts any rule stands as excused, and those whose facts were not kept or are damaged. They are found in one
/// pass over the answers, the facts looked up by their number: seconds for ten million, beside what the disk takes.
const EXCUSED: &str = "
CREATE TABLE excused_answers (
    excused TEXT NOT NULL,
    at INTEGER NOT NULL,
    answer INTEGER NOT NULL,
    person TEXT NOT NULL,
    device TEXT,
    resource TEXT NOT NULL,
    PRIMARY KEY (excused, at, answer)
) STRICT, WITHOUT ROWID;
CREATE TEMP TABLE excused_facts (id INTEGER PRIMARY KEY, excused TEXT NOT NULL);
INSERT INTO excused_facts
    SELECT id, excused FROM (
        SELECT id, CASE WHEN json_valid(facts) THEN json_extract(facts, '$.x') ELSE '' END AS excused
        FROM decision_facts)
    WHERE excused IS NOT NULL;
INSERT INTO excused_answers
    SELECT coalesce(f.excused, ''), d.at, d.id, d.person, d.device, d.resource
    FROM decisions d LEFT JOIN excused_facts f ON f.id = d.facts
    WHERE d.allowed = 1 AND (d.facts IS NULL OR f.id IS NOT NULL);
DROP TABLE excused_facts;
";

/// What was refused, by the hour: what asks in vain without end makes one row an hour and not four a second. `device` is
/// empty where none was named.
const REFUSED: &str = "
CREATE TABLE refused_hours (
    hour INTEGER NOT NULL,
    person TEXT NOT NULL,
    device TEXT NOT NULL,
    resource TEXT NOT NULL,
    rules TEXT NOT NULL,
    times INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (hour, person, device, resource, rules)
) STRICT, WITHOUT ROWID;
INSERT INTO refused_hours
    SELECT at / 3600000, person, coalesce(device, ''), resource, rules, sum(times), max(at)
    FROM decisions WHERE allowed = 0
    GROUP BY at / 3600000, person, coalesce(device, ''), resource, rules;
";

/// Days on which somebody teleworked or was refused it, by task, summed from the answers: `day` is when it began, `task` is
/// empty where none was named. Beside them the number of the last answer that was summed up. Answers from before are summed
/// up like those that come: what is telework says the program and not the database.
const TELEWORK_DAYS: &str = "
CREATE TABLE telework_days (
    allowed INTEGER NOT NULL,
    day INTEGER NOT NULL,
    person TEXT NOT NULL,
    task TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (allowed, day, person, task)
) STRICT, WITHOUT ROWID;

CREATE TABLE telework_summed (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    answer INTEGER NOT NULL
) STRICT;
INSERT INTO telework_summed VALUES (1, 0);
";

#[cfg(test)]
mod tests;
