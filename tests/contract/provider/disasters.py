"""What can go wrong at a provider after it has our request, each as a script of its server."""

from collections.abc import Mapping

from tests.unit.providers.http.raw_server import Conversation, Script, answer_bytes


def _saying(raw: bytes) -> Script:
    async def say(conversation: Conversation) -> None:
        while True:
            await conversation.request()
            await conversation.send(raw)

    return say


def _ending_after(raw: bytes) -> Script:
    async def end(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.send(raw)

    return end


async def _reset(conversation: Conversation) -> None:
    await conversation.request()
    conversation.reset()


async def _silence(conversation: Conversation) -> None:
    await conversation.request()
    await conversation.server.release.wait()


DISASTERS: Mapping[str, Script] = {
    "hangs": _silence,
    "resets": _reset,
    "hangs up": _ending_after(b""),
    "cuts its head": _ending_after(b"HTTP/1.1 200 OK\r\nConte"),
    "cuts its body": _ending_after(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"status_'),
    "speaks another protocol": _saying(b"220 mail.example ESMTP\r\n\r\n"),
    "answers nothing": _saying(answer_bytes(b"")),
    "answers a list": _saying(answer_bytes(b"[]")),
    "answers an empty object": _saying(answer_bytes(b"{}")),
    "answers half an object": _saying(answer_bytes(b'{"a":')),
    "answers a page": _saying(answer_bytes(b"<html>Sorry</html>")),
    "answers 404 with a page": _saying(answer_bytes(b"<html>Sorry</html>", 404)),
    "answers 408": _saying(answer_bytes(b"{}", 408)),
    "answers 500": _saying(answer_bytes(b"{}", 500)),
    "answers 502 with a page": _saying(answer_bytes(b"<html>Sorry</html>", 502)),
    "answers 503": _saying(answer_bytes(b"", 503)),
    "answers 504": _saying(answer_bytes(b"{}", 504)),
    "sends us elsewhere": _saying(answer_bytes(b"", 307, "Location: http://127.0.0.1:9/\r\n")),
    "answers too much": _ending_after(answer_bytes(b" " * (1024 * 1024 + 1))),
}
