"""Postfix and Dovecot: mail goes in by SMTP and is read back by IMAP, as a reader would.

Needs root and the packages that `make test-real` installs. Any NAME@dest.example is a mailbox whose
password is `PASSWORD`; mail for another domain is refused. With `drop_repeats`, the mailbox keeps
one message of each Message-ID, by the sieve test `duplicate` (RFC 7352).
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import grp
import imaplib
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.partners.ports import HOST, free_port, is_listening, wait_until

if TYPE_CHECKING:
    from email.message import EmailMessage

DOMAIN = "dest.example"
PASSWORD = "open-sesame"

_SIEVE = 'require ["duplicate"];\nif duplicate { discard; stop; }\n'

# Service, type, private, chroot-free always, wake-up, process limit, program.
_SERVICES = """
{smtp} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass
class MailServer:
    """The pair of servers, with everything they write in one temporary folder.

    Attributes:
        drop_repeats: Keep only the first message of each Message-ID.
        smtp_port: Where Postfix takes mail, with or without a login, with or without STARTTLS.
        imap_port: Where Dovecot shows it.
    """

    drop_repeats: bool = False
    smtp_port: int = field(default_factory=free_port)
    imap_port: int = field(default_factory=free_port)
    _lmtp_port: int = field(default_factory=free_port, repr=False)
    _login_port: int = field(default_factory=free_port, repr=False)
    _folder: Path = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the folder; nothing runs yet."""
        self._folder = Path(tempfile.mkdtemp(prefix="avizor-mail-"))
        self._folder.chmod(0o755)

    def __enter__(self) -> Self:
        """Start both servers."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop both servers."""
        self.stop()

    @property
    def certificate(self) -> Path:
        """The self-signed certificate that Postfix shows, for `localhost` and 127.0.0.1."""
        return self._folder / "cert.pem"

    def start(self) -> None:
        """Start both servers; returns when both answer."""
        self._make_certificate()
        self._write_dovecot()
        self._write_postfix()
        _run("dovecot", "-c", str(self._dovecot / "dovecot.conf"))
        wait_until(lambda: is_listening(self.imap_port), f"Dovecot to answer; see {self._folder}")
        _run("postfix", "-c", str(self._postfix), "start")
        wait_until(lambda: is_listening(self.smtp_port), f"Postfix to answer; see {self._folder}")

    def stop(self) -> None:
        """Stop both servers and remove everything."""
        _end(self._postfix / "spool/pid/master.pid")
        _end(self._dovecot / "run/master.pid")
        shutil.rmtree(self._folder)

    def hold(self) -> None:
        """Make Postfix queue what it takes instead of handing it to the mailboxes."""
        self._set_postfix("defer_transports = lmtp")

    def release(self) -> None:
        """End `hold` and make Postfix deliver its queue now."""
        self._set_postfix("defer_transports =")
        _run("postqueue", "-c", str(self._postfix), "-f")

    def queued(self) -> int:
        """Return how many messages Postfix has taken and not handed over."""
        listed = _run("postqueue", "-c", str(self._postfix), "-j").splitlines()
        # One that is moved from queue to queue meanwhile is listed twice.
        return len({json.loads(one)["queue_id"] for one in listed})

    def messages(self, mailbox: str) -> list[EmailMessage]:
        """Return what lies in a mailbox such as `reader@dest.example`, oldest first."""
        with imaplib.IMAP4(HOST, self.imap_port) as imap:
            imap.login(mailbox, PASSWORD)
            imap.select("INBOX", readonly=True)
            numbers = imap.search(None, "ALL")[1][0].split()
            return [_fetch(imap, number) for number in numbers]

    def wait_for(self, mailbox: str, count: int) -> list[EmailMessage]:
        """Return what lies in a mailbox once there are at least `count` messages."""
        wait_until(lambda: len(self.messages(mailbox)) >= count, f"{count} messages in {mailbox}")
        return self.messages(mailbox)

    def wait_until_handed_over(self) -> None:
        """Return when Postfix has nothing left to deliver."""
        wait_until(lambda: not self.queued(), "an empty mail queue")

    @property
    def _postfix(self) -> Path:
        return self._folder / "postfix"

    @property
    def _dovecot(self) -> Path:
        return self._folder / "dovecot"

    def _set_postfix(self, setting: str) -> None:
        _run("postconf", "-c", str(self._postfix), "-e", setting)
        _run("postfix", "-c", str(self._postfix), "reload")

    def _make_certificate(self) -> None:
        names = f"subjectAltName=DNS:localhost,IP:{HOST}"
        key = ("-newkey", "rsa:2048", "-nodes", "-keyout", str(self._folder / "key.pem"))
        out = ("-out", str(self.certificate), "-days", "2", "-subj", "/CN=localhost", "-addext", names)
        _run("openssl", "req", "-x509", *key, *out)

    def _write_dovecot(self) -> None:
        owner = pwd.getpwnam("nobody")
        mail, sieve = self._dovecot / "mail", self._dovecot / "sieve"
        mail.mkdir(parents=True)
        os.chown(mail, owner.pw_uid, owner.pw_gid)
        config = _DOVECOT.format(
            folder=self._dovecot,
            user=owner.pw_name,
            group=grp.getgrgid(owner.pw_gid).gr_name,
            imap=self.imap_port,
            lmtp=self._lmtp_port,
            login=self._login_port,
            password=PASSWORD,
        )
        if self.drop_repeats:
            sieve.mkdir()
            (sieve / "repeats.sieve").write_text(_SIEVE)
            _run("sievec", str(sieve / "repeats.sieve"))
            config += (
                "protocol lmtp {\n mail_plugins = sieve\n}\n"
                f"plugin {{\n sieve_before = {sieve}/repeats.sieve\n}}\n"
            )
        (self._dovecot / "dovecot.conf").write_text(config)

    def _write_postfix(self) -> None:
        for part in ("spool", "data"):
            (self._postfix / part).mkdir(parents=True)
        shutil.chown(self._postfix / "data", "postfix")
        smtp = f"{HOST}:{self.smtp_port}"
        (self._postfix / "master.cf").write_text(_SERVICES.format(smtp=smtp).lstrip())
        settings = _POSTFIX.format(
            folder=self._postfix,
            certificates=self._folder,
            domain=DOMAIN,
            lmtp=self._lmtp_port,
            login=self._login_port,
        )
        (self._postfix / "main.cf").write_text(settings)


def _run(*command: str) -> str:
    """Run a command of the system to its end and return what it printed."""
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"
    # A file, not a pipe: a daemon that keeps the pipe open would keep us waiting for ever.
    with tempfile.TemporaryFile() as out:
        done = subprocess.run(
            command,
            env={**os.environ, "PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
        out.seek(0)
        printed = out.read().decode(errors="replace")
    assert done.returncode == 0, f"{command[0]} failed: {printed}"
    return printed


def _end(pid_file: Path) -> None:
    """End the daemon whose process id stands in `pid_file`, and wait until it is gone."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        pid = int(pid_file.read_text())
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not _is_running(pid), f"process {pid} to end")


def _is_running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def _fetch(imap: imaplib.IMAP4, number: bytes) -> EmailMessage:
    for part in imap.fetch(number.decode(), "(BODY.PEEK[])")[1]:
        if isinstance(part, tuple):
            return email.message_from_bytes(part[1], policy=email.policy.default)
    message = f"the mail server shows no message {number!r}"
    raise LookupError(message)


_DOVECOT = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
auth_mechanisms = plain login
passdb {{
 driver = static
 args = password={password}
}}
userdb {{
 driver = static
 args = uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
 inet_listener imap {{
  port = {imap}
 }}
 inet_listener imaps {{
  port = 0
 }}
}}
service lmtp {{
 inet_listener lmtp {{
  port = {lmtp}
 }}
}}
service auth {{
 inet_listener {{
  port = {login}
 }}
}}
"""

_POSTFIX = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.{domain}
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
virtual_mailbox_domains = {domain}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = error:no mail leaves this machine
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_reject_unlisted_recipient = no
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{login}
smtpd_tls_cert_file = {certificates}/cert.pem
smtpd_tls_key_file = {certificates}/key.pem
smtpd_tls_security_level = may
message_size_limit = 20480000
minimal_backoff_time = 2s
queue_run_delay = 2s
"""
