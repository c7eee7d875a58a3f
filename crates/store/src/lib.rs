//! Where the ledger, the observations and the accounts are kept.

mod db;
pub mod entropy;
pub mod error;
mod files;
pub mod folder;
pub mod keyring;
mod migrations;
mod seal;

pub use error::{Result, StoreCode, StoreError};
pub use folder::DataFolder;
