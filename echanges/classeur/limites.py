"""The bounds of a process that handles a file nobody vouches for: memory, processor, what it may write."""

import math
import resource

MEMOIRE_MAX = 512 * 2**20  # bytes of address space: the interpreter takes 60 MB, a full-size workbook 200 MB
SECONDES_CPU_MAX = 10  # per file: the heaviest admitted workbook takes about 4 s on a slow machine
CODE_MEMOIRE = 3  # exit code of a process that ran out of memory


def limiter(fichier_max: int = 0) -> None:
    """Bound this process for good: memory, files of `fichier_max` bytes at most, no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMOIRE_MAX, MEMOIRE_MAX))
    resource.setrlimit(resource.RLIMIT_FSIZE, (fichier_max, fichier_max))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def accorder_du_temps() -> None:
    """Give `SECONDES_CPU_MAX` more seconds of processor, for the next file."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, ferme = resource.getrlimit(resource.RLIMIT_CPU)
    limite = math.ceil(usage.ru_utime + usage.ru_stime) + SECONDES_CPU_MAX
    resource.setrlimit(resource.RLIMIT_CPU, (limite, ferme))
