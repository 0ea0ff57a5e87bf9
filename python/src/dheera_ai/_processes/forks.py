"""What a forked child must not keep of its parent: open pipes and sockets, and locks that nobody holds in it."""

from __future__ import annotations

import os
import stat
import threading
import weakref
from collections.abc import Iterable
from contextlib import AbstractContextManager
from importlib import import_module
from types import ModuleType
from typing import NamedTuple, Protocol


class Forgetful(Protocol):
    """Holds something that belongs to one process alone."""

    def forget(self) -> None:
        """Become as new. Called in a forked child, whose only thread is the one that forked."""
        ...


def forget_when_forked(thing: Forgetful) -> None:
    """Have ``thing.forget()`` called in every forked child, as long as the thing lives."""
    _things.add(thing)


def no_fork() -> AbstractContextManager[object]:
    """Forks wait: descriptors are made here that a forked child has to know of. For moments only."""
    return _forking


def import_whole(module: str) -> ModuleType:
    """Imports a module while no other thread can fork: its child would wait for the half of it that nobody imports."""
    with _forking:
        return import_module(module)


def import_http_client() -> None:
    """Imports httpx whole, and what it imports itself only when the first connection is made."""
    import_whole("httpx")
    import_whole("httpcore")


class HeldDescriptor(NamedTuple):
    """An open descriptor, and how to tell that its number still means the same file."""

    number: int
    identity: tuple[int, int]

    @classmethod
    def of(cls, number: int) -> HeldDescriptor:
        return cls(number, _identity(number))


def let_go(held: Iterable[HeldDescriptor]) -> None:
    """Close this process's copies of descriptors, without a word to who listens at the other end.

    Each number is given to the null device instead of being freed: objects that the child inherited close it some time
    later, and it must not mean a file of somebody else by then.
    """
    null = os.open(os.devnull, os.O_RDWR)
    try:
        for descriptor in held:
            if _is_open(descriptor):
                os.dup2(null, descriptor.number, inheritable=False)
    finally:
        os.close(null)


def _is_open(descriptor: HeldDescriptor) -> bool:
    try:
        return _identity(descriptor.number) == descriptor.identity
    except OSError:
        return False


def _identity(number: int) -> tuple[int, int]:
    status = os.fstat(number)
    return stat.S_IFMT(status.st_mode), status.st_ino


_things: weakref.WeakSet[Forgetful] = weakref.WeakSet()
# Taken again by the thread that has it when a signal handler forks.
_forking = threading.RLock()


def _before() -> None:
    _forking.acquire()


def _after_in_parent() -> None:
    _forking.release()


def _after_in_child() -> None:
    global _forking
    _forking = threading.RLock()
    for thing in list(_things):
        thing.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
