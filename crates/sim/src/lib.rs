//! Seeded organisations and machines for the demonstration, tests and benchmarks.
