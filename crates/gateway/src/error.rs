//! What can go wrong at a gateway, with stable codes. Sentences for people are in the catalogue.

use sekisho_protocol::access_table::TableError;
use sekisho_tunnel::TunnelError;
use sekisho_uplink::UplinkError;

/// Why a gateway could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// A table is refused; nothing of it was carried out.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Interface, key or private file.
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
    /// The process may not administer networks.
    #[error("administering networks is not permitted")]
    NotPermitted,
    /// The program `nft` is not there.
    #[error("nft is missing")]
    NftMissing,
    /// The program `conntrack` is not there.
    #[error("conntrack is missing")]
    ConntrackMissing,
    /// The packet filter could not be changed.
    #[error("packet filter: {detail}")]
    Filter {
        /// What the system said.
        detail: String,
    },
    /// The packet filter's table is gone, or is not as it was left.
    #[error("the packet filter was taken away or changed by something else: {table}")]
    FilterGone {
        /// The table.
        table: String,
    },
    /// The machine does not forward packets.
    #[error("the machine does not forward packets: {setting}")]
    ForwardingOff {
        /// The kernel's setting that has to be 1.
        setting: &'static str,
    },
    /// A rule of the machine gives packets another source address.
    #[error("the machine changes source addresses: {rule}")]
    Masquerades {
        /// The rule, as it is listed.
        rule: String,
    },
    /// The gateway is not enrolled.
    #[error("not enrolled")]
    NotEnrolled,
    /// The gateway is enrolled already.
    #[error("enrolled already")]
    EnrolledAlready,
    /// Another gateway uses the data folder.
    #[error("the data folder is in use: {folder}")]
    InUse {
        /// The folder.
        folder: String,
    },
    /// A file of the data folder is damaged.
    #[error("damaged: {file}")]
    Damaged {
        /// The file.
        file: String,
    },
    /// The server could not be asked.
    #[error(transparent)]
    Uplink(#[from] UplinkError),
    /// The operating system refused something else.
    #[error("{detail}")]
    System {
        /// What it said.
        detail: String,
    },
}

impl GatewayError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Table(error) => error.code(),
            Self::Tunnel(error) => error.code(),
            Self::NotPermitted => "gateway.not_permitted",
            Self::NftMissing => "gateway.nft_missing",
            Self::ConntrackMissing => "gateway.conntrack_missing",
            Self::Filter { .. } => "gateway.filter",
            Self::FilterGone { .. } => "gateway.filter_gone",
            Self::ForwardingOff { .. } => "gateway.forwarding_off",
            Self::Masquerades { .. } => "gateway.masquerades",
            Self::NotEnrolled => "gateway.not_enrolled",
            Self::EnrolledAlready => "gateway.enrolled_already",
            Self::InUse { .. } => "gateway.in_use",
            Self::Damaged { .. } => "gateway.damaged",
            Self::Uplink(error) => error.code(),
            Self::System { .. } => "gateway.system",
        }
    }

    /// What it is about, in no language. Empty where there is nothing to name.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Table(error) => error.to_string(),
            Self::Tunnel(error) => error.subject(),
            Self::Uplink(error) => error.subject(),
            Self::Filter { detail } | Self::System { detail } => detail.clone(),
            Self::FilterGone { table } => table.clone(),
            Self::ForwardingOff { setting } => (*setting).to_owned(),
            Self::Masquerades { rule } => rule.clone(),
            Self::InUse { folder } => folder.clone(),
            Self::Damaged { file } => file.clone(),
            Self::NotPermitted
            | Self::NftMissing
            | Self::ConntrackMissing
            | Self::NotEnrolled
            | Self::EnrolledAlready => String::new(),
        }
    }
}
