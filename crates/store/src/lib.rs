//! Where the ledger, the observations and the accounts are kept.
