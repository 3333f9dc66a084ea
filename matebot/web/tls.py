"""TLS without a proxy: the operator's own certificate, or one that MateBot makes and renews.

Both serve through one context that hands each new connection the newest good certificate, so that a
bad one on the disk never breaks what works.
"""

import asyncio
import logging
import os
import ssl
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from matebot.core.errors import MateBotError, OperatorError

LIFETIME = timedelta(days=365)
RENEW_BEFORE = timedelta(days=30)
BACKDATED = timedelta(days=1)  # other people's clocks are slow
LOOK_EVERY_S = 5.0

Clock = Callable[[], datetime]
Sleep = Callable[[float], Awaitable[None]]
OnRenewed = Callable[[], Awaitable[None]]

log = logging.getLogger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ServerTLS(ABC):
    """A certificate that is served, and looked after while `run` runs.

    Attributes:
        context: What the server listens with; stays the same when the certificate changes.
    """

    def __init__(self) -> None:
        self._current = self._load()
        self.context = _bare_context()
        self.context.set_servername_callback(self._hand_out)
        self._untold = False

    def _hand_out(
        self, connection: ssl.SSLSocket | ssl.SSLObject, _name: str | None, _outer: object
    ) -> None:
        connection.context = self._current

    @abstractmethod
    def _load(self) -> ssl.SSLContext:
        """Make a context of the certificate that is to be served now.

        Raises:
            OperatorError: There is none that works.
        """

    @abstractmethod
    def _is_due(self) -> bool:
        """Tell whether the certificate should be loaded anew."""

    @abstractmethod
    def certificate_pem(self) -> bytes | None:
        """What Telegram must be given; None where public authorities vouch for the certificate."""

    async def run(self, on_renewed: OnRenewed, *, sleep: Sleep = asyncio.sleep) -> None:
        """Watch the certificate until cancelled.

        Args:
            on_renewed: Called after each change of a certificate that Telegram must be given; once
                more at the next look if it fails with an error of MateBot's or of the network.
            sleep: Waits between two looks, in seconds.
        """
        while True:
            await sleep(LOOK_EVERY_S)
            if self.look():
                self._untold = self.certificate_pem() is not None
            if self._untold:
                await self._tell(on_renewed)

    def look(self) -> bool:
        """Take the new certificate if one is due; True if another is served from now on."""
        if not self._is_due():
            return False
        try:
            self._current = self._load()
        except (OperatorError, OSError) as error:
            log.warning("TLS: %s; the old certificate stays in use", error)
            return False
        log.info("TLS: a new certificate is in use")
        return True

    async def _tell(self, on_renewed: OnRenewed) -> None:
        try:
            await on_renewed()
        except (MateBotError, OSError, TimeoutError) as error:
            log.warning("TLS: Telegram has not been given the new certificate yet: %s", error)
        else:
            self._untold = False


class FilesTLS(ServerTLS):
    """The operator's own certificate and key, read again when the files change.

    Args:
        cert: PEM, the certificate first, then its chain.
        key: PEM without a passphrase.

    Raises:
        OperatorError: The files do not hold a certificate and its key.
    """

    def __init__(self, cert: Path, key: Path) -> None:
        self._cert = cert
        self._key = key
        self._seen: object = None
        self._pem: bytes | None = None
        super().__init__()

    def _load(self) -> ssl.SSLContext:
        self._seen = self._marks()  # before reading: a change under way is seen at the next look
        try:
            context = _context(self._cert, self._key)
            pem = self._cert.read_bytes()
            self._pem = pem if _signed_by_itself(pem) else None
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise OperatorError(
                f"MATEBOT_TLS_CERT and MATEBOT_TLS_KEY: expected a certificate and its key in PEM"
                f" ({self._cert}, {self._key}): {error}"
            ) from error
        return context

    def _marks(self) -> object:
        return tuple(_mark(path) for path in (self._cert, self._key))

    def _is_due(self) -> bool:
        return self._marks() != self._seen

    def certificate_pem(self) -> bytes | None:
        """The certificate, if it is signed by itself and not by an authority."""
        return self._pem


class SelfSignedTLS(ServerTLS):
    """A key and certificate of MateBot's own making, kept in one file, which nobody else may read.

    Args:
        file: Where they are kept; the folder is made.
        host: The name or IP address that others call, as in PUBLIC_URL.
        now: The time.

    Raises:
        OperatorError: The file can be neither read nor written.
    """

    def __init__(self, file: Path, host: str, *, now: Clock = _utc_now) -> None:
        self._file = file
        self._host = host
        self._now = now
        self._certificate: x509.Certificate | None = None
        super().__init__()

    def _load(self) -> ssl.SSLContext:
        try:
            self._certificate = self._kept() or self._made()
            return _context(self._file, self._file)
        except OSError as error:
            raise OperatorError(f"{self._file}: cannot be used for TLS: {error}") from error

    def _kept(self) -> x509.Certificate | None:
        """The certificate in the file, if it is still good for this host."""
        try:
            certificate = x509.load_pem_x509_certificate(self._file.read_bytes())
            _context(self._file, self._file)
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        except (FileNotFoundError, ValueError, ssl.SSLError, x509.ExtensionNotFound):
            return None
        good = list(names.value) == [_name(self._host)] and not self._ends_soon(certificate)
        return certificate if good else None

    def _made(self) -> x509.Certificate:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = make_certificate(key, self._host, self._now())
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_private(self._file, pem + certificate.public_bytes(Encoding.PEM))
        log.info("TLS: made a certificate for %s", self._host)
        return certificate

    def _ends_soon(self, certificate: x509.Certificate) -> bool:
        now = self._now()
        ends = certificate.not_valid_after_utc - RENEW_BEFORE
        return not certificate.not_valid_before_utc <= now < ends

    def _is_due(self) -> bool:
        return self._certificate is None or self._ends_soon(self._certificate)

    def certificate_pem(self) -> bytes | None:
        """The certificate without its key: Telegram trusts no other."""
        certificate = self._certificate
        return None if certificate is None else certificate.public_bytes(Encoding.PEM)


def make_certificate(
    key: ec.EllipticCurvePrivateKey, host: str, now: datetime, lifetime: timedelta = LIFETIME
) -> x509.Certificate:
    """Make a certificate for one name or IP address, signed by its own key."""
    # X.509 allows a common name 64 characters; clients look at the alternative name anyway.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    public = key.public_key()
    usage = {
        "digital_signature": True,
        "key_cert_sign": True,
        "content_commitment": False,
        "key_encipherment": False,
        "data_encipherment": False,
        "key_agreement": False,
        "crl_sign": False,
        "encipher_only": False,
        "decipher_only": False,
    }
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + lifetime)
        .add_extension(x509.SubjectAlternativeName([_name(host)]), critical=False)
        # As `openssl req -x509` does it: an anchor that strict clients take, too.
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    return builder.sign(key, hashes.SHA256())


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host.rstrip("."))


def _bare_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _no_passphrase() -> str:
    raise ValueError("the key is locked with a passphrase")  # or OpenSSL would ask the terminal


def _context(cert: Path, key: Path) -> ssl.SSLContext:
    """Load both.

    Raises:
        ssl.SSLError: They are no certificate and its key.
        OSError: One of them cannot be read.
        ValueError: The key has a passphrase.
    """
    context = _bare_context()
    context.load_cert_chain(cert, key, password=_no_passphrase)
    return context


def _signed_by_itself(pem: bytes) -> bool:
    certificate = x509.load_pem_x509_certificate(pem)
    try:
        certificate.verify_directly_issued_by(certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _write_private(path: Path, content: bytes) -> None:
    """Put the content in place in one step; no other user can ever read it."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, content)
        os.fsync(file)
    finally:
        os.close(file)
    draft.replace(path)
