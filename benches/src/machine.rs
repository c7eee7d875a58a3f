//! The machine itself: what every other figure of the run stands on.

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use crate::{Outcome, Target};

/// Durable appends a second to one file, and memory copied a second.
///
/// # Panics
/// Where the temporary folder cannot be written.
pub fn run() -> Outcome {
    let mut outcome = Outcome::new();
    let rate = durable_appends().expect("the temporary folder can be written");
    outcome.figure("durable appends of 4 KiB", rate, "1/s", Target::None);
    outcome.figure("memory copied", copied_bytes() / 1e9, "GB/s", Target::None);
    outcome
}

fn durable_appends() -> std::io::Result<f64> {
    const COUNT: u32 = 200;
    let path = std::env::temp_dir().join(format!("sekisho-bench-{}", std::process::id()));
    let mut file = File::create_new(&path)?;
    let began = Instant::now();
    for _ in 0..COUNT {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
    }
    let seconds = began.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(f64::from(COUNT) / seconds)
}

fn copied_bytes() -> f64 {
    const ROUNDS: u32 = 64;
    let from = vec![1u8; 16 << 20];
    let mut to = vec![0u8; from.len()];
    let began = Instant::now();
    for _ in 0..ROUNDS {
        to.copy_from_slice(black_box(&from));
        black_box(&mut to);
    }
    f64::from(ROUNDS) * from.len() as f64 / began.elapsed().as_secs_f64()
}
