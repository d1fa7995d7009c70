"""The models of bench/lmu.ts with KerasLMU: training and prediction steps. Prints JSON, milliseconds.

Run: .venv-nengodl/bin/python keras_lmu_measure.py [feedforward recurrent]
"""

import json
import os
import sys
import time
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.filterwarnings("ignore")

import keras_lmu
import numpy as np
import tensorflow as tf

from workloads import summary

BATCH = 32
STEPS = 784


def repeated(once, limit=15.0):
    times = []
    processor = []
    once()
    end = time.perf_counter() + limit
    while True:
        start, used = time.perf_counter(), time.process_time()
        once()
        times.append(1000 * (time.perf_counter() - start))
        processor.append(1000 * (time.process_time() - used))
        if time.perf_counter() > end:
            return {**summary(times), "processor": min(processor)}


times = {}
for kind in sys.argv[1:] or ["feedforward", "recurrent"]:
    paper = kind == "recurrent"
    inputs = tf.keras.Input((STEPS, 1))
    lmu = keras_lmu.LMU(
        memory_d=1,
        order=256,
        theta=STEPS,
        hidden_cell=tf.keras.layers.SimpleRNNCell(212, use_bias=not paper),
        input_to_hidden=True,
        hidden_to_memory=paper,
        memory_to_memory=paper,
        kernel_initializer="glorot_uniform" if paper else "ones",
        recurrent_initializer="zeros",
    )
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(10, activation="softmax")(lmu(inputs)))
    model.compile(optimizer=tf.optimizers.Adam(0.001), loss="categorical_crossentropy")
    x = tf.constant(np.random.RandomState(0).uniform(size=(BATCH, STEPS, 1)).astype(np.float32))
    y = tf.constant(np.eye(10, dtype=np.float32)[np.arange(BATCH) % 10])
    times[f"train step, {kind}"] = repeated(lambda: model.train_on_batch(x, y))
    times[f"predict, {kind}"] = repeated(lambda: model.predict_on_batch(x))
print()
print(json.dumps(times))
