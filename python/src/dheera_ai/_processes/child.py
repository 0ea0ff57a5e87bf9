"""One Node.js program of this package that runs as a child and ends with this process, however that ends."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence

from dheera_ai._processes.forks import HeldDescriptor, forget_when_forked, let_go, no_fork

_most_bytes_of_a_line = 1_000_000
if sys.platform == "win32":
    # There the group is what is left out, and a console window does not open.
    _creation_flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
else:
    _creation_flags = 0


class Child:
    """A program whose standard input stays open as long as this process lives: its end tells the program to end."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        on_line: Callable[[str], None],
        lines_of: str,
        name: str,
    ) -> None:
        """Starts it.

        ``on_line`` is called, in a thread named ``name``, with each line of ``lines_of``: ``stderr``, or ``both`` for
        standard output and error together.
        """
        # A fork in another thread waits, so that the child of that fork knows which pipes to close.
        with no_fork():
            self._process: subprocess.Popen[bytes] = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if lines_of == "both" else subprocess.PIPE,
                env=dict(environment),
                bufsize=0,
                # Ctrl-C in a terminal reaches every process of its group. This one's end is for its parent to decide.
                start_new_session=True,
                creationflags=_creation_flags,
            )
            pipes = (self._process.stdin, self._process.stdout, self._process.stderr)
            self._pipes = [pipe for pipe in pipes if pipe is not None]
            self._held = [] if os.name == "nt" else [HeldDescriptor.of(pipe.fileno()) for pipe in self._pipes]
            forget_when_forked(self)
        self._stopping = threading.Lock()
        read = self._process.stdout if lines_of == "both" else self._process.stderr
        assert read is not None
        self._reader = threading.Thread(target=_read_lines, args=(read.fileno(), on_line), name=name, daemon=True)
        try:
            self._reader.start()
        except BaseException:
            self._end(0)
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_code(self) -> int | None:
        """``None`` while it runs; a signal as a negative number."""
        return self._process.poll()

    def wait(self, seconds: float) -> int | None:
        """Waits for its end, no longer than ``seconds``."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def write_line(self, line: str) -> None:
        """:raises OSError: when it has ended."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())

    def read_line(self, seconds: float) -> str:
        """Its next line on standard output; empty when it ended. It is killed when it says nothing for ``seconds``."""
        assert self._process.stdout is not None
        timer = threading.Timer(seconds, self.kill)
        timer.daemon = True
        timer.start()
        try:
            return self._process.stdout.readline(_most_bytes_of_a_line).decode("utf-8", "replace")
        finally:
            timer.cancel()
            timer.join()

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self._process.kill()

    def all_lines_read(self) -> None:
        """Waits until ``on_line`` has had everything that an ended program wrote."""
        self._reader.join(2)

    def stop(self, patience: float) -> None:
        """Asks it to end, waits ``patience`` seconds, and kills it then. Leaves no process, thread or pipe."""
        with self._stopping:
            self._end(patience)

    def forget(self) -> None:
        """The program is the parent's."""
        let_go(self._held)
        self._held = []
        for pipe in self._pipes:
            pipe.close()
        self._stopping = threading.Lock()
        # Otherwise its object says at its end that a process still runs.
        self._process.returncode = 0

    def _end(self, patience: float) -> None:
        process = self._process
        try:
            if process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
            if self.wait(patience) is None:
                with contextlib.suppress(OSError):
                    process.terminate()
                self.wait(1)
        finally:
            # Also when ctrl-C interrupts the wait.
            if process.poll() is None:
                process.kill()
            process.wait()
        if self._reader.ident is not None and self._reader is not threading.current_thread():
            self._reader.join(2)
        for pipe in self._pipes:
            with contextlib.suppress(OSError):
                pipe.close()
        self._held = []


def _read_lines(descriptor: int, on_line: Callable[[str], None]) -> None:
    # Not through a buffered file: its lock, held by a thread like this one, can crash an interpreter that ends.
    rest = b""
    while True:
        try:
            read = os.read(descriptor, 65_536)
        except OSError:
            return
        *lines, rest = (rest + read).split(b"\n")
        if not read or len(rest) > _most_bytes_of_a_line:
            lines.append(rest)
            rest = b""
        for line in lines:
            if line.strip():
                on_line(line.decode("utf-8", "replace").rstrip())
        if not read:
            return
