//! A mail relay on loopback that keeps what it is given (RFC 5321, the least of it).

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// A relay and the mails that it has taken.
#[derive(Clone, Debug)]
pub struct Relay {
    address: SocketAddr,
    mails: Arc<Mutex<Vec<Mail>>>,
}

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The address of its receiver.
    pub to: String,
    /// Its text, decoded.
    pub body: String,
}

impl Relay {
    /// Listens on a free port of loopback.
    ///
    /// # Panics
    /// Where the machine has none.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        let mails = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&mails);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up early is its own affair.
                let _ = talk(stream, &kept);
            }
        });
        Self { address, mails }
    }

    /// A configuration that names this relay.
    pub fn configuration(&self) -> String {
        format!(
            "[mail]\nrelay = \"{}\"\nfrom = \"sekisho@example.org\"\n",
            self.address
        )
    }

    /// What has come so far.
    pub fn mails(&self) -> Vec<Mail> {
        let mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.clone()
    }
}

fn talk(mut out: TcpStream, mails: &Mutex<Vec<Mail>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(out.try_clone()?);
    let mut to = String::new();
    out.write_all(b"220 relay.test\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default();
                address.clone_into(&mut to);
                b"250 ok\r\n"
            }
            "DATA" => {
                out.write_all(b"354 go on\r\n")?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    if lines.read_line(&mut text)? == 0 {
                        return Ok(());
                    }
                }
                let mail = Mail {
                    to: to.clone(),
                    body: body(&text),
                };
                mails
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(mail);
                b"250 kept\r\n"
            }
            "QUIT" => {
                out.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            _ => b"250 relay.test\r\n",
        };
        out.write_all(answer)?;
    }
}

/// The body of a mail with one part, decoded.
pub(crate) fn body(text: &str) -> String {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let body = body.strip_suffix("\r\n.\r\n").unwrap_or(body);
    if head.contains("Content-Transfer-Encoding: base64") {
        String::from_utf8_lossy(&base64(body)).into_owned()
    } else if head.contains("Content-Transfer-Encoding: quoted-printable") {
        String::from_utf8_lossy(&quoted_printable(body)).into_owned()
    } else {
        body.to_owned()
    }
}

/// RFC 2045, 6.7: `=` and two digits are a byte, `=` at the end of a line is nothing.
fn quoted_printable(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let text = text.replace("=\r\n", "");
    let mut parts = text.split('=');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        let byte = part.get(..2).map(|digits| u8::from_str_radix(digits, 16));
        if let Some(Ok(byte)) = byte {
            bytes.push(byte);
            bytes.extend(part.bytes().skip(2));
        } else {
            bytes.extend(part.bytes());
        }
    }
    bytes
}

/// RFC 4648, 4; line ends and padding are passed over.
pub(crate) fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let values = text
        .bytes()
        .filter_map(|byte| LETTERS.iter().position(|it| *it == byte));
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_usize, 0);
    for value in values {
        held = (held << 6) | value;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.extend(u8::try_from(held >> bits & 0xff));
        }
        held &= 0xfff;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_in_base64_is_read() {
        assert_eq!(base64("Q29kZTog\r\n6Zai5omA"), "Code: 関所".as_bytes());
        assert_eq!(base64("YQ=="), b"a");
    }

    #[test]
    fn a_quoted_body_is_read() {
        let read = quoted_printable("Code: =E9=96=\r\n=A2=E6=89=80\r\n1=3D1");
        assert_eq!(read, "Code: 関所\r\n1=1".as_bytes());
    }
}
