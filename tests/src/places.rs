//! Where things are.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

/// The workspace root.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// The binary under test: `SEKISHO_BIN`, else the one in the debug folder beside this test.
///
/// # Panics
/// Where there is none; `cargo build -p sekisho` makes it.
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("SEKISHO_BIN") {
        return path.into();
    }
    // …/target/debug/deps/it-<hash>
    let beside = std::env::current_exe()
        .ok()
        .and_then(|it| Some(it.parent()?.parent()?.join("sekisho")));
    match beside.filter(|it| it.exists()) {
        Some(path) => path,
        None => panic!("no sekisho binary: run `cargo build -p sekisho` or set SEKISHO_BIN"),
    }
}

/// A file or folder of the data that is not part of the repository, where it is at hand:
/// below `SEKISHO_SHARED`, else below `shared` beside the checkout.
pub fn shared(name: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os("SEKISHO_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    Some(folder.join(name)).filter(|it| it.exists())
}

/// A loopback address that nobody listens on now.
///
/// # Panics
/// Where the machine has no free port.
pub fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|it| it.local_addr())
        .expect("a free port on loopback")
}
