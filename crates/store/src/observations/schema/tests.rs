//! Each step on data in the form of the one before.

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
    let row = |excused: &str, at, answer, of: &str| (excused.to_owned(), at, answer, of.to_owned());
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
