"""The spiking model of bench/layers.ts with KerasSpiking: training and prediction steps. Prints JSON, milliseconds.

Run: .venv-nengodl/bin/python keras_spiking_measure.py
"""

import json
import os
import time
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.filterwarnings("ignore")

import keras_spiking
import numpy as np
import tensorflow as tf

from workloads import summary

BATCH = 32


def repeated(once, limit=4.0):
    times = []
    processor = []
    once()
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
for steps in (10, 100):
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Input((steps, 784)),
            tf.keras.layers.Dense(128),
            keras_spiking.SpikingActivation("relu", dt=0.01, seed=0),
            keras_spiking.Lowpass(0.1, dt=0.01, return_sequences=False),
            tf.keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer=tf.optimizers.Adam(0.001), loss="categorical_crossentropy")
    x = tf.constant(np.random.RandomState(0).uniform(size=(BATCH, steps, 784)).astype(np.float32))
    y = tf.constant(np.eye(10, dtype=np.float32)[np.arange(BATCH) % 10])
    times[f"train step, dense + spiking + lowpass, {steps} steps"] = repeated(lambda: model.train_on_batch(x, y))
    times[f"predict, the same, {steps} steps"] = repeated(lambda: model.predict_on_batch(x))
print()
print(json.dumps(times))
