"""The networks that are measured, by name; bench/workloads.ts has the same ones."""

import nengo
import numpy as np


def numbers(count, scale, seed):
    return np.random.RandomState(seed).normal(size=count) * scale


def tutorial():
    """sin(x^2) by two ensembles of 20 LIF neurons."""
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


def circular_convolution():
    with nengo.Network(seed=0) as net:
        bind = nengo.networks.CircularConvolution(50, 64)
        nengo.Connection(nengo.Node(numbers(64, 1 / 8, 1)), bind.input_a, synapse=None)
        nengo.Connection(nengo.Node(numbers(64, 1 / 8, 2)), bind.input_b, synapse=None)
        nengo.Probe(bind.output, synapse=0.01)
    return net


def integrator(dimensions, n_neurons, neuron_type=nengo.LIF()):
    """A vector in an array of ensembles that holds it by a recurrent connection."""
    with nengo.Network(seed=0) as net:
        net.config[nengo.Ensemble].neuron_type = neuron_type
        net.input = nengo.Node(numbers(dimensions, 0.3, 1))
        array = nengo.networks.EnsembleArray(n_neurons, dimensions)
        nengo.Connection(net.input, array.input, transform=0.1, synapse=0.1)
        nengo.Connection(array.output, array.input, synapse=0.1)
        net.output = nengo.Probe(array.output, synapse=0.01)
    return net


def pes():
    with nengo.Network(seed=0) as net:
        stimulus = nengo.Node(nengo.processes.WhiteSignal(1, 5, rms=0.3), size_out=4)
        pre, post = nengo.Ensemble(400, 4), nengo.Ensemble(400, 4)
        error = nengo.Node(size_in=4)
        nengo.Connection(stimulus, pre)
        learned = nengo.Connection(pre, post, function=lambda x: np.zeros(4), learning_rule_type=nengo.PES())
        nengo.Connection(post, error)
        nengo.Connection(stimulus, error, transform=-1)
        nengo.Connection(error, learned.learning_rule)
        nengo.Probe(post, synapse=0.01)
    return net


def action_selection():
    with nengo.Network(seed=0) as net:
        stimulus = nengo.Node([0.9 if k == 5 else 0.4 for k in range(32)])
        basal_ganglia = nengo.networks.BasalGanglia(32, n_neurons_per_ensemble=50)
        thalamus = nengo.networks.Thalamus(32, n_neurons_per_ensemble=50)
        nengo.Connection(stimulus, basal_ganglia.input, synapse=None)
        nengo.Connection(basal_ganglia.output, thalamus.input)
        nengo.Probe(thalamus.output, synapse=0.01)
    return net


def full_weights():
    with nengo.Network(seed=0) as net:
        stimulus = nengo.Node(nengo.processes.WhiteSignal(1, 5, rms=0.3))
        pre, post = nengo.Ensemble(2000, 1), nengo.Ensemble(2000, 1)
        nengo.Connection(stimulus, pre)
        nengo.Connection(pre, post, solver=nengo.solvers.LstsqL2(weights=True))
        nengo.Probe(post, synapse=0.01)
    return net


def one_ensemble():
    with nengo.Network(seed=0) as net:
        ensemble = nengo.Ensemble(50, 1)
        output = nengo.Node(size_in=1)
        nengo.Connection(nengo.Node([0.5]), ensemble)
        nengo.Connection(ensemble, output)
        nengo.Probe(output, synapse=0.01)
    return net


WORKLOADS = {
    "tutorial": tutorial,
    "cconv": circular_convolution,
    "integrator": lambda: integrator(64, 50),
    "pes": pes,
    "bg": action_selection,
    "weights": full_weights,
    "step": one_ensemble,
}


def summary(times):
    times = sorted(times)
    return {"min": times[0], "median": times[len(times) // 2], "repeats": len(times)}
