"""Times Nengo on the tutorial's network; prints JSON, all times in seconds. Run: .venv-nengo/bin/python nengo_tutorial.py"""

import time

started = time.perf_counter()

import json
import platform

import nengo
import numpy as np

from network import summary, tutorial

REPEATS = 20

imported = time.perf_counter()
nengo.rc["decoder_cache"]["enabled"] = "False"
net = tutorial()
sim = nengo.Simulator(net, progress_bar=False)
built = time.perf_counter()
sim.run(1.0, progress_bar=False)
finished = time.perf_counter()

runs = []
for _ in range(REPEATS):
    sim.reset()
    before = time.perf_counter()
    sim.run(1.0, progress_bar=False)
    runs.append(time.perf_counter() - before)

print(
    json.dumps(
        {
            "peer": "nengo",
            "versions": {"nengo": nengo.__version__, "numpy": np.__version__, "python": platform.python_version()},
            "import": imported - started,
            "build": built - imported,
            "firstRun1000Steps": finished - built,
            "run1000Steps": summary(runs),
            "wholeScript": finished - started,
        },
        indent=2,
    )
)
