//! Advisories against packages. Pure.
