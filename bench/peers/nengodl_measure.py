"""One workload with NengoDL; prints JSON, times in seconds.

Run: .venv-nengodl/bin/python nengodl_measure.py WORKLOAD|relu|lif [--batch 1] [--repeats 3]
(`relu` and `lif`: one call of fit of the recurrent integrator, 64 items of 100 steps.)
"""

import argparse
import json
import os
import platform
import time
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.filterwarnings("ignore")

import nengo
import nengo_dl
import numpy as np
import tensorflow as tf

from workloads import WORKLOADS, integrator, summary

tf.get_logger().setLevel("ERROR")
TRAINED = {"relu": nengo.RectifiedLinear, "lif": nengo.LIF}
parser = argparse.ArgumentParser()
parser.add_argument("workload", choices=[*WORKLOADS, *TRAINED])
parser.add_argument("--batch", type=int, default=1)
parser.add_argument("--repeats", type=int, default=3)
args = parser.parse_args()
nengo.rc["decoder_cache"]["enabled"] = "False"
STEPS = 100 if args.workload in TRAINED else 1000


def seconds(action):
    before = time.perf_counter()
    action()
    return time.perf_counter() - before


def build():
    global net, sim
    net = integrator(128, 32, TRAINED[args.workload]()) if args.workload in TRAINED else WORKLOADS[args.workload]()
    sim = nengo_dl.Simulator(net, minibatch_size=args.batch, progress_bar=False)


built = seconds(build)
with sim:
    if args.workload in TRAINED:
        shape = (args.batch, STEPS, 128)
        x = np.random.RandomState(0).uniform(-1, 1, size=shape).astype(np.float32)
        sim.compile(optimizer=tf.optimizers.SGD(1e-6), loss=tf.losses.mse)
        action = lambda: sim.fit({net.input: x}, {net.output: x}, epochs=1, verbose=0)
        per = 1
    elif args.workload == "step":
        per = 200
        action = lambda: [sim.step() for _ in range(per)]
    else:
        per = 1
        action = lambda: sim.run_steps(STEPS)
    first_run = seconds(action) / per
    runs = []
    for _ in range(args.repeats):
        runs.append(seconds(action) / per)
        if sum(runs) * per > 40:
            break

print(
    json.dumps(
        {
            "peer": "nengo-dl",
            "engine": "tensorflow",
            "dtype": "float32",
            "batch": args.batch,
            "versions": {
                "nengo-dl": nengo_dl.__version__,
                "nengo": nengo.__version__,
                "tensorflow": tf.__version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
            "build": built,
            "firstRun": first_run,
            "run": summary(runs),
        }
    )
)
