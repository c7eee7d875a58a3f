//! Networks that programs keep settings for: `NetworkManager`, `wpa_supplicant` and `iwd`.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use sekisho_domain::fact::{JoinedNetwork, NetworkMedium, UnseenReason};
use sekisho_domain::time::Timestamp;

use super::super::ini::Ini;
use crate::host::{Host, ReadError};

const CONNECTIONS: [&str; 3] = [
    "/etc/NetworkManager/system-connections",
    "/run/NetworkManager/system-connections",
    "/usr/lib/NetworkManager/system-connections",
];
const TIMESTAMPS: &str = "/var/lib/NetworkManager/timestamps";
const WPA: &str = "/etc/wpa_supplicant";
const IWD: &str = "/var/lib/iwd";

/// A network known, and by which mark it is told whether it is joined now.
pub(super) struct Known {
    pub network: JoinedNetwork,
    /// The id that `NetworkManager` gives a connection.
    pub uuid: Option<String>,
}

/// What is known, where it was read, and what may not be read.
#[derive(Default)]
pub(super) struct Memory {
    pub known: Vec<Known>,
    pub sources: Vec<String>,
    pub refused: Option<UnseenReason>,
}

impl Memory {
    pub(super) fn read(host: &Host) -> Self {
        let mut memory = Self::default();
        memory.network_manager(host);
        memory.wpa_supplicant(host);
        memory.iwd(host);
        memory
    }

    fn names(&mut self, host: &Host, folder: &str) -> Vec<OsString> {
        match host.list(folder) {
            Ok(names) => {
                self.sources.push(folder.to_owned());
                names
            }
            Err(ReadError::Missing) => Vec::new(),
            Err(error) => {
                self.refused.get_or_insert_with(|| error.reason(folder));
                Vec::new()
            }
        }
    }

    fn text(&mut self, host: &Host, path: &Path) -> Option<String> {
        match host.read_text(path) {
            Ok(text) => Some(text),
            Err(ReadError::Missing) => None,
            Err(error) => {
                let what = crate::host::text_of_path(path);
                self.refused.get_or_insert_with(|| error.reason(what));
                None
            }
        }
    }

    fn network_manager(&mut self, host: &Host) {
        let times = host.read_text(TIMESTAMPS).unwrap_or_default();
        let times = Ini::parse(&times);
        for folder in CONNECTIONS {
            for name in self.names(host, folder) {
                let Some(text) = self.text(host, &Path::new(folder).join(name)) else {
                    continue;
                };
                let settings = Ini::parse(&text);
                let uuid = settings.get("connection", "uuid").map(str::to_owned);
                let seconds = uuid.as_deref().and_then(|u| times.get("timestamps", u));
                let seconds = seconds
                    .and_then(|s| s.parse::<i64>().ok())
                    .filter(|s| *s > 0);
                if let Some(mut network) = connection(&settings) {
                    network.last_joined =
                        seconds.and_then(|s| Some(Timestamp::from_millis(s.checked_mul(1000)?)));
                    self.known.push(Known { network, uuid });
                }
            }
        }
    }

    fn wpa_supplicant(&mut self, host: &Host) {
        for name in self.names(host, WPA) {
            if !name.as_bytes().ends_with(b".conf") {
                continue;
            }
            let text = self.text(host, &Path::new(WPA).join(name));
            let networks = wpa_networks(&text.unwrap_or_default());
            self.known.extend(networks.into_iter().map(|network| Known {
                network,
                uuid: None,
            }));
        }
    }

    fn iwd(&mut self, host: &Host) {
        for name in self.names(host, IWD) {
            let name = crate::host::text_of(name.as_bytes());
            let Some((stem, kind)) = name.rsplit_once('.') else {
                continue;
            };
            if !matches!(kind, "open" | "psk" | "8021x") {
                continue;
            }
            // Names with other than plain letters are written in hex after `=`.
            let name = match stem.strip_prefix('=') {
                Some(digits) => unhex(digits).unwrap_or_else(|| stem.to_owned()),
                None => stem.to_owned(),
            };
            self.known.push(Known {
                network: wifi(name, kind == "open"),
                uuid: None,
            });
        }
    }
}

fn wifi(name: String, open: bool) -> JoinedNetwork {
    JoinedNetwork {
        medium: NetworkMedium::Wifi,
        name,
        gateway_mac: None,
        open: Some(open),
        last_joined: None,
        joined: false,
    }
}

fn unhex(digits: &str) -> Option<String> {
    let digits = digits.as_bytes();
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let bytes = digits
        .chunks_exact(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    let bytes: Option<Vec<u8>> = bytes.collect();
    Some(crate::host::text_of(&bytes?))
}

/// An SSID of a keyfile: text, or bytes as decimal numbers each followed by `;`.
fn ssid(text: &str) -> String {
    let numbers: Option<Vec<u8>> = text
        .strip_suffix(';')
        .map(|list| list.split(';').map(|n| n.parse().ok()).collect())
        .unwrap_or_default();
    numbers.map_or_else(|| text.to_owned(), |bytes| crate::host::text_of(&bytes))
}

/// A keyfile of `NetworkManager` (nm-settings-keyfile(5)); none for loopback, bridges and the
/// like, which join nothing.
fn connection(settings: &Ini) -> Option<JoinedNetwork> {
    let medium = match settings.get("connection", "type")? {
        "wifi" | "802-11-wireless" => NetworkMedium::Wifi,
        "ethernet" | "802-3-ethernet" => NetworkMedium::Wired,
        "gsm" | "cdma" | "bluetooth" => NetworkMedium::Mobile,
        "vpn" | "wireguard" | "tun" => NetworkMedium::Vpn,
        _ => return None,
    };
    let id = settings.get("connection", "id").unwrap_or_default();
    if medium != NetworkMedium::Wifi {
        return Some(JoinedNetwork {
            medium,
            name: id.to_owned(),
            gateway_mac: None,
            open: None,
            last_joined: None,
            joined: false,
        });
    }
    // A network that the machine itself offers is not one that it joins.
    let of_wifi = |key: &str| {
        let value = settings.get("wifi", key);
        value.or_else(|| settings.get("802-11-wireless", key))
    };
    if of_wifi("mode") == Some("ap") {
        return None;
    }
    let key = ["wifi-security", "802-11-wireless-security"]
        .iter()
        .find_map(|section| settings.get(section, "key-mgmt"));
    // `owe` encrypts without asking for a key; `none` is WEP, which protects nothing.
    let open = matches!(key, None | Some("none"));
    Some(wifi(
        of_wifi("ssid").map_or_else(|| id.to_owned(), ssid),
        open,
    ))
}

/// The `network={…}` blocks of wpa_supplicant.conf(5).
fn wpa_networks(text: &str) -> Vec<JoinedNetwork> {
    let mut networks = Vec::new();
    let mut block: Option<(Option<String>, bool)> = None;
    for line in text.lines().map(str::trim) {
        if line.starts_with('#') {
            continue;
        }
        if line.replace(' ', "").starts_with("network={") {
            block = Some((None, false));
        } else if line == "}" {
            if let Some((Some(name), open)) = block.take() {
                networks.push(wifi(name, open));
            }
        } else if let (Some((name, open)), Some((key, value))) =
            (block.as_mut(), line.split_once('='))
        {
            match key.trim() {
                "ssid" => {
                    let value = value.trim();
                    let quoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
                    *name = quoted.map(str::to_owned).or_else(|| unhex(value));
                }
                "key_mgmt" => *open = value.trim() == "NONE",
                _ => {}
            }
        }
    }
    networks
}

/// Connections that `NetworkManager` has up: the index of the interface by the id.
pub(super) fn active(host: &Host) -> HashMap<String, String> {
    const DEVICES: &str = "/run/NetworkManager/devices";
    let mut active = HashMap::new();
    for index in host.names(DEVICES).unwrap_or_default() {
        let text = host.read_text(format!("{DEVICES}/{index}"));
        let state = Ini::parse(&text.unwrap_or_default());
        if let Some(uuid) = state.get("device", "connection-uuid") {
            active.insert(uuid.to_owned(), index);
        }
    }
    active
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyfiles_become_networks() {
        let of = |text: &str| connection(&Ini::parse(text));
        let cafe = "[connection]\nid=cafe\ntype=wifi\n[wifi]\nssid=227;129;130;\n";
        let network = of(cafe).unwrap();
        assert_eq!((network.name.as_str(), network.open), ("あ", Some(true)));
        let keyed = format!("{cafe}[wifi-security]\nkey-mgmt=wpa-psk\n");
        assert_eq!(of(&keyed).unwrap().open, Some(false));
        let own = cafe.replace("ssid", "mode=ap\nssid");
        assert_eq!(of(&own), None);
        assert_eq!(of("[connection]\nid=lo\ntype=loopback\n"), None);
        let vpn = of("[connection]\nid=office\ntype=wireguard\n").unwrap();
        assert_eq!(vpn.medium, NetworkMedium::Vpn);
        assert_eq!(ssid("1;2"), "1;2");
    }

    #[test]
    fn blocks_of_wpa_supplicant_become_networks() {
        let text = "ctrl_interface=/run\nnetwork={\n ssid=\"office\"\n psk=\"x\"\n}\n\
            network = {\n\tssid=63616665\n\tkey_mgmt=NONE\n}\n#network={\n";
        let networks = wpa_networks(text);
        let brief: Vec<_> = networks.iter().map(|n| (n.name.as_str(), n.open)).collect();
        assert_eq!(brief, [("office", Some(false)), ("cafe", Some(true))]);
    }
}
