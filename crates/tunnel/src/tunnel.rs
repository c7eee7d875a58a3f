//! One interface of WireGuard, whoever carries it out.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use defguard_wireguard_rs as wireguard;
use wireguard::error::WireguardInterfaceError;
use wireguard::{InterfaceConfiguration, Kernel, Userspace, WGApi, WireguardInterfaceApi};
use zeroize::Zeroize;

use crate::error::TunnelError;
use crate::interface_name::InterfaceName;
use crate::key::{PrivateKey, PublicKey};
use crate::peer::{Peer, PeerState, library_key};
use crate::reconcile::{Changes, reconcile};

/// How an interface should be.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its name.
    pub name: InterfaceName,
    /// Its address inside the tunnel.
    pub address: IpAddr,
    /// The bits of that network's prefix; its addresses are routed to the interface.
    pub prefix: u8,
    /// The UDP port to listen on; any free one where none is given.
    pub listen_port: Option<u16>,
    /// Largest packet inside the tunnel, in bytes.
    pub mtu: u32,
}

impl Config {
    /// What fits into 1,500 bytes whatever carries it: 40 of IPv6, 8 of UDP, 32 of WireGuard.
    pub const MTU: u32 = 1_420;
}

/// Who carries the protocol out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The kernel.
    Kernel,
    /// Threads of this process, over `/dev/net/tun`.
    Userspace,
}

/// An interface. Dropping it takes it away, and with it every session.
pub struct Tunnel {
    kind: Kind,
    name: InterfaceName,
    /// One change at a time: the userspace implementation refuses a second beside it.
    api: Mutex<Box<dyn WireguardInterfaceApi + Send + Sync>>,
    /// Dropped after it.
    _gone: Gone,
}

impl std::fmt::Debug for Tunnel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tunnel({}, {:?})", self.name, self.kind)
    }
}

impl Tunnel {
    /// Makes the interface, by the kernel where it can and by this process otherwise, with its
    /// address and key and without any peers. One that an earlier run left in the kernel is taken
    /// over empty.
    ///
    /// # Errors
    /// [`TunnelError::NotPermitted`], [`TunnelError::DeviceMissing`],
    /// [`TunnelError::PortTaken`], [`TunnelError::InterfaceTaken`], [`TunnelError::Failed`].
    pub fn open(config: &Config, key: &PrivateKey) -> Result<Self, TunnelError> {
        let name = config.name.as_str();
        if interface_is_foreign(name) {
            return Err(TunnelError::InterfaceTaken {
                name: name.to_owned(),
            });
        }
        let left_over = interface_path(name).exists();
        if let (Some(port), false) = (config.listen_port, left_over) {
            port_is_free(port)?;
        }
        let (kind, api) = create(name)?;
        let tunnel = Self {
            kind,
            name: config.name.clone(),
            api: Mutex::new(api),
            _gone: Gone((kind == Kind::Userspace).then(|| config.name.clone())),
        };
        let mut interface = InterfaceConfiguration {
            name: name.to_owned(),
            prvkey: key.base64().to_string(),
            addresses: vec![wireguard::net::IpAddrMask::new(
                config.address,
                config.prefix,
            )],
            port: config.listen_port.unwrap_or(0),
            peers: Vec::new(),
            mtu: Some(config.mtu),
            fwmark: None,
        };
        let configured = tunnel.api().configure_interface(&interface);
        interface.prvkey.zeroize();
        configured.map_err(|error| failed(&error))?;
        Ok(tunnel)
    }

    /// Who carries it out.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &InterfaceName {
        &self.name
    }

    fn api(&self) -> MutexGuard<'_, Box<dyn WireguardInterfaceApi + Send + Sync>> {
        // Whoever panicked left the interface in some state; the next reconcile reads which.
        self.api.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the peers those given: removes what should not be, then adds what is missing. Peers
    /// that are as they should be keep their sessions.
    ///
    /// # Errors
    /// [`TunnelError::Failed`]; what was removed stays removed.
    pub fn sync(&self, should_be: &[Peer]) -> Result<Changes, TunnelError> {
        let api = self.api();
        let is = states(&**api)?;
        let (remove, add) = reconcile(&is, should_be);
        let mut changes = Changes::default();
        for key in remove {
            api.remove_peer(&library_key(key)).map_err(|e| failed(&e))?;
            changes.removed.push(key);
        }
        for peer in add {
            api.configure_peer(&peer.to_library())
                .map_err(|error| failed(&error))?;
            changes.added.push(peer.key);
        }
        Ok(changes)
    }

    /// Removes peers at once; one that is not there is no error.
    ///
    /// # Errors
    /// [`TunnelError::Failed`], after all were tried.
    pub fn remove(&self, keys: &[PublicKey]) -> Result<(), TunnelError> {
        let api = self.api();
        let mut result = Ok(());
        for key in keys {
            if let Err(error) = api.remove_peer(&library_key(*key)) {
                result = Err(failed(&error));
            }
        }
        result
    }

    /// The peers as they are.
    ///
    /// # Errors
    /// [`TunnelError::Failed`].
    pub fn peers(&self) -> Result<Vec<PeerState>, TunnelError> {
        states(&**self.api())
    }

    /// Sends what is for the networks of these peers into the tunnel: for the end that reaches
    /// others. The gateway's end needs none, its network is the interface's own.
    ///
    /// # Errors
    /// [`TunnelError::Failed`].
    pub fn route(&self, peers: &[Peer]) -> Result<(), TunnelError> {
        let peers: Vec<_> = peers.iter().map(Peer::to_library).collect();
        self.api()
            .configure_peer_routing(&peers)
            .map_err(|error| failed(&error))
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        // The userspace interface goes with its handle; the kernel's has to be asked to.
        if self.kind == Kind::Kernel
            && let Err(error) = self.api().remove_interface()
        {
            tracing::warn!(interface = %self.name, %error, "the interface could not be removed");
        }
    }
}

/// Waits until an interface is gone: the threads that carry it out end by themselves a little after their handle,
/// and whoever opens one of the same name at once would meet it.
struct Gone(Option<InterfaceName>);

/// Longest wait: the threads end within milliseconds.
const GONE_WITHIN: Duration = Duration::from_secs(2);

impl Drop for Gone {
    fn drop(&mut self) {
        let Some(name) = &self.0 else { return };
        let begun = Instant::now();
        while is_here(name.as_str()) {
            if begun.elapsed() > GONE_WITHIN {
                tracing::warn!(interface = %name, "the interface is still there");
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Whether there is an interface of the name where this thread is, which may be a namespace of its own.
fn is_here(name: &str) -> bool {
    let all = std::fs::read_to_string("/proc/thread-self/net/dev").unwrap_or_default();
    all.lines().any(|line| {
        let rest = line.trim_start().strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with(':'))
    })
}

type Api = Box<dyn WireguardInterfaceApi + Send + Sync>;

fn create(name: &str) -> Result<(Kind, Api), TunnelError> {
    let mut kernel = WGApi::<Kernel>::new(name).map_err(|error| failed(&error))?;
    if kernel.create_interface().is_ok() {
        return Ok((Kind::Kernel, Box::new(kernel)));
    }
    if !Path::new("/dev/net/tun").exists() {
        return Err(TunnelError::DeviceMissing);
    }
    let mut userspace = WGApi::<Userspace>::new(name).map_err(|error| failed(&error))?;
    userspace
        .create_interface()
        .map_err(|error| failed(&error))?;
    Ok((Kind::Userspace, Box::new(userspace)))
}

fn interface_path(name: &str) -> std::path::PathBuf {
    Path::new("/sys/class/net").join(name)
}

/// Whether an interface of the name is there that is none of WireGuard's.
fn interface_is_foreign(name: &str) -> bool {
    let path = interface_path(name);
    let kind = std::fs::read_to_string(path.join("uevent")).unwrap_or_default();
    path.exists() && !kind.lines().any(|line| line == "DEVTYPE=wireguard")
}

/// The userspace implementation shares a port with whoever else would share it.
fn port_is_free(port: u16) -> Result<(), TunnelError> {
    match UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Err(TunnelError::PortTaken { port })
        }
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Err(TunnelError::NotPermitted)
        }
        Err(error) => Err(TunnelError::Failed {
            detail: error.to_string(),
        }),
    }
}

fn states(api: &(dyn WireguardInterfaceApi + Send + Sync)) -> Result<Vec<PeerState>, TunnelError> {
    let mut host = api.read_interface_data().map_err(|error| failed(&error))?;
    // The reading carries the private key with it.
    host.private_key = None;
    Ok(host.peers.values().map(PeerState::of_library).collect())
}

fn failed(error: &WireguardInterfaceError) -> TunnelError {
    let detail = error.to_string();
    // What lies below is told in words only, in different layers.
    if detail.contains("Operation not permitted") || detail.contains("ermission denied") {
        TunnelError::NotPermitted
    } else {
        TunnelError::Failed { detail }
    }
}
