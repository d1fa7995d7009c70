"""The tutorial's network: sin(x^2) by two ensembles of 20 LIF neurons; both peers build it from here."""

import nengo
import numpy as np


def tutorial():
    with nengo.Network(seed=0) as net:
        net.inpt = nengo.Node(nengo.processes.WhiteSignal(1, 5, rms=0.3))
        net.square = nengo.Ensemble(20, 1)
        net.sin = nengo.Ensemble(20, 1)
        net.outpt = nengo.Node(size_in=1)
        nengo.Connection(net.inpt, net.square)
        nengo.Connection(net.square, net.sin, function=np.square)
        nengo.Connection(net.sin, net.outpt, function=np.sin)
        net.inpt_p = nengo.Probe(net.inpt)
        net.outpt_p = nengo.Probe(net.outpt, synapse=0.01)
    return net


def summary(times):
    times = sorted(times)
    return {"min": times[0], "median": times[len(times) // 2], "repeats": len(times)}
