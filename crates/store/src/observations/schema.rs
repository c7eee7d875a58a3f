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
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::migrations;

    /// Data as each step could hold it. A new step adds its line here.
    const DATA: &[&str] = &[
        "INSERT INTO reports VALUES ('d-1', 7, 10, 20, x'00', x'7b7d');
         INSERT INTO facts_latest VALUES ('d-1', 'agent', 0, 'os', '{}', 's', 10, 20);
         INSERT INTO posture VALUES (1, 'd-1', 'disk', 'pass', '\"ok\"', 10, 20, 30);
         UPDATE posture_head SET sequence = 1;",
        "INSERT INTO feeds VALUES ('kev', 1, 2, x'00', 3, x'00');
         INSERT INTO sign_ins VALUES (1, 'a-1', 'ok', x'00');
         INSERT INTO trend VALUES ('gov', '1', 1, '{}');
         INSERT INTO outbox (kind, payload, due_at) VALUES ('file', '{}', 1);",
        "UPDATE posture SET knowledge = '00';",
        "INSERT INTO facts_latest VALUES ('d-1', 'agent', 1, 'kernel', '{}', 's', 10, 20);",
        "INSERT INTO letters (key, person, payload, queued_at, due_at)
            VALUES ('k', 'psn_1', '{}', 1, 1);
         INSERT INTO letter_marks VALUES ('ledger', 7);",
        "INSERT INTO decisions (at, person, resource, allowed, times, question, rules)
            VALUES (1, 'psn_1', 'sys_1', 0, 2, '{}', '[]');",
        "INSERT INTO tunnel_seen VALUES
            ('gwy_1', 'tun_1', 'psn_1', 'dev_1', NULL, NULL, 1, 2, NULL, NULL, 3, 4, 1, NULL);
         INSERT INTO tunnel_used VALUES
            ('gwy_1', 'tun_1', 'psn_1', 'dev_1', NULL, 'sys_1', 1, 2, 3, 4);
         INSERT INTO tunnel_counted VALUES ('gwy_1', 'tun_1', '', 3, 4);",
        "INSERT INTO admissions (at, outcome, switch, came_back, missing)
            VALUES (1, 'refused', '10.20.0.2', 0, '[]');
         INSERT INTO whereabouts VALUES ('dev_1', '{}');
         INSERT INTO line_sessions VALUES ('10.20.0.2/1', '{}');",
        "INSERT INTO decision_facts (digest, facts, used_at) VALUES (x'00', '{}', 1);
         INSERT INTO application_decisions
            (at, application, subject, action, resource, allowed, times, rules)
            VALUES (1, 'Files', 'user:1', 'read', 'file:1', 1, 1, '[]');",
        "INSERT INTO service_use VALUES
            ('2026-11-29', 'zoom', 'dns', 'unt_1', 'psn_1', 2, 3, 1, 4, 5);
         INSERT INTO service_sources VALUES ('dns', 1, '{}', 2, NULL, 3, 4, 5);
         INSERT INTO known_services VALUES ('zoom', '{}');",
        "INSERT INTO decisions (at, person, resource, allowed, times, question, rules, asker)
            VALUES (1, 'psn_1', 'sys_1', 0, 2, '{}', '[]', 'forward_auth');",
        "INSERT INTO conference_clients VALUES ('d-1', 20, 'k', '{}');",
        "INSERT INTO service_sources VALUES ('proxy', 1, '{}', 2, 2, 3, 4, 5, 1);",
        "INSERT INTO excused_answers VALUES ('[\"permit.byod\"]', 1, 9, 'psn_1', NULL, 'sys_1');",
        "INSERT INTO refused_hours VALUES (9, 'psn_1', '', 'sys_1', '[]', 2, 32400001);",
        "INSERT INTO telework_days VALUES (1, 54000000, 'psn_1', '', 54000001, 54000002);
         UPDATE telework_summed SET answer = 2;",
    ];

    fn schema(conn: &Connection) -> Vec<(String, String)> {
        let mut all = conn
            .prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name")
            .unwrap();
        all.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap()
    }

    fn rows(conn: &Connection, table: &str) -> i64 {
        conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0))
            .unwrap()
    }

    #[test]
    fn steps_are_numbered_without_gaps() {
        for (at, step) in MIGRATIONS.iter().enumerate() {
            assert_eq!(usize::try_from(step.number), Ok(at + 1));
        }
        assert_eq!(
            MIGRATIONS.len(),
            DATA.len(),
            "every step has data to be tried on"
        );
    }

    #[test]
    fn answers_from_before_are_marked_where_they_may_rest_on_an_exception() {
        let mut conn = Connection::open_in_memory().unwrap();
        migrations::run(&mut conn, "observations", &MIGRATIONS[..13]).unwrap();
        conn.execute_batch(
            r#"INSERT INTO decision_facts (id, digest, facts, used_at) VALUES
                (1, x'01', '{"v":3,"x":["permit.byod","permit.off-site"]}', 9),
                (2, x'02', '{"v":3}', 9),
                (3, x'03', 'damaged', 9);
             INSERT INTO decisions
                (id, at, person, device, resource, allowed, times, question, rules, facts) VALUES
                (11, 1, 'psn_1', 'dev_1', 'sys_1', 1, 1, '{}', '[]', 1),
                (12, 2, 'psn_1', NULL, 'sys_1', 1, 1, '{}', '[]', 2),
                (13, 3, 'psn_1', NULL, 'sys_1', 1, 1, '{}', '[]', 3),
                (14, 4, 'psn_2', NULL, 'sys_2', 1, 1, '{}', '[]', NULL),
                (15, 5, 'psn_1', NULL, 'sys_1', 0, 1, '{}', '[]', 1),
                (16, 6, 'psn_1', NULL, 'sys_1', 0, 1, '{}', '[]', NULL);"#,
        )
        .unwrap();
        migrations::run(&mut conn, "observations", MIGRATIONS).unwrap();
        let mut marked = conn
            .prepare(
                "SELECT excused, at, answer, person || ' ' || coalesce(device, '-') || ' ' || resource
                 FROM excused_answers ORDER BY at",
            )
            .unwrap();
        let marked: Vec<(String, i64, i64, String)> = marked
            .query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        let row =
            |excused: &str, at, answer, of: &str| (excused.to_owned(), at, answer, of.to_owned());
        let both = r#"["permit.byod","permit.off-site"]"#;
        assert_eq!(
            marked,
            [
                row(both, 1, 11, "psn_1 dev_1 sys_1"),
                row("", 3, 13, "psn_1 - sys_1"),
                row("", 4, 14, "psn_2 - sys_2"),
            ]
        );
    }

    #[test]
    fn every_earlier_version_comes_up_to_date_with_its_data() {
        let mut newest = Connection::open_in_memory().unwrap();
        migrations::run(&mut newest, "observations", MIGRATIONS).unwrap();
        for from in 0..=MIGRATIONS.len() {
            let mut conn = Connection::open_in_memory().unwrap();
            for (step, data) in DATA[..from].iter().enumerate() {
                // The data of a step is in the form of that step.
                migrations::run(&mut conn, "observations", &MIGRATIONS[..=step]).unwrap();
                conn.execute_batch(data).unwrap();
            }
            migrations::run(&mut conn, "observations", MIGRATIONS).unwrap();
            assert_eq!(migrations::version(&conn).unwrap(), MIGRATIONS.len() as i32);
            assert_eq!(schema(&conn), schema(&newest), "from version {from}");
            if from >= 1 {
                assert_eq!(
                    rows(&conn, "reports") + rows(&conn, "posture"),
                    2,
                    "from {from}"
                );
            }
            if from >= 1 {
                // The pass of the first step was known when its report came.
                let known: String = conn
                    .query_row("SELECT continuity FROM posture", [], |r| r.get(0))
                    .unwrap();
                assert_eq!(known, r#"{"known_at":20}"#, "from {from}");
            }
            if from >= 2 {
                assert_eq!(
                    rows(&conn, "feeds") + rows(&conn, "outbox"),
                    2,
                    "from {from}"
                );
            }
        }
    }
}
