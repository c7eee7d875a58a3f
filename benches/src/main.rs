//! Benchmarks beside a baseline of the same run.
fn main() {}
