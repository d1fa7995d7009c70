"""One workload with Nengo; prints JSON, times in seconds. Run: .venv-nengo/bin/python nengo_measure.py WORKLOAD [--repeats 5]

Nengo's optimizer (`optimize=True`, its default) makes a network slower to build and faster to run: both builds are timed, and the
optimized one runs.
"""

import argparse
import json
import platform
import time

import nengo
import numpy as np

from workloads import WORKLOADS, summary

parser = argparse.ArgumentParser()
parser.add_argument("workload", choices=WORKLOADS)
parser.add_argument("--repeats", type=int, default=10)
args = parser.parse_args()
nengo.rc["decoder_cache"]["enabled"] = "False"


def seconds(action):
    before = time.perf_counter()
    action()
    return time.perf_counter() - before


def build(optimize):
    # As on our side, making the network counts too.
    return nengo.Simulator(WORKLOADS[args.workload](), optimize=optimize, progress_bar=False)


first = seconds(lambda: build(False))
plain = first if first > 10 else min(first, seconds(lambda: build(False)))
optimized = seconds(lambda: globals().__setitem__("sim", build(True)))

runs = []
if args.workload == "step":
    COUNT = 2000

    def steps():
        for _ in range(COUNT):
            sim.step()

    first_run = seconds(steps) / COUNT
    for _ in range(args.repeats):
        runs.append(seconds(steps) / COUNT)
else:
    first_run = seconds(lambda: sim.run(1.0, progress_bar=False))
    for _ in range(args.repeats):
        sim.reset()
        runs.append(seconds(lambda: sim.run(1.0, progress_bar=False)))

print(
    json.dumps(
        {
            "peer": "nengo",
            "engine": "optimize=True",
            "dtype": "float64",
            "batch": 0,
            "versions": {"nengo": nengo.__version__, "numpy": np.__version__, "python": platform.python_version()},
            "build": optimized,
            "buildUnoptimized": plain,
            "firstRun": first_run,
            "run": summary(runs),
        }
    )
)
