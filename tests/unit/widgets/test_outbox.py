"""Messages to the page are batched in order, and block writers while too many are pending."""

from __future__ import annotations

import queue
import threading

from docker_magics.widgets.outbox import Message, Outbox


def test_concurrent_messages_are_sent_together() -> None:
    sent: queue.Queue[list[Message]] = queue.Queue()
    outbox = Outbox(sent.put)
    outbox.put("one", number=1)
    outbox.write(7, "a")
    outbox.write(7, "b")
    outbox.write(8, "c")
    assert sent.get(timeout=5) == [
        {"kind": "one", "number": 1},
        {"kind": "output", "action": 7, "text": "ab"},
        {"kind": "output", "action": 8, "text": "c"},
    ]
    outbox.close()


def test_writers_block_until_the_outbox_is_closed() -> None:
    held = threading.Event()
    outbox = Outbox(lambda _messages: held.wait(5) and None)

    def write() -> None:
        for _ in range(100):
            outbox.write(1, "x" * 100_000)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    writer.join(0.2)
    assert writer.is_alive()
    outbox.close()
    held.set()
    writer.join(5)
    assert not writer.is_alive()
