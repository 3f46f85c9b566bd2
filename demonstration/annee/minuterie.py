"""Where the time of a simulated year goes, in seconds by phase."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Minuterie:
    """Adds up the seconds spent in each phase."""

    secondes: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def phase(self, nom: str) -> Iterator[None]:
        """Count the time of a block under a name."""
        debut = time.perf_counter()
        try:
            yield
        finally:
            self.secondes[nom] += time.perf_counter() - debut
