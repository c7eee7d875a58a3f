//! From facts to results, and from results to verdicts. Pure.
