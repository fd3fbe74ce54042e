"""A slow line to a server on loopback: every byte arrives late, in order, as over a distant connection."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Line:
    """`port` leads to the server; what passes is held back for `delay_s`, each way, from the moment it is set."""

    port: int
    delay_s: float = 0.0


@contextmanager
def slow_line(port: int) -> Iterator[Line]:
    """A forwarder to `port`, as fast as any until it is told to be slow: a page's scripts need not come slowly."""
    ends: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = Line(int(listener.getsockname()[1]))
        accepting = threading.Thread(target=_accept, args=(listener, port, line, ends), daemon=True)
        accepting.start()
        try:
            yield line
        finally:
            # A thread that waits in accept() is not woken by closing, but by one last caller.
            ends.append(listener)
            socket.create_connection(listener.getsockname()).close()
            accepting.join(5)
            for end in ends:
                end.close()


def _accept(listener: socket.socket, port: int, line: Line, ends: list[socket.socket]) -> None:
    while True:
        near, _ = listener.accept()
        if listener in ends:
            near.close()
            return
        far = socket.create_connection(("127.0.0.1", port))
        ends += [near, far]
        for source, target in ((near, far), (far, near)):
            waiting: queue.Queue[tuple[float, bytes]] = queue.Queue()
            threading.Thread(target=_take, args=(source, waiting, line), daemon=True).start()
            threading.Thread(target=_give, args=(target, waiting), daemon=True).start()


def _take(source: socket.socket, waiting: queue.Queue[tuple[float, bytes]], line: Line) -> None:
    data = b"-"
    while data:
        try:
            data = source.recv(65536)
        except OSError:
            data = b""
        waiting.put((time.monotonic() + line.delay_s, data))


def _give(target: socket.socket, waiting: queue.Queue[tuple[float, bytes]]) -> None:
    while True:
        due, data = waiting.get()
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            if not data:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(data)
        except OSError:
            return
