"""The simulation's RSA keys: fixed, so that a seed tells all, and short, so that they are fast.

They are worth nothing: both sides of every signature are in this process.
"""

from functools import cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)

from ovo_sandbox.keys import KeyPairs

_EXPONENT: Final = 65537
_MERCHANT_P: Final = "c2dda59bd36563e26e8d2653dda09d7a4c86625f13d7b23c93e9d58574a12ded"
_MERCHANT_Q: Final = "c115be59824068a557f837ac7217b212e9b815ebf4d102875bda45d0016c3a5b"
_DOKU_P: Final = "e472796d12ac80c681ed2af66a8afc8e59f521f9dd8f512a04c3e9795aafb4b7"
_DOKU_Q: Final = "f5d6f481bfc5aa34881b079065c31c78141076bf1a2144f6525502d70604ef8d"


@cache
def merchant_key() -> RSAPrivateKey:
    """Our key."""
    return _key(int(_MERCHANT_P, 16), int(_MERCHANT_Q, 16))


@cache
def doku_key() -> RSAPrivateKey:
    """DOKU's key."""
    return _key(int(_DOKU_P, 16), int(_DOKU_Q, 16))


class FixedKeys(KeyPairs):
    """Gives the sandbox the same keys in every run."""

    def _pair(self, name: str) -> RSAPrivateKey:
        return doku_key() if name == "doku" else merchant_key()


def _key(p: int, q: int) -> RSAPrivateKey:
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    return RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa_crt_dmp1(d, p),
        dmq1=rsa_crt_dmq1(d, q),
        iqmp=rsa_crt_iqmp(p, q),
        public_numbers=RSAPublicNumbers(_EXPONENT, p * q),
    ).private_key()
