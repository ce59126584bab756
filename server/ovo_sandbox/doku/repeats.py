"""Catches what is sent twice: an X-EXTERNAL-ID within a day, a reference at any time.

SNAP answers with a code of its own; DOKU's idempotency page promises the first answer's body with
HTTP 409 where the content is the same. A switch chooses.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from ovo_sandbox.doku.codes import CONFLICT, DUPLICATE_REFERENCE, Case, Refused
from ovo_sandbox.doku.signing import minify
from ovo_sandbox.doku.switches import Choices
from ovo_sandbox.pages import JAKARTA
from ovo_sandbox.sandbox import Sandbox

_EXTERNAL_ID: Final = "doku.external_id"
_REFERENCE: Final = "doku.reference"


class Replayed(Exception):
    """Stands for the answer that the first call got.

    Attributes:
        body: that answer's body.
    """

    def __init__(self, body: Mapping[str, Any]) -> None:
        """Takes the body as it was sent."""
        super().__init__(body["responseCode"])
        self.body = body


def content_digest(body: bytes) -> str:
    """Returns what tells two bodies apart; white space does not."""
    return hashlib.sha256(minify(body)).hexdigest()


class Repeats:
    """Remembers what was used, and the answers that it got."""

    def __init__(self, context: Sandbox, choices: Choices) -> None:
        """Counts days as Jakarta does."""
        self._context = context
        self._choices = choices

    def claim_external_id(self, client_id: str, external_id: str, digest: str) -> str:
        """Uses an X-EXTERNAL-ID up for today and returns its key, or raises Refused or Replayed."""
        day = self._context.clock.now().astimezone(JAKARTA).date().isoformat()
        key = f"{client_id}:{day}:{external_id}"
        self._refuse_used(_EXTERNAL_ID, key, digest, CONFLICT)
        self._context.store.put(_EXTERNAL_ID, key, {"digest": digest, "body": None})
        return key

    def refuse_used_reference(self, operation: str, reference: str, digest: str) -> None:
        """Raises Refused or Replayed where the merchant's reference was used before."""
        self._refuse_used(_REFERENCE, f"{operation}:{reference}", digest, DUPLICATE_REFERENCE)

    def claim_reference(
        self, operation: str, reference: str, digest: str, body: Mapping[str, Any]
    ) -> None:
        """Uses a merchant's reference up, and keeps the answer to be given again."""
        document = {"digest": digest, "body": dict(body)}
        self._context.store.put(_REFERENCE, f"{operation}:{reference}", document)

    def remember_answer(self, external_id_key: str, body: Mapping[str, Any]) -> None:
        """Keeps the answer to a call whose X-EXTERNAL-ID was claimed."""
        document = self._context.store.get(_EXTERNAL_ID, external_id_key) or {}
        document["body"] = dict(body)
        self._context.store.put(_EXTERNAL_ID, external_id_key, document)

    def _refuse_used(self, kind: str, key: str, digest: str, case: Case) -> None:
        document = self._context.store.get(kind, key)
        if document is None:
            return
        replays = self._choices.text("duplicates") == "replay-with-409"
        if replays and document["digest"] == digest and document["body"] is not None:
            raise Replayed(document["body"])
        raise Refused(case)
