"""An exploration whose networks are not trained, for tests: run as a script, or its `trainer` used.

python untrained_exploration.py STUDY OUT JOBS RESUME SECONDS_PER_TRIAL
"""

import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path

from trackmac.exploration.explore import explore
from trackmac.exploration.trial import TrainedNetwork
from trackmac.networks.zoo.untrained import untrained
from trackmac.training.architecture import CnnArchitecture

SECONDS = "UNTRAINED_SECONDS_PER_TRIAL"
LOG = "UNTRAINED_LOG"


def trainer(architecture: CnnArchitecture, dataset: str, seed: int, epochs: int | None) -> TrainedNetwork:
    """Return a network of seeded random weights, with an accuracy made of its name."""
    if LOG in os.environ:
        with Path(os.environ[LOG]).open("a", encoding="utf-8") as log:
            log.write(f"{os.getpid()} {architecture.name}\n")
    time.sleep(float(os.environ.get(SECONDS, "0")))
    accuracy = hashlib.sha256(architecture.name.encode()).digest()[0] / 255
    network = untrained(architecture.blueprint(), architecture.weight_bits, architecture.activation_bits, seed=seed)
    return TrainedNetwork(network=network, validation_accuracy=accuracy)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job begins without
    study, out, jobs, resume, seconds = sys.argv[1:]
    os.environ[SECONDS] = seconds
    result = explore(study, out=out, jobs=int(jobs), resume=resume == "resume", trainer=trainer)
    print(json.dumps({"trials_run": result.trials_run, "trials_reused": result.trials_reused}))
