//! The endpoint: collectors, identity, reports.
