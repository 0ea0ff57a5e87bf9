"""The engine: the private process that ranks."""

from dheera_ai._engine.engine import (
    Engine,
    aclose_default_engine,
    close_default_engine,
    default_engine,
)
from dheera_ai._engine.status import EngineStatus

__all__ = ["Engine", "EngineStatus", "aclose_default_engine", "close_default_engine", "default_engine"]
