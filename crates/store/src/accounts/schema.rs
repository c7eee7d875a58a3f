//! The tables of accounts and their migrations.

use crate::db::Style;
use crate::migrations::Migration;

pub(super) const STYLE: Style = Style {
    file: "accounts",
    pragmas: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;",
    migrations: &[
        Migration {
            number: 1,
            sql: "CREATE TABLE accounts (
                account TEXT PRIMARY KEY,
                person TEXT NOT NULL UNIQUE,
                login TEXT NOT NULL UNIQUE COLLATE NOCASE,
                password TEXT,
                totp BLOB,
                totp_step INTEGER NOT NULL DEFAULT 0,
                failed INTEGER NOT NULL DEFAULT 0,
                locked_until INTEGER,
                created_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE links (
                token BLOB PRIMARY KEY,
                purpose TEXT NOT NULL,
                person TEXT,
                account TEXT REFERENCES accounts ON DELETE CASCADE,
                created_at INTEGER NOT NULL,
                expires_at INTEGER NOT NULL,
                used_at INTEGER
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX links_expiry ON links (expires_at);
            CREATE TABLE sessions (
                token BLOB PRIMARY KEY,
                account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
                csrf BLOB NOT NULL,
                created_at INTEGER NOT NULL,
                last_seen_at INTEGER NOT NULL,
                expires_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX sessions_account ON sessions (account);
            CREATE INDEX sessions_expiry ON sessions (expires_at);",
        },
        Migration {
            number: 2,
            sql: "CREATE TABLE api_tokens (
                token TEXT PRIMARY KEY,
                person TEXT NOT NULL,
                secret BLOB NOT NULL UNIQUE,
                created_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX api_tokens_person ON api_tokens (person);
            CREATE TABLE api_requests (
                token TEXT NOT NULL REFERENCES api_tokens ON DELETE CASCADE,
                name TEXT NOT NULL,
                digest BLOB NOT NULL,
                begun_at INTEGER NOT NULL,
                status INTEGER,
                answer TEXT,
                PRIMARY KEY (token, name)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX api_requests_begun ON api_requests (begun_at);",
        },
        Migration {
            number: 3,
            sql: "ALTER TABLE accounts ADD COLUMN language TEXT;
            CREATE TABLE passkeys (
                credential BLOB PRIMARY KEY,
                account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
                name TEXT NOT NULL,
                key TEXT NOT NULL,
                counter INTEGER NOT NULL,
                created_at INTEGER NOT NULL,
                last_used_at INTEGER,
                blocked_at INTEGER
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX passkeys_account ON passkeys (account);",
        },
        Migration {
            number: 4,
            sql: "CREATE TABLE import_profiles (
                register TEXT NOT NULL,
                name TEXT NOT NULL,
                mapping TEXT NOT NULL,
                saved_at INTEGER NOT NULL,
                PRIMARY KEY (register, name)
            ) STRICT, WITHOUT ROWID;",
        },
        Migration {
            number: 5,
            sql: "CREATE TABLE device_requests (
                device TEXT PRIMARY KEY,
                sequence INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE tunnel_sessions (
                session TEXT PRIMARY KEY,
                device TEXT NOT NULL,
                key TEXT NOT NULL,
                code BLOB NOT NULL,
                requested_at INTEGER NOT NULL,
                code_until INTEGER NOT NULL,
                account TEXT REFERENCES accounts ON DELETE CASCADE,
                console BLOB,
                confirmed_at INTEGER,
                expires_at INTEGER,
                ended TEXT
            ) STRICT, WITHOUT ROWID;
            CREATE UNIQUE INDEX tunnel_sessions_code ON tunnel_sessions (code);
            CREATE INDEX tunnel_sessions_key ON tunnel_sessions (key);
            CREATE INDEX tunnel_sessions_device ON tunnel_sessions (device);
            CREATE INDEX tunnel_sessions_account ON tunnel_sessions (account);
            CREATE INDEX tunnel_sessions_console ON tunnel_sessions (console);",
        },
        Migration {
            number: 6,
            sql: "CREATE TABLE gateway_hellos (
                gateway TEXT PRIMARY KEY,
                number INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE carrier (
                one INTEGER PRIMARY KEY CHECK (one = 1),
                gateway TEXT NOT NULL
            ) STRICT;",
        },
    ],
};
