"""The whole exploration: train networks, search hardware for each, choose, verify, compare, write down."""

from contextlib import closing
from pathlib import Path

from trackmac.exploration.hardware_search import refuse_unmappable
from trackmac.exploration.network_search import search_networks
from trackmac.exploration.outcome import Outcome
from trackmac.exploration.outcome_files import write_exact_front, write_result
from trackmac.exploration.progress import Progress, silent
from trackmac.exploration.selection import select
from trackmac.exploration.setup import prepare
from trackmac.exploration.store import identity_of, open_store
from trackmac.exploration.study import StudyFile, load_study
from trackmac.exploration.trial import Trainer, require_training, train_architecture
from trackmac.exploration.workers import Workers, usable_cores
from trackmac.results import ExplorationResult


def explore(
    study: str | Path | StudyFile,
    *,
    out: str | Path | None = None,
    trials: int | None = None,
    jobs: int | None = None,
    seed: int | None = None,
    resume: bool = False,
    verify: int | None = None,
    progress: Progress | None = None,
    trainer: Trainer | None = None,
) -> ExplorationResult:
    """Run a study: train its networks, price each at every hardware point, verify the front bit for bit.

    The outcome depends on the study alone, never on `jobs` or on interruptions; only `trials_run` and `trials_reused`
    tell them apart. Everything computed is stored at once, so that a killed run goes on with `resume`.

    Args:
        study: a shipped name, a YAML file or a study.
        out: the folder for results; results/NAME if None. An earlier study there is renamed to OUT~1, OUT~2, ...
        trials: networks to train; the study's own number if None.
        jobs: processes; as many as cores if None.
        seed: the study's own if None.
        resume: go on with what `out` holds of this study.
        verify: images for verification; the study's own number if None.
        progress: is told how far it is.
        trainer: trains a network; quantisation-aware training if None. It must be importable by worker processes.

    Raises:
        InputError: something about the study, the data or the folder is wrong.
        CheckFailedError: a trained network could not be exported without a difference.
        KeyboardInterrupt: Ctrl-C; what is finished is stored.
    """
    changes = {"trials": trials, "seed": seed, "verify_images": verify}
    chosen = load_study(study).changed(changes)
    if trainer is None:
        require_training()
    setup = prepare(chosen)
    folder = Path("results") / chosen.name if out is None else Path(out)
    pool = Workers(usable_cores() if jobs is None else jobs)
    identity = identity_of(chosen, setup.technologies, setup.dataset)
    with closing(open_store(folder, identity, resume=resume)) as store, pool as workers:
        found = search_networks(setup, store, workers, trainer or train_architecture, progress or silent)
        if not any(search.feasible_points for search in found.searches.values()):
            refuse_unmappable((store.network(trial) for trial in found.searches), setup.slabs)
        outcome = Outcome(setup=setup, store=store, found=found, chosen=select(chosen, found))
        write_exact_front(outcome.exact_designs(), store.folder)
        result = outcome.verified(workers, progress or silent)
        write_result(result, store.folder)
    return result
