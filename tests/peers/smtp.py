"""A mail relay that is not ours (aiosmtpd), for the tests: TLS, authentication, and faults on demand.

Usage: smtp.py FOLDER KIND
  FOLDER  where it writes ca.pem, the certificate of the authority that vouches for it
  KIND    plain, starttls or implicit; with +auth it wants `sekisho` to sign in with `open sesame`;
          with +stranger its certificate is for another name; with +silent it offers nobody to sign in

On standard output, a line of JSON for each thing that happens: {"port": …} once it listens, then
{"mail": …} for every mail that it took. On standard input it is told how to answer from then on:
`ok`, `rcpt CODE TEXT`, `data CODE TEXT`, `hang` or `drop`. It ends with its input.
"""

import asyncio
import base64
import datetime
import ipaddress
import json
import ssl
import sys
import threading
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = b"sekisho", b"open sesame"


def say(**what):
    print(json.dumps(what), flush=True)


def certificates(folder, stranger):
    """An authority and a certificate for this machine (or another name) in `folder`."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def make(name, key, issuer, signer, extensions):
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(signer, hashes.SHA256())

    authority = ec.generate_private_key(ec.SECP256R1())
    ca = make(
        "test authority", authority, "test authority", authority,
        [(x509.BasicConstraints(ca=True, path_length=0), True)],
    )
    key = ec.generate_private_key(ec.SECP256R1())
    named = [x509.DNSName("another.example")]
    if not stranger:
        named = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    leaf = make(
        "relay", key, "test authority", authority,
        [
            (x509.SubjectAlternativeName(named), False),
            (x509.BasicConstraints(ca=False, path_length=None), True),
        ],
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    (folder / "relay.pem").write_bytes(leaf.public_bytes(pem))
    (folder / "relay.key").write_bytes(
        key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "relay.pem", folder / "relay.key")
    return context


class Handler:
    """Takes mails, or answers as it was told."""

    def __init__(self):
        self.answer = ["ok"]

    async def misbehave(self, server):
        if self.answer[0] == "hang":
            await asyncio.sleep(3600)
        if self.answer[0] == "drop":
            server.transport.abort()
            await asyncio.sleep(3600)

    def told(self, verb):
        if self.answer[0] == verb:
            return f"{self.answer[1]} {self.answer[2]}"
        return None

    async def handle_RCPT(self, server, session, envelope, address, options):
        await self.misbehave(server)
        no = self.told("rcpt")
        if no:
            return no
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        no = self.told("data")
        if no:
            return no
        say(
            mail={
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "tls": session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
                "signed_in": session.authenticated,
                "text": base64.b64encode(envelope.original_content).decode(),
            }
        )
        return "250 kept"


def authenticate(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (USER, PASSWORD)
    return AuthResult(success=right, handled=False)


async def main(folder, kind):
    kind, *more = kind.split("+")
    context = certificates(folder, "stranger" in more)
    handler = Handler()
    wants = "auth" in more

    def protocol():
        return SMTP(
            handler,
            hostname="relay.test",
            tls_context=context if kind == "starttls" else None,
            require_starttls=kind == "starttls",
            auth_required=wants,
            auth_require_tls=wants and kind == "starttls",
            authenticator=authenticate,
            auth_exclude_mechanism=["LOGIN", "PLAIN"] if "silent" in more else [],
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        protocol, "127.0.0.1", 0, ssl=context if kind == "implicit" else None
    )
    say(port=server.sockets[0].getsockname()[1])
    ended = asyncio.Event()

    def listen():
        for line in sys.stdin:
            words = line.split(maxsplit=2)
            if words:
                handler.answer = words
                say(told=words[0])
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=listen, daemon=True).start()
    await ended.wait()
    # At once, hanging talks included.
    sys.stdout.flush()
    import os

    os._exit(0)


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
