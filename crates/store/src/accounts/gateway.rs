//! What of gateways has to outlive a run of the server: the newest number of each one's hello, so that one that
//! was heard before a start does nothing after it, and which one the tunnels led to last.

use rusqlite::params;

use super::Accounts;
use crate::error::Result;

impl Accounts {
    /// Takes the number of a gateway's hello. `false` where this or a higher one came before, in whatever run.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn count_gateway_hello(&self, gateway: &str, number: i64) -> Result<bool> {
        let changed = self.run(
            "INSERT INTO gateway_hellos (gateway, number) VALUES (?1, ?2)
             ON CONFLICT (gateway) DO UPDATE SET number = excluded.number
             WHERE excluded.number > number",
            params![gateway, number],
        )?;
        Ok(changed == 1)
    }

    /// The gateway that tunnels led to last; none where they never led to any.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn carrier(&self) -> Result<Option<String>> {
        self.find("SELECT gateway FROM carrier", params![], |row| row.get(0))
    }

    /// Notes the gateway that tunnels lead to from now on.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn put_carrier(&self, gateway: &str) -> Result<()> {
        self.run(
            "INSERT INTO carrier (one, gateway) VALUES (1, ?1)
             ON CONFLICT (one) DO UPDATE SET gateway = excluded.gateway",
            params![gateway],
        )
        .map(|_| ())
    }
}
