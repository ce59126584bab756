"""Answers of providers that are odd, spoilt or plausible and wrong, as hypothesis strategies."""

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final

import httpx
from hypothesis import strategies as st

from ovo_payments.providers.http.journey import EXTENSION
from ovo_payments.providers.http.outcome import Phase
from tests.fuzz.fragments import ODD, spoil, write
from tests.fuzz.truthful import Truth

JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
_STATUSES: Final = (201, 202, 204, 301, 400, 401, 404, 405, 409, 412, 418, 429)
HTTP_STATUS: Final = st.sampled_from((*_STATUSES, 500, 502, 503, 504, 599, 999, *[200] * 36))


def _written(fields: Mapping[str, object], words: Mapping[str, Sequence[object]]) -> Any:  # noqa: ANN401 - a strategy
    """Writes an answer in which some fields say something else, plausible or odd."""
    names = st.sampled_from([*fields, *words, "surprise"])
    plausible = {name: [json.dumps(word) for word in told] for name, told in words.items()}

    def value(name: str) -> st.SearchStrategy[str]:
        told = st.sampled_from(plausible.get(name, [json.dumps(fields.get(name))]))
        return told | st.sampled_from(ODD) | JSON.map(json.dumps)

    changed = st.lists(names, max_size=5, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({name: value(name) for name in chosen})
    )
    dropped = st.sets(st.sampled_from(list(fields)), max_size=3)
    return st.builds(
        lambda raw, without: write(
            {name: fields[name] for name in fields if name not in without}, raw
        ).encode("utf-8", "surrogatepass"),
        changed,
        dropped,
    )


def _spoilt(bodies: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    return st.builds(
        lambda body, seed: spoil(body, Random(seed)),  # noqa: S311 - can be repeated
        bodies,
        st.integers(0, 2**32),
    )


def bodies(
    fields: Mapping[str, object], words: Mapping[str, Sequence[object]]
) -> st.SearchStrategy[bytes]:
    """Makes bodies around those that a provider truly sends."""
    written: st.SearchStrategy[bytes] = _written(fields, words)
    return written | _spoilt(written) | st.binary(max_size=200)


class Anything(httpx.AsyncBaseTransport):
    """A network on which every question but the one for a token gets the same answer."""

    def __init__(self) -> None:
        self.status = 200
        self.body = b""
        self.tokens_too = False
        self._truth = Truth()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answers."""
        if "access-token" in request.url.path and not self.tokens_too:
            return await self._truth.handle_async_request(request)
        request.extensions[EXTENSION].phase = Phase.READ
        return httpx.Response(self.status, stream=httpx.ByteStream(self.body))
