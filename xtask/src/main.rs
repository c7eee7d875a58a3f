//! House tasks: test, tidy, bench, golden.
fn main() {}
