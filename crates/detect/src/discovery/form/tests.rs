//! Every form on lines as the program writes them, on lines cut in the middle, and on rubbish.

use proptest::prelude::*;

use super::super::clock::Clock;
use super::*;

/// `2026-11-29T07:00:00Z`, four in the afternoon in Japan.
const AT: i64 = 1_795_935_600_000;

/// What a line says: client, user, subject, bytes, answer.
fn said(form: Form, line: &str) -> String {
    let clock = Clock::new(9 * 3600, AT + 1000).unwrap();
    let mut told = Vec::new();
    form.read(line.as_bytes(), &mut |line| {
        told.push(match line {
            Line::Other => "other".to_owned(),
            Line::Foreign => "foreign".to_owned(),
            Line::Malformed => "malformed".to_owned(),
            Line::Lookup(it) => {
                assert_eq!(clock.read(it.at), Some(AT), "{:?}", it.at);
                let subject = match &it.subject {
                    Subject::Name(name) => String::from_utf8_lossy(name).into_owned(),
                    Subject::Counted(name) => String::from_utf8_lossy(name).into_owned(),
                    Subject::Program(name) => format!("!{}", String::from_utf8_lossy(name)),
                };
                let user = it.user.map(|user| format!("={user}")).unwrap_or_default();
                let bytes = if it.bytes > 0 {
                    format!(" {}", it.bytes)
                } else {
                    String::new()
                };
                let answer = if it.answer { " answer" } else { "" };
                format!("{}{user} {subject}{bytes}{answer}", it.client)
            }
        });
    });
    told.join(", ")
}

/// Lines of each form that say something, and what.
const LINES: &[(Form, &str, &str)] = &[
    (
        Form::Dnsmasq,
        "Nov 29 16:00:00 dnsmasq[812]: query[A] zoom.us from 192.0.2.7",
        "192.0.2.7 zoom.us",
    ),
    (
        Form::Dnsmasq,
        "Nov 29 16:00:00 ns1 dnsmasq[812]: query[AAAA] Zoom.us from 2001:db8::7",
        "2001:db8::7 Zoom.us",
    ),
    (
        Form::Dnsmasq,
        "2026-11-29T16:00:00+09:00 ns1 dnsmasq[812]: query[HTTPS] zoom.us from 192.0.2.7",
        "192.0.2.7 zoom.us",
    ),
    (
        Form::Dnsmasq,
        "Nov 29 16:00:00 dnsmasq[812]: 41 192.0.2.7/50123 query[A] zoom.us from 192.0.2.7",
        "192.0.2.7 zoom.us",
    ),
    (
        Form::Dnsmasq,
        "Nov 29 16:00:00 dnsmasq: query[type=65] zoom.us from 192.0.2.7",
        "192.0.2.7 zoom.us",
    ),
    (
        Form::Unbound,
        "[1795935600] unbound[91:0] info: 192.0.2.7 zoom.us. A IN",
        "192.0.2.7 zoom.us.",
    ),
    (
        Form::Unbound,
        "[1795935600] unbound[91:0] info: 192.0.2.7 zoom.us. A IN NOERROR 0.000513 0 57",
        "192.0.2.7 zoom.us. answer",
    ),
    (
        Form::Unbound,
        "[1795935600] unbound[91:0] query: 192.0.2.7 zoom.us. A IN",
        "192.0.2.7 zoom.us.",
    ),
    (
        Form::Unbound,
        "[1795935600] unbound[91:0] reply: 192.0.2.7 zoom.us. A IN NOERROR 0.000000 1 49",
        "192.0.2.7 zoom.us. answer",
    ),
    (
        Form::Unbound,
        "Nov 29 16:00:00 unbound[91:0] reply: 192.0.2.7 zoom.us. A IN NOERROR 0.1 0 57",
        "192.0.2.7 zoom.us. answer",
    ),
    (
        Form::Unbound,
        "Nov 29 16:00:00 ns1 unbound[91]: [91:0] query: 192.0.2.7 zoom.us. A IN",
        "192.0.2.7 zoom.us.",
    ),
    (
        Form::Unbound,
        "2026-11-29T16:00:00+09:00 ns1 unbound[91]: [91:0] reply: 192.0.2.7 zoom.us. A IN NOERROR 0.1 0 57",
        "192.0.2.7 zoom.us. answer",
    ),
    (
        Form::Unbound,
        "[1795935600] unbound[91:0] question: 192.0.2.7 zoom.us. A IN",
        "malformed",
    ),
    (
        Form::Unbound,
        "2026-11-29T16:00:00.000+09:00 unbound[91:0] info: 2001:db8::7 zoom.us. AAAA IN",
        "2001:db8::7 zoom.us.",
    ),
    (
        Form::Unbound,
        "Nov 29 16:00:00 ns1 unbound[91]: [91:0] info: 192.0.2.7 zoom.us. A IN",
        "192.0.2.7 zoom.us.",
    ),
    (
        Form::Bind,
        "29-Nov-2026 16:00:00.000 client @0x7f31c40b8 192.0.2.7#50123 (zoom.us): query: zoom.us IN A +E(0)K (192.0.2.1)",
        "192.0.2.7 zoom.us",
    ),
    (
        Form::Bind,
        "29-Nov-2026 16:00:00.000 queries: info: client @0x7f31c40b8 192.0.2.7#50123 (zoom.us): query: zoom.us IN A + (192.0.2.1)",
        "192.0.2.7 zoom.us",
    ),
    (
        Form::Bind,
        "29-Nov-2026 16:00:00.000 queries: info: client 192.0.2.7#50123 (zoom.us): view inside: query: zoom.us IN A + (192.0.2.1)",
        "192.0.2.7 zoom.us",
    ),
    (
        Form::Bind,
        "2026-11-29T07:00:00.000Z queries: info: client @0x7f 2001:db8::7#5 (zoom.us): query: zoom.us IN AAAA + (::1)",
        "2001:db8::7 zoom.us",
    ),
    (
        Form::Bind,
        "Nov 29 16:00:00 ns1 named[7]: client @0x7f 192.0.2.7#5 (zoom.us): query: zoom.us IN A + (192.0.2.1)",
        "192.0.2.7 zoom.us",
    ),
    (
        Form::Squid,
        "1795935600.000    212 192.0.2.7 TCP_TUNNEL/200 39120 CONNECT us02web.zoom.us:443 tanaka HIER_DIRECT/198.51.100.3 -",
        "192.0.2.7=tanaka us02web.zoom.us 39120",
    ),
    (
        Form::Squid,
        "1795935600.000      5 192.0.2.7 TCP_MISS/200 512 GET http://u:p@zoom.us:8080/j?x=http://a.example/ - HIER_DIRECT/198.51.100.3 text/html",
        "192.0.2.7 zoom.us 512",
    ),
    (
        Form::Squid,
        "1795935600.000      5 192.0.2.7 TCP_DENIED/407 512 CONNECT zoom.us:443 - HIER_NONE/- text/html",
        "other",
    ),
    (
        Form::Squid,
        "1795935600.000      5 192.0.2.7 TCP_TUNNEL/200 512 CONNECT 198.51.100.3:443 - HIER_DIRECT/198.51.100.3 -",
        "other",
    ),
    (
        Form::Squid,
        "1795935600.000      5 192.0.2.7 TCP_TUNNEL/200 512 CONNECT [2001:db8::1]:443 - HIER_DIRECT/2001:db8::1 -",
        "other",
    ),
    (
        Form::Squid,
        "1795935600.000      0 192.0.2.7 NONE_NONE/400 3700 - error:invalid-request - HIER_NONE/- text/html",
        "other",
    ),
    (
        Form::Zeek,
        r#"{"ts":1795935600.0,"uid":"CAa","id.orig_h":"192.0.2.7","id.orig_p":50123,"id.resp_h":"192.0.2.1","id.resp_p":53,"proto":"udp","query":"zoom.us","qtype_name":"A","rcode_name":"NOERROR","answers":["198.51.100.3"]}"#,
        "192.0.2.7 zoom.us",
    ),
    (
        Form::Zeek,
        r#"{"ts":"2026-11-29T07:00:00.000000Z","uid":"CAa","id.orig_h":"192.0.2.7","id.orig_p":1,"id.resp_h":"198.51.100.3","id.resp_p":443,"version":"TLSv13","server_name":"zoom.us","established":true}"#,
        "192.0.2.7 zoom.us",
    ),
    (
        Form::Zeek,
        r#"{"ts":1795935600,"id.orig_h":"192.0.2.7","query":"zoom\u002eus"}"#,
        "192.0.2.7 zoom.us",
    ),
    (
        Form::Zeek,
        r#"{"ts":1795935600.0,"id.orig_h":"192.0.2.7","established":false}"#,
        "other",
    ),
    (
        Form::WindowsDns,
        "11/29/2026 4:00:00 PM 0E2C PACKET  000000D5A3D0B6A0 UDP Rcv 192.0.2.7       8f5e   Q [0001   D   NOERROR] A      (4)zoom(2)us(0)",
        "192.0.2.7 (4)zoom(2)us(0)",
    ),
    (
        Form::WindowsDns,
        "2026/11/29 16:00:00 0E2C PACKET  000000D5A3D0B6A0 TCP Rcv 2001:db8::7     8f5e   Q [0001   D   NOERROR] AAAA   (4)zoom(2)us(0)",
        "2001:db8::7 (4)zoom(2)us(0)",
    ),
    (
        Form::WindowsDns,
        "2026/11/29 16:00:00 0E2C PACKET  000000D5A3D0B6A0 UDP Snd 192.0.2.7       8f5e R Q [8081   DR  NOERROR] A      (4)zoom(2)us(0)",
        "other",
    ),
    (
        Form::WindowsDns,
        "2026/11/29 16:00:00 0E2C PACKET  000000D5A3D0B6A0 UDP Rcv 192.0.2.1       8f5e R Q [8081   DR  NOERROR] A      (4)zoom(2)us(0)",
        "other",
    ),
    (
        Form::WindowsDns,
        "2026/11/29 16:00:00 0E2C EVENT   The DNS server has started.",
        "other",
    ),
    (
        Form::Osquery,
        r#"{"name":"pack_dns","hostIdentifier":"PC-7","calendarTime":"Sun Nov 29 07:00:00 2026 UTC","unixTime":1795935600,"epoch":0,"action":"added","columns":{"name":"zoom.us","type":"A","flags":"0"}}"#,
        "PC-7 zoom.us",
    ),
    (
        Form::Osquery,
        r#"{"name":"sockets","hostIdentifier":"PC-7","unixTime":1795935600,"action":"snapshot","snapshot":[{"path":"C:\\Program Files\\Zoom\\bin\\Zoom.exe","remote_address":"198.51.100.3"},{"name":"curl","path":"","remote_address":"198.51.100.4"}]}"#,
        "PC-7 !Zoom.exe, PC-7 !curl",
    ),
    (
        Form::Osquery,
        r#"{"name":"pack_dns","hostIdentifier":"PC-7","unixTime":1795935600,"action":"removed","columns":{"name":"zoom.us","type":"A","flags":"0"}}"#,
        "other",
    ),
    (
        Form::Osquery,
        r#"{"name":"time","hostIdentifier":"PC-7","unixTime":1795935600,"action":"added","columns":{"hour":"7"}}"#,
        "other",
    ),
    (
        Form::Dnsmasq,
        "Nov 29 16:00:00 dnsmasq[812]: reply zoom.us is 198.51.100.3",
        "other",
    ),
    (
        Form::Dnsmasq,
        "Nov 29 16:00:00 dnsmasq[812]: query[A]  from 192.0.2.7",
        "malformed",
    ),
    (
        Form::Unbound,
        "[1795935600] unbound[91:0] info: start of service (unbound 1.17.1).",
        "other",
    ),
    (
        Form::Unbound,
        "[1795935600] unbound[91:0] notice: init module 0: iterator",
        "other",
    ),
    (
        Form::Bind,
        "29-Nov-2026 16:00:00.000 general: info: zone example/IN: loaded serial 3",
        "other",
    ),
];

/// Lines of a log to which several programs write.
const SHARED: &[(Form, &str, &str)] = &[
    (
        Form::Dnsmasq,
        "Nov 29 16:00:00 ns1 systemd[1]: Started Daily apt activities.",
        "foreign",
    ),
    (
        Form::Dnsmasq,
        "Nov 29 16:00:00 ns1 kernel: [   12.3] eth0: link up",
        "foreign",
    ),
    (
        Form::Dnsmasq,
        "Nov 29 16:00:00 ns1 message repeated 2 times: [ query[A] zoom.us from 192.0.2.7]",
        "foreign",
    ),
    (
        Form::Dnsmasq,
        "2026-11-29T16:00:00+09:00 ns1 postfix/smtpd[9]: connect from a.example[192.0.2.9]",
        "foreign",
    ),
    (
        Form::Dnsmasq,
        "Nov 29 16:00:00 ns1 unbound[91]: [91:0] info: 192.0.2.7 zoom.us. A IN",
        "foreign",
    ),
    (
        Form::Dnsmasq,
        "Nov 29 16:00:00 dnsmasq-dhcp[812]: DHCPACK(eth0) 192.0.2.7 00:00:5e:00:53:01 pc-7",
        "other",
    ),
    (
        Form::Dnsmasq,
        "Nov 29 16:00:00 ns1 dnsmasq-tftp[812]: sent /boot to 192.0.2.7",
        "other",
    ),
    (
        Form::Dnsmasq,
        "Nov 29 16:00:00 query[A] zoom.us from 192.0.2.7",
        "malformed",
    ),
    (Form::Dnsmasq, "Nov 29 16:00:00 ns1 systemd[1]", "malformed"),
    (
        Form::Unbound,
        "Nov 29 16:00:00 dnsmasq[812]: query[A] zoom.us from 192.0.2.7",
        "foreign",
    ),
    (
        Form::Unbound,
        "Nov 29 16:00:00 unbound[91:0] grave: 192.0.2.7 zoom.us. A IN",
        "malformed",
    ),
    (
        Form::WindowsDns,
        "2026-11-29T16:00:00+09:00 ns1 dnsmasq[812]: query[A] zoom.us from 192.0.2.7",
        "malformed",
    ),
    (
        Form::Bind,
        "2026-11-29T16:00:00+09:00 ns1 dnsmasq[812]: query[A] zoom.us from 192.0.2.7",
        "foreign",
    ),
    (
        Form::Bind,
        "Nov 29 16:00:00 ns1 sshd[3]: client 192.0.2.7 gone",
        "foreign",
    ),
    (
        Form::Bind,
        "2026-11-29T07:00:00.000Z general: info: zone example/IN: loaded serial 3",
        "other",
    ),
    (
        Form::Bind,
        "2026-11-29T07:00:00.000Z client 192.0.2.7#50123: query: zoom.us IN A +",
        "192.0.2.7 zoom.us",
    ),
];

#[test]
fn lines_of_other_programs_in_a_shared_log_are_told_from_what_is_none() {
    for (form, line, expected) in SHARED {
        assert_eq!(said(*form, line), *expected, "{form:?}: {line}");
    }
}

/// Which form such a log is of, only lines of its program say.
#[test]
fn lines_of_other_programs_make_no_form() {
    let others = SHARED.iter().filter(|(.., said)| *said == "foreign");
    let others: Vec<&[u8]> = others
        .filter(|(_, line, _)| !line.contains("zoom.us"))
        .map(|(_, line, _)| line.as_bytes())
        .collect();
    assert_eq!(Form::recognise(&others), None);
    let mut lines = others.repeat(5);
    lines.push(b"Nov 29 16:00:00 ns1 dnsmasq[812]: query[A] zoom.us from 192.0.2.7");
    assert_eq!(Form::recognise(&lines), Some(Form::Dnsmasq));
}

#[test]
fn every_form_reads_what_its_program_writes() {
    for (form, line, expected) in LINES {
        assert_eq!(said(*form, line), *expected, "{form:?}: {line}");
    }
}

#[test]
fn a_process_of_macos_called_like_a_domain_is_no_name_that_was_looked_up() {
    let row = |columns: &str| {
        format!(
            r#"{{"name":"q","hostIdentifier":"PC-7","unixTime":1795935600,"action":"added","columns":{columns}}}"#
        )
    };
    for (columns, expected) in [
        (r#"{"name":"zoom.us","pid":"311","state":"S"}"#, "other"),
        (
            r#"{"name":"zoom.us","bundle_identifier":"us.zoom.xos","type":"app"}"#,
            "other",
        ),
        (r#"{"name":"zoom.us"}"#, "other"),
        (r#"{"name":"zoom.us","type":"A","flags":0}"#, "PC-7 zoom.us"),
    ] {
        assert_eq!(said(Form::Osquery, &row(columns)), expected, "{columns}");
    }
}

#[test]
fn a_form_is_recognised_by_its_lines_and_rubbish_is_none() {
    for (form, line, expected) in LINES {
        if *expected != "malformed" && *expected != "other" {
            let lines: [&[u8]; 3] = [b"\xff\x00 rubbish", line.as_bytes(), b""];
            assert_eq!(Form::recognise(&lines), Some(*form), "{line}");
        }
    }
    assert_eq!(Form::recognise(&[b"hello", b"\x00\x01"]), None);
    assert_eq!(Form::recognise(&[]), None);
}

#[test]
fn codes_and_forms_name_each_other() {
    for form in Form::ALL {
        assert_eq!(Form::from_code(form.code()), Some(form));
        let json = serde_json::to_value(form).unwrap();
        assert_eq!(json, form.code());
    }
    assert_eq!(Form::from_code("syslog"), None);
}

proptest! {
    /// A line cut anywhere tells of one thing and of no name that the whole did not have: a beginning
    /// of it at most, which belongs to no service.
    #[test]
    fn a_line_cut_in_the_middle_invents_nothing(at in 0..LINES.len(), cut in 0_usize..400) {
        let (form, line, _) = LINES[at];
        let cut = (0..=cut.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
        let mut told = 0;
        form.read(&line.as_bytes()[..cut], &mut |said| {
            told += 1;
            if let Line::Lookup(Lookup { subject: Subject::Name(name) | Subject::Program(name), .. }) = said {
                let name = String::from_utf8(name.into_owned()).unwrap();
                assert!(line.replace(r"\u002e", ".").contains(&name), "{name}");
            }
        });
        prop_assert!(told >= 1);
    }

    /// Nothing that can be written makes a form fall over.
    #[test]
    fn rubbish_is_survived(line in proptest::collection::vec(any::<u8>(), 0..200), at in 0..LINES.len(), from in 0_usize..200) {
        let (form, good, _) = LINES[at];
        form.read(&line, &mut |_| {});
        let mut mixed = good.as_bytes().to_vec();
        let from = from.min(mixed.len());
        mixed.splice(from..from, line);
        form.read(&mixed, &mut |_| {});
    }
}
