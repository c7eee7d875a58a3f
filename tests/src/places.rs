//! Where things are.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};

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

/// Ports that the kernel gives to no outgoing connection by itself (those start at 32,768 on Linux).
const PORTS: std::ops::Range<u16> = 12_000..32_000;

/// How many ports of [`PORTS`] this process has looked at.
static LOOKED_AT: AtomicU16 = AtomicU16::new(0);

/// A loopback address that nobody listens on now, and that no other call gives out.
///
/// A port of the kernel's choice would not do: between this answer and the start of the server that
/// listens on it, a client's connection may be given the same one.
///
/// # Panics
/// Where the machine has no free port.
pub fn free_address() -> SocketAddr {
    let count = PORTS.end - PORTS.start;
    // Runs side by side start apart.
    let first = u16::try_from(std::process::id() * 97 % u32::from(count)).unwrap_or_default();
    for _ in 0..count {
        let step = LOOKED_AT.fetch_add(1, Ordering::Relaxed) % count;
        let port = PORTS.start + (first + step) % count;
        if let Ok(address) =
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).and_then(|it| it.local_addr())
        {
            return address;
        }
    }
    panic!("no free port on loopback");
}
