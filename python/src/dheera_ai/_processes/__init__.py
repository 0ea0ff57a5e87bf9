"""Programs that end with this process, and what a forked child must not keep of them."""

from dheera_ai._processes.child import Child
from dheera_ai._processes.forks import HeldDescriptor, forget_when_forked, let_go, no_fork

__all__ = ["Child", "HeldDescriptor", "forget_when_forked", "let_go", "no_fork"]
