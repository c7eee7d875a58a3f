//! What a machine listens on and what it has joined.

use sekisho_domain::fact::{
    JoinedNetwork, Listening, ListeningPort, NetworkMedium, Networks, Transport,
};
use sekisho_domain::time::{Span, Timestamp};

use super::{Fault, Machine};

fn port(transport: Transport, address: &str, port: u16, process: &str) -> ListeningPort {
    let loopback = address == "127.0.0.1" || address == "::1";
    ListeningPort {
        transport,
        address: address.to_owned(),
        port,
        loopback,
        process: Some(process.to_owned()),
    }
}

impl Machine {
    pub(super) fn listening(&self) -> Listening {
        let mut ports = Vec::new();
        if self.platform.is_windows() {
            ports.push(port(Transport::Tcp, "0.0.0.0", 135, "svchost.exe"));
            return Listening { ports };
        }
        if self.develops || self.has(Fault::RootOverNetwork) {
            ports.push(port(Transport::Tcp, "0.0.0.0", 22, "sshd"));
        }
        ports.push(port(Transport::Tcp, "127.0.0.1", 631, "cupsd"));
        if self.develops {
            ports.push(port(Transport::Tcp, "127.0.0.1", 5432, "postgres"));
        }
        if self.has(Fault::FirewallOpen) {
            ports.push(port(Transport::Udp, "0.0.0.0", 5353, "avahi-daemon"));
        }
        Listening { ports }
    }

    pub(super) fn networks(&self, at: Timestamp) -> Networks {
        let mut random = self.details("networks");
        let ago = |hours| Some(at.before(Span::hours(hours)));
        let mut mac = |name: &str, medium, joined: bool, hours| JoinedNetwork {
            medium,
            name: name.to_owned(),
            // A locally administered address: no maker owns it.
            gateway_mac: joined.then(|| {
                let [a, b, c, d, e] = random.bytes::<5>();
                format!("02:{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}")
            }),
            open: matches!(medium, NetworkMedium::Wifi).then_some(false),
            last_joined: ago(hours),
            joined,
        };
        let mut networks = vec![
            mac("home", NetworkMedium::Wifi, true, 0),
            mac("mihon-vpn", NetworkMedium::Vpn, false, 3),
            mac("mihon-lan", NetworkMedium::Wired, false, 50),
        ];
        let mut random = self.details("cafe");
        if random.chance(60) {
            let mut cafe = mac(
                "Sample Cafe Free Wi-Fi",
                NetworkMedium::Wifi,
                false,
                24 + random.below(400),
            );
            cafe.open = Some(true);
            networks.push(cafe);
        }
        Networks { networks }
    }
}
