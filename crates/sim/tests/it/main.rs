//! The seeded ministry: reproducible, well-formed, and accepted by the real system.

mod demo;
mod machine;
mod organisation;
mod population;
