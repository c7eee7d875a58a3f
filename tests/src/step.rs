//! A clock that is wrong, for one process: a library loaded before libc that adds a step to the
//! wall clock and leaves the monotonic one alone.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::skip::installed;

const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *at) {
    int answer = (int)syscall(SYS_clock_gettime, id, at);
    const char *step = getenv("SEKISHO_TEST_STEP");
    if (answer == 0 && id == CLOCK_REALTIME && step) at->tv_sec += atol(step);
    return answer;
}
time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
"#;

/// Builds the library in a folder; none where this machine has no C compiler.
///
/// # Panics
/// Where the compiler is there and fails; in CI where there is none.
pub fn wrong_clock(folder: &Path) -> Option<PathBuf> {
    let (source, library) = (folder.join("step.c"), folder.join("step.so"));
    std::fs::write(&source, SOURCE).expect("the source is written");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]);
    let built = compiler.arg(&library).arg(&source).status().ok();
    if !installed(built.is_some(), "a C compiler") {
        return None;
    }
    assert!(built?.success(), "the library is built");
    Some(library)
}
