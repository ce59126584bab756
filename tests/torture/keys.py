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
_MERCHANT_P: Final = (
    "e57b1dcec0a371a06f33d01aa8a8b23b2c953f60d8c5341039f65d556c11d774"
    "b1fd29f2424ed12b576def52f89147bc7c9c3c2f7531ee8b3181a55582273a4d"
)
_MERCHANT_Q: Final = (
    "d8167748510eca66c06b517facf2752388b375af3e6076440835553f6a55691f"
    "5283888252971a848ddaa73317f052e97d425c5510eb42a895f27ba1aea1b14f"
)
_DOKU_P: Final = (
    "e436f991c6f39f70b4cb56437aa443b5cc4460cd54a1ace6d4b74fa91c641bcb"
    "b8885a728491ba7a81966e898574a0dace3cc709535123f8d82659219d647d51"
)
_DOKU_Q: Final = (
    "de4fe5f4e8382022b0229f28981fd75f70a834cddb17f759bc567219cb041031"
    "264cdb9d4602890ce92dc9fb9b41fe372c1fd4a21fb223e5136101ac6bab6afb"
)


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
