//! Numbered migrations: the schema of a database grows step by step and never goes back.
//!
//! The number of the last step is kept in `user_version`. Steps of a release are never edited
//! afterwards; a change is a new step.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::{Result, StoreCode, StoreError};

/// One step of a schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number, counted from 1 without gaps.
    pub number: i32,
    /// What it does.
    pub sql: &'static str,
}

/// Runs the steps this database has not seen, each in its own transaction.
///
/// # Errors
/// `newer-version` when the database has seen steps that this program does not know.
pub(crate) fn run(conn: &mut Connection, file: &'static str, steps: &[Migration]) -> Result<()> {
    let sql = |e| StoreError::sql(file, e);
    let seen = version(conn).map_err(sql)?;
    let known = steps.last().map_or(0, |s| s.number);
    if seen > known {
        return Err(StoreError::refused(
            StoreCode::NewerVersion,
            format!("{file}: {seen} > {known}"),
        ));
    }
    for step in steps.iter().filter(|s| s.number > seen) {
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql)?;
        // Another process may have run the step while this one waited.
        if version(&tx).map_err(sql)? < step.number {
            tx.execute_batch(step.sql).map_err(sql)?;
            tx.pragma_update(None, "user_version", step.number)
                .map_err(sql)?;
        }
        tx.commit().map_err(sql)?;
    }
    Ok(())
}

/// The number of the last step a database has seen.
pub(crate) fn version(conn: &Connection) -> rusqlite::Result<i32> {
    conn.pragma_query_value(None, "user_version", |r| r.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &[Migration] = &[
        Migration {
            number: 1,
            sql: "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1);",
        },
        Migration {
            number: 2,
            sql: "ALTER TABLE a ADD COLUMN y TEXT NOT NULL DEFAULT 'old';",
        },
    ];

    #[test]
    fn a_step_that_fails_leaves_the_version_before_it() {
        let mut conn = Connection::open_in_memory().unwrap();
        let broken = [
            STEPS[0],
            Migration {
                number: 2,
                sql: "DELETE FROM a; CREATE NONSENSE;",
            },
        ];
        run(&mut conn, "observations", &broken).unwrap_err();
        assert_eq!(version(&conn).unwrap(), 1);
        run(&mut conn, "observations", STEPS).unwrap();
        let row = conn
            .query_row("SELECT x, y FROM a", [], |r| {
                Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?))
            })
            .unwrap();
        assert_eq!(row, (1, "old".to_owned()));
    }

    #[test]
    fn a_newer_database_is_refused_untouched() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.pragma_update(None, "user_version", 9).unwrap();
        let error = run(&mut conn, "observations", STEPS).unwrap_err();
        assert_eq!(error.code(), "newer-version");
        assert_eq!(version(&conn).unwrap(), 9);
    }
}
