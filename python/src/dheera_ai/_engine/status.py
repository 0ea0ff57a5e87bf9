"""What somebody who watches an engine is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EngineStatus:
    """How an engine of this process is: the private process that ranks."""

    running: bool
    """Whether its process runs. The first call that needs it starts it, and so does the next one after a loss."""
    pid: int | None
    """Of its process; ``None`` while none runs."""
    calls: int
    """Calls of this process that wait for it to start or to answer."""
    starts: int
    """How often it was started, those times included in which it did not come to serve."""
    losses: int
    """How often it was lost, and not ended by ``close``."""
    last_loss: str | None
    """How it was lost last, such as ``it was killed by signal 9``; ``None`` where it never was."""
