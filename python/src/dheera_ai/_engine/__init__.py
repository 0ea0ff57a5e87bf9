"""The engine: the private process that ranks."""

from dheera_ai._engine.engine import Engine, aclose_default_engine, close_default_engine, default_engine

__all__ = ["Engine", "aclose_default_engine", "close_default_engine", "default_engine"]
