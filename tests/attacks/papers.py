"""What an attacker shows at a door that speaks TLS, and with what it connects."""

import ssl
import warnings
from dataclasses import dataclass
from pathlib import Path

from tests.authority import Authority, Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What an attacker may show: nothing, or certificates that are good, expired or another's."""

    authority: Authority
    shown: dict[str, Identity]

    @classmethod
    def made_in(cls, folder: Path, authority: Authority) -> "Papers":
        """Makes them."""
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir()
        return cls(
            authority=authority,
            shown={
                "good": authority.issue("caller", "caller.internal"),
                "expired": authority.issue("late", "late.internal", expired=True),
                "another's": Authority(elsewhere, "another").issue("other", "caller.internal"),
            },
        )

    def context(
        self,
        paper: str = "good",
        *,
        version: ssl.TLSVersion | None = None,
        protocols: tuple[str, ...] = ("h2",),
    ) -> ssl.SSLContext:
        """Makes what to connect with; without a paper of that name none is shown."""
        context = ssl.create_default_context(cafile=str(self.authority.file))
        if protocols:
            context.set_alpn_protocols(protocols)
        identity = self.shown.get(paper)
        if identity is not None:
            context.load_cert_chain(identity.certificate_file, identity.private_key_file)
        if version is not None:
            # What is too old to be safe is what is tried.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = context.maximum_version = version
            context.set_ciphers("ALL:@SECLEVEL=0")
        return context
