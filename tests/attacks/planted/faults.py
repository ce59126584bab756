"""Mistakes that would let an attacker through: each is planted, and something must see it.

Kept as those of the simulation are; `test` names the attack or the test that is to fail.
"""

from typing import Final

from tests.torture.planted.bug import Bug, Edit

_SIDECAR: Final = "tests/integration/test_sidecar.py"
_SIDECAR_TLS: Final = "tests/integration/test_sidecar_tls.py"
_CONNECTIONS: Final = "tests/integration/test_connections.py"
_SERVER: Final = "ovo_payments/transport/grpc/server.py"
_CALLS: Final = "ovo_payments/transport/grpc/calls.py"
_CONNECTION: Final = "ovo_payments/transport/http/connection.py"
_WEBHOOKS: Final = "ovo_payments/transport/http/webhooks.py"
_AN_ATTACK: Final = (
    "tests/attacks/test_attacks.py::"
    "test_an_attack_costs_its_own_connection_and_nobody_else_anything"
)


def _attack(door: str, name: str, way: str = "in clear") -> str:
    return f"{_AN_ATTACK}[{door} {way}: {name}]"


def _fault(name: str, what: str, breaks: str, test: str, *edits: Edit) -> Bug:
    return Bug(
        name=name,
        what=what,
        breaks=breaks,
        edits=edits,
        test=test,
        unseen_because="it attacks real sockets",
    )


FAULTS: Final = (
    _fault(
        "head-without-a-time",
        "A request's head may take for ever.",
        "the time of a head",
        f"{_SIDECAR}::test_a_head_that_trickles_is_bounded_in_time",
        Edit(
            _CONNECTION, "self.loop.call_later(self._head_timeout_s,", "self.loop.call_later(1e6,"
        ),
    ),
    _fault(
        "head-without-a-bound",
        "A request's head may be of any size.",
        "the size of a head",
        _attack("sidecar", "a field without an end"),
        Edit(
            "ovo_payments/transport/http/server.py",
            "h11_max_incomplete_event_size=limits.head_bytes_max",
            "h11_max_incomplete_event_size=2**40",
        ),
    ),
    _fault(
        "body-without-a-bound",
        "A body is read whole, however large it is.",
        "the size of a body",
        _attack("sidecar", "chunks of more than 64 KiB"),
        Edit(
            "ovo_payments/transport/http/body.py",
            '        if size > size_bytes_max:\n            raise BodyRefusedError("too big")\n',
            "",
        ),
    ),
    _fault(
        "body-without-a-time",
        "A body may trickle for ever.",
        "the time of a body",
        f"{_SIDECAR}::test_a_body_that_trickles_is_refused_in_time",
        Edit(
            "ovo_payments/transport/http/body.py",
            "asyncio.timeout(limits.body_timeout_s)",
            "asyncio.timeout(None)",
        ),
    ),
    _fault(
        "refused-body-keeps-its-connection",
        "A body that is refused goes on to be taken in, and its connection lives on.",
        "that a refusal is the end",
        f"{_SIDECAR}::test_a_body_that_nobody_reads_ends_the_connection",
        Edit(
            _CONNECTION,
            "if self.conn.their_state is h11.SEND_BODY and not self.transport.is_closing():",
            "if not self.transport:",
        ),
    ),
    _fault(
        "places-without-end",
        "The sidecar takes any number of connections.",
        "connections of the sidecar",
        f"{_SIDECAR}::test_a_connection_without_a_place_is_closed",
        Edit(_CONNECTION, "if len(self.taken) >= self.connections_max:", "if not self:"),
    ),
    _fault(
        "newest-gives-way",
        "A full sidecar closes who comes, whoever waits.",
        "that silent connections keep nobody out",
        f"{_SIDECAR}::test_a_new_connection_takes_the_place_of_who_waits_longest",
        Edit(_CONNECTION, "next(iter(self.waiting), connection)", "connection"),
    ),
    _fault(
        "webhook-blocks-the-loop",
        "What a forged webhook costs is spent in the loop that serves everybody.",
        "that others notice nothing",
        _attack("sidecar", "100 forged webhooks in one write"),
        Edit(
            _WEBHOOKS,
            "        try:\n            answer = await self._receive(",
            "        time.sleep(1)\n        try:\n            answer = await self._receive(",
        ),
    ),
    _fault(
        "webhook-ends-the-process",
        "What can't be read as text ends the process.",
        "that others notice nothing",
        _attack("sidecar", "a body that is no UTF-8"),
        Edit(
            _WEBHOOKS,
            "        try:\n            answer = await self._receive(",
            "        try:\n            body.decode()\n        except UnicodeDecodeError:\n"
            "            os._exit(70)\n        try:\n            answer = await self._receive(",
        ),
    ),
    _fault(
        "refusal-tells-why",
        "The answer to a forged webhook says what is wrong with it.",
        "a refusal that tells nothing",
        f"{_SIDECAR}::test_every_refusal_looks_the_same",
        Edit(
            _WEBHOOKS,
            'return Outcome.UNREAD, await self._refuse(self._path), {"cause": str(refused)}',
            "return Outcome.UNREAD, InboundAnswer(status=413, body=str(refused).encode()), {}",
        ),
    ),
    _fault(
        "stored-before-verified",
        "A webhook is stored first, and its signature looked at afterwards.",
        "that strangers store nothing",
        "tests/unit/application/test_receive_webhook.py",
        Edit(
            "ovo_payments/application/receive_webhook.py",
            "            return provider.webhooks.refuse(kind)\n        now",
            "            await self._store.append_webhook(\n"
            "                InboxEntry(\n"
            '                    inbox_id=f"inb{self._identifiers.lease()}",\n'
            "                    provider=provider.spec.name,\n"
            "                    kind=kind.value,\n"
            "                    target=request.target,\n"
            "                    headers={},\n"
            "                    body=request.body,\n"
            "                    receive_time=self._clock.now(),\n"
            "                    next_attempt_time=self._clock.now(),\n"
            "                )\n"
            "            )\n"
            "            self._wake_inbox()\n"
            "            return provider.webhooks.refuse(kind)\n        now",
        ),
    ),
    _fault(
        "proxy-is-anybody",
        "Whoever writes X-Forwarded-For is believed.",
        "the list of senders",
        "tests/integration/test_senders.py",
        Edit(
            "ovo_payments/transport/http/senders.py",
            "        sender = _read(peer)\n",
            "        sender = _read(hops.pop() if hops else peer)\n",
        ),
    ),
    _fault(
        "old-tls-is-taken",
        "The sidecar speaks TLS 1.0.",
        "TLS 1.2 and later alone",
        _attack("sidecar", "TLS 1.0", way="over TLS"),
        Edit(
            "ovo_payments/transport/http/tls.py",
            "    context.minimum_version = ssl.TLSVersion.TLSv1_2\n",
            "    context.minimum_version = ssl.TLSVersion.TLSv1\n"
            '    context.set_ciphers("ALL:@SECLEVEL=0")\n',
        ),
    ),
    _fault(
        "handshake-without-a-time",
        "A TLS handshake at the sidecar may take for ever.",
        "the time of a handshake",
        f"{_SIDECAR_TLS}::test_a_handshake_that_never_ends_is_cut",
        Edit(
            "ovo_payments/transport/http/server.py",
            "None if config.ssl is None else self._handshake_timeout_s",
            "None if config.ssl is None else 1e6",
        ),
    ),
    _fault(
        "certificate-is-not-asked-for",
        "With an authority for callers, callers may show no certificate all the same.",
        "mutual TLS",
        _attack("gRPC", "no certificate, by TLS 1.3", way="over TLS"),
        Edit(
            "ovo_payments/transport/grpc/tls.py",
            "require_client_authentication=self.mutual",
            "require_client_authentication=False",
        ),
    ),
    _fault(
        "request-without-a-bound",
        "A request may be of any size.",
        "the size of a request",
        "tests/integration/test_grpc_server.py::test_a_request_that_is_too_large_is_refused",
        Edit(
            _SERVER,
            '("grpc.max_receive_message_length", limits.request_bytes_max)',
            '("grpc.max_receive_message_length", -1)',
        ),
    ),
    _fault(
        "metadata-without-a-bound",
        "Metadata may be of any size, once a connection says that it knows no limit.",
        "the size of metadata",
        "tests/integration/test_grpc_server.py::test_metadata_that_is_too_large_is_refused",
        Edit(_CALLS, "if record.metadata_bytes > surroundings.metadata_bytes_max:", "if not self:"),
        Edit(
            _SERVER,
            '("grpc.max_metadata_size", limits.metadata_bytes_max)',
            '("grpc.max_metadata_size", 2**30)',
        ),
        Edit(
            _SERVER,
            '("grpc.absolute_max_metadata_size", limits.metadata_bytes_max)',
            '("grpc.absolute_max_metadata_size", 2**30)',
        ),
    ),
    _fault(
        "pings-without-a-bound",
        "A client may ping as often as it likes.",
        "the interval of pings",
        f"{_CONNECTIONS}::test_pings_beyond_the_limit_are_punished",
        Edit(
            _SERVER,
            "            limits.client_ping_interval_s * _SECOND_MS,\n",
            "            0,\n",
        ),
    ),
    _fault(
        "connections-without-a-bound",
        "gRPC takes any number of connections.",
        "connections of gRPC",
        f"{_CONNECTIONS}::test_connections_above_the_limit_are_closed",
        Edit(
            _SERVER,
            '        ("grpc.max_allowed_incoming_connections", limits.connections_max),\n',
            "",
        ),
    ),
    _fault(
        "streams-without-a-bound",
        "A connection may hold any number of streams.",
        "streams of a connection",
        f"{_CONNECTIONS}::test_streams_above_the_limit_of_a_connection_wait",
        Edit(
            _SERVER,
            '        ("grpc.max_concurrent_streams", limits.streams_per_connection_max),\n',
            "",
        ),
    ),
    _fault(
        "resets-are-worked-through",
        "A connection may hold so many streams that each of thousands of resets reaches Python.",
        "that others notice nothing",
        _attack("gRPC", "5,000 streams that are reset as they begin"),
        Edit(
            _SERVER,
            '("grpc.max_concurrent_streams", limits.streams_per_connection_max)',
            '("grpc.max_concurrent_streams", 20_000)',
        ),
    ),
    _fault(
        "counted-before-known",
        "Who proves nothing is counted among the calls of all.",
        "that strangers use nothing up",
        "tests/integration/test_caller_limits.py::test_who_proves_nothing_uses_nothing_up",
        Edit(
            _CALLS,
            "        caller = self._identify(record)\n        record.caller = caller.name\n",
            "        self._gate.enter()\n"
            "        caller = self._identify(record)\n        record.caller = caller.name\n"
            "        self._gate.leave()\n",
        ),
    ),
    _fault(
        "pace-forgives",
        "A caller may call as often as it likes.",
        "calls a second of a caller",
        "tests/integration/test_caller_limits.py::test_calls_a_second_are_limited_for_each_caller",
        Edit(_CALLS, "        allowance.pace.step()\n", ""),
    ),
)
