"""A controlled oscillator, as Nengo's users write it. Brought over by: python python/nengo_to_json.py examples/19-python-model/model.py model.json"""

import nengo
import numpy as np

with nengo.Network(label="controlled oscillator", seed=9) as model:
    speed = nengo.Node(nengo.processes.Piecewise({0: 1, 1: 0.5, 2: -1}), label="speed")
    kick = nengo.Node(nengo.processes.Piecewise({0: [1, 0], 0.1: [0, 0]}), label="kick")
    oscillator = nengo.Ensemble(500, 3, radius=1.7, label="oscillator")
    tau, w = 0.1, 10

    def feedback(x):
        x0, x1, s = x
        r = np.sqrt(x0**2 + x1**2) + 1e-9
        dr, dphi = (1.0 - r) / r, s * w
        return [x0 + tau * (dr * x0 - dphi * x1), x1 + tau * (dr * x1 + dphi * x0)]

    nengo.Connection(oscillator, oscillator[:2], function=feedback, synapse=tau)
    nengo.Connection(kick, oscillator[:2])
    nengo.Connection(speed, oscillator[2], synapse=0.01)
    output = nengo.Probe(oscillator, synapse=0.02, sample_every=0.005, label="output")
    spikes = nengo.Probe(oscillator.neurons[:40], label="spikes")
