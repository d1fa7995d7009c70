"""Times NengoDL on the tutorial: run, train encoders and biases, evaluate with spikes. Prints JSON, times in seconds.

Run: .venv-nengodl/bin/python nengodl_tutorial.py
"""

import time

started = time.perf_counter()

import json
import os
import platform
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.filterwarnings("ignore")

import nengo
import nengo_dl
import numpy as np
import tensorflow as tf

from workloads import summary, tutorial

tf.get_logger().setLevel("ERROR")
MINIBATCH = 32
REPEATS = 10

imported = time.perf_counter()
times = {"import": imported - started}
clock = imported


def lap(name):
    global clock
    now = time.perf_counter()
    times[name] = now - clock
    clock = now


# one second of the network as it is
net = tutorial()
with nengo_dl.Simulator(net, progress_bar=False) as sim:
    lap("build")
    sim.run(1.0)
    lap("firstRun1000Steps")
    runs = []
    for _ in range(REPEATS):
        before = time.perf_counter()
        sim.run(1.0)
        runs.append(time.perf_counter() - before)
    lap("repeats")

# training: no synapses, one step; only encoders and biases learn
net = tutorial()
for connection in net.all_connections:
    connection.synapse = None
net.outpt_p.synapse = None
with net:
    nengo_dl.configure_settings(trainable=False)
    net.config[nengo.Ensemble].trainable = True
    filtered = nengo.Probe(net.outpt, synapse=0.04)

rng = np.random.RandomState(0)
x = rng.uniform(-1, 1, size=(4096, 1, 1))
test_x = np.tile(rng.uniform(-1, 1, size=(1024, 1, 1)), (1, 100, 1))


def target(values):
    return np.sin(values**2)


def last_steps_mse(y_true, y_pred):
    return tf.reduce_mean(tf.square(y_true[:, -10:] - y_pred[:, -10:]))


sim = nengo_dl.Simulator(net, minibatch_size=MINIBATCH, progress_bar=False)
lap("buildMinibatch")


def evaluate():
    sim.compile(loss={filtered: last_steps_mse})
    return float(sim.evaluate(test_x, {filtered: target(test_x)}, verbose=0)["loss"])


before_loss = evaluate()
lap("evaluateBefore")
sim.compile(optimizer=tf.optimizers.Adam(0.01), loss={net.outpt_p: tf.losses.mse})
history = sim.fit(x, {net.outpt_p: target(x)}, epochs=25, verbose=0)
lap("fit25Epochs")
after_loss = evaluate()
lap("evaluateAfter")
finished = time.perf_counter()

again = []
for _ in range(3):
    before = time.perf_counter()
    sim.evaluate(test_x, {filtered: target(test_x)}, verbose=0)
    again.append(time.perf_counter() - before)
sim.close()

print(
    json.dumps(
        {
            "peer": "nengo-dl",
            "versions": {
                "nengo-dl": nengo_dl.__version__,
                "nengo": nengo.__version__,
                "tensorflow": tf.__version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
            **{name: seconds for name, seconds in times.items() if name != "repeats"},
            "run1000Steps": summary(runs),
            "evaluateWarm": summary(again),
            # without the repeated runs, which only the benchmark does
            "wholeScript": finished - started - times["repeats"],
            "losses": {"before": before_loss, "train": float(history.history["loss"][-1]), "after": after_loss},
        },
        indent=2,
    )
)
