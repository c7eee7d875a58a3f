//! What can go wrong with a tunnel, with stable codes. Sentences for people are in the catalogue.

use std::path::PathBuf;

/// Why a tunnel could not be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum TunnelError {
    /// The process may not administer networks.
    #[error("administering networks is not permitted")]
    NotPermitted,
    /// Neither the kernel has WireGuard nor is there a device for a program to serve it.
    #[error("the kernel has no WireGuard and there is no /dev/net/tun")]
    DeviceMissing,
    /// Another program has the UDP port.
    #[error("UDP port {port} is taken")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// An interface of this name is there and is not ours.
    #[error("interface {name} is taken")]
    InterfaceTaken {
        /// The name.
        name: String,
    },
    /// The name cannot be that of an interface.
    #[error("not an interface name: {name}")]
    Name {
        /// The name as given.
        name: String,
    },
    /// The operating system gives no randomness.
    #[error("no randomness")]
    NoRandomness,
    /// A private file could not be read or written.
    #[error("file {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A private file can be read by others than its owner.
    #[error("file {path} is open to others")]
    FileExposed {
        /// The file.
        path: PathBuf,
    },
    /// A private file does not hold what it should.
    #[error("file {path} is damaged")]
    FileDamaged {
        /// The file.
        path: PathBuf,
    },
    /// The system refused for another reason.
    #[error("{detail}")]
    Failed {
        /// What it said.
        detail: String,
    },
}

impl TunnelError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotPermitted => "tunnel.not_permitted",
            Self::DeviceMissing => "tunnel.device_missing",
            Self::PortTaken { .. } => "tunnel.port_taken",
            Self::InterfaceTaken { .. } => "tunnel.interface_taken",
            Self::Name { .. } => "tunnel.name",
            Self::NoRandomness => "tunnel.no_randomness",
            Self::File { .. } => "tunnel.file",
            Self::FileExposed { .. } => "tunnel.file_exposed",
            Self::FileDamaged { .. } => "tunnel.file_damaged",
            Self::Failed { .. } => "tunnel.failed",
        }
    }

    /// What it is about, in no language. Empty where there is nothing to name.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::PortTaken { port } => port.to_string(),
            Self::InterfaceTaken { name } | Self::Name { name } => name.clone(),
            Self::File { path, source } => format!("{}: {}", path.display(), source.kind()),
            Self::FileExposed { path } | Self::FileDamaged { path } => path.display().to_string(),
            Self::Failed { detail } => detail.clone(),
            Self::NotPermitted | Self::DeviceMissing | Self::NoRandomness => String::new(),
        }
    }
}
