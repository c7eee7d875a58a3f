//! Where the ledger, the observations and the accounts are kept.

pub mod error;

pub use error::{Result, StoreCode, StoreError};
