//! Where the ledger, the observations and the accounts are kept.

pub mod accounts;
pub mod backup;
mod db;
pub mod entropy;
pub mod error;
mod files;
pub mod folder;
pub mod keyring;
mod migrations;
pub mod observations;
mod seal;
pub mod sqlite;
mod wal;

pub use accounts::Accounts;
pub use error::{Result, StoreCode, StoreError};
pub use folder::DataFolder;
pub use observations::Observations;
pub use sqlite::ledger::{
    Access, Appended, DataLock, EntryRow, LedgerStore, LedgerView, NewEntry, Remains,
};
