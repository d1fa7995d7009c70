"""Writes a Nengo model as a network file (format `nengo-network`, version 1), which tfjs-nengo reads.

    from nengo_to_json import save
    save(model, "model.json")

or from a shell: python nengo_to_json.py path/to/file.py:model model.json

Needs nengo (3 or 4) and numpy. Only nengo's public names are used.

Copyright the tfjs-nengo authors. Licensed under the Apache License, Version 2.0: http://www.apache.org/licenses/LICENSE-2.0
"""

import argparse
import importlib.util
import inspect
import json
import re
import sys

import nengo
import numpy as np
from nengo.base import ObjView
from nengo.ensemble import Neurons
from nengo.connection import LearningRule

__all__ = ["ExportError", "save", "to_json"]

HOMES = [nengo, nengo.dists, nengo.learning_rules, nengo.neurons, nengo.processes, nengo.solvers, nengo.synapses, nengo.transforms]
HOMES.append(sys.modules[nengo.solvers.LstsqL2().solver.__module__])

# Options of every process and synapse, with the values that need not be written.
PROCESS_OPTIONS = {"default_size_in": None, "default_size_out": None, "default_dt": 0.001, "seed": None}


class ExportError(ValueError):
    """What a network file cannot hold, and where it stands."""


def to_json(model, functions=None, steps=None, dt=0.001):
    """A model as a document of plain lists and dictionaries.

    model -- a nengo.Network
    functions -- {function: name} (or {name: function}) for functions that shall be written by name, to be given in JavaScript
        under the same names. Other functions on decoded connections are written by their values; functions of Nodes, and on
        connections from Nodes and Direct ensembles, by the name they have in Python.
    steps -- write the first so many values of Nodes that are functions of time alone, instead of their names
    dt -- seconds, for those values
    """
    return Exporter(model, functions or {}, steps, dt).document()


def save(model, path, functions=None, steps=None, dt=0.001):
    """Writes a model to a file; see `to_json`. Returns the names of functions that have to be given in JavaScript."""
    exporter = Exporter(model, functions or {}, steps, dt)
    document = exporter.document()
    with open(path, "w") as file:
        json.dump(document, file, allow_nan=False)
    return exporter.needed


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class Exporter:
    def __init__(self, model, functions, steps, dt):
        if not isinstance(model, nengo.Network):
            raise ExportError(f"expected a nengo.Network, got {type(model).__name__}")
        self.model = model
        pairs = [(value, key) if isinstance(key, str) else (key, value) for key, value in functions.items()]
        self.given = {id(function): name for function, name in pairs}
        self.names = {}
        self.steps = steps
        self.dt = dt
        self.ids = {}
        self.built = None
        self.needed = []
        for kind, objects in (
            ("network", [model, *model.all_networks]),
            ("ensemble", model.all_ensembles),
            ("node", model.all_nodes),
            ("connection", model.all_connections),
            ("probe", model.all_probes),
        ):
            for k, obj in enumerate(objects):
                self.ids[obj] = f"{kind}{k}"

    def document(self):
        return {"format": "nengo-network", "version": 1, "network": self.network(self.model)}

    def build(self):
        """The model as nengo builds it, with the seeds and evaluation points that it draws."""
        if self.built is None:
            self.built = nengo.builder.Model(dt=self.dt)
            self.built.build(self.model)
        return self.built

    def head(self, obj):
        seed = obj.seed
        if obj is self.model and seed is None:
            seed = self.build().seeds[obj]  # the seed that is in use from now on
        return {"id": self.ids[obj], "label": obj.label, "seed": None if seed is None else int(seed)}

    def network(self, net):
        # The top network first: its seed has to be known before anything is drawn.
        head = self.head(net)
        return {
            **head,
            "ensembles": [self.ensemble(ens) for ens in net.ensembles],
            "nodes": [self.node(node) for node in net.nodes],
            "networks": [self.network(sub) for sub in net.networks],
            "connections": [self.connection(conn) for conn in net.connections],
            "probes": [self.probe(probe) for probe in net.probes],
        }

    def ensemble(self, ens):
        where = str(ens)
        keys = ["radius", "encoders", "intercepts", "max_rates", "eval_points", "n_eval_points", "gain", "bias", "noise", "normalize_encoders", "neuron_type"]
        options = {camel(key): self.value(getattr(ens, key), f"{where}.{key}") for key in keys}
        return {**self.head(ens), "nNeurons": int(ens.n_neurons), "dimensions": int(ens.dimensions), **options}

    def node(self, node):
        size_out = None if node.output is None else int(node.size_out)
        return {**self.head(node), "sizeIn": int(node.size_in), "sizeOut": size_out, "output": self.output(node)}

    def output(self, node):
        output = node.output
        if output is None:
            return None
        if isinstance(output, nengo.Process):
            return self.value(output, f"{node}.output")
        if not callable(output):
            return {"type": "constant", "value": self.value(np.atleast_1d(output), f"{node}.output")}
        if node.size_in == 0 and node.size_out > 0 and self.steps is not None and id(output) not in self.given:
            values = [np.broadcast_to(np.asarray(output(k * self.dt), dtype=float).ravel(), (node.size_out,)) for k in range(1, self.steps + 1)]
            return {"type": "table", "values": self.value(np.array(values), f"{node}.output")}
        return self.named(output, str(node))

    def connection(self, conn):
        where = str(conn)
        decoded = isinstance(conn.pre_obj, nengo.Ensemble) and not isinstance(conn.pre_obj.neuron_type, nengo.Direct)
        function, points, scale = None, self.value(conn.eval_points, f"{where}.eval_points"), bool(conn.scale_eval_points)
        transform = self.value(conn.transform, f"{where}.transform")
        if conn.function is not None:
            if id(conn.function) in self.given or not decoded:
                function = self.named(conn.function, where)
            else:
                function, points, scale = self.values_of_function(conn)
                if isinstance(conn.eval_points, nengo.dists.Distribution):
                    transform = self.drawn_after(conn, transform)
        return {
            **self.head(conn),
            "pre": self.ref(conn.pre),
            "post": self.ref(conn.post),
            "synapse": self.value(conn.synapse, f"{where}.synapse"),
            "function": function,
            "sizeMid": int(conn.size_mid),
            "transform": transform,
            **({"solver": self.value(conn.solver, f"{where}.solver")} if isinstance(conn.pre_obj, nengo.Ensemble) else {}),
            "evalPoints": points,
            "scaleEvalPoints": scale,
            "learningRuleType": self.value(conn.learning_rule_type, f"{where}.learning_rule_type"),
        }

    def values_of_function(self, conn):
        """A function by its values at the evaluation points that nengo draws."""
        points = self.build().params[conn].eval_points
        if points is None:  # nothing is solved: only the size of the values counts
            points = np.zeros((1, conn.pre_obj.dimensions))
        if callable(conn.function):
            values = np.array([np.asarray(conn.function(x), dtype=float).ravel() for x in points[:, conn.pre_slice].copy()])
        else:
            values = np.asarray(conn.function)
        where = str(conn)
        return {"type": "points", "values": self.value(values, f"{where}.function")}, self.value(points, f"{where}.eval_points"), False

    def drawn_after(self, conn, transform):
        """A transform, which nengo may draw after the evaluation points that the file now holds as numbers."""
        points = self.build().params[conn].eval_points
        if points is None:
            return transform
        if "Noise" in type(conn.solver).__name__:
            raise ExportError(f"{conn}: the solver's noise is drawn after the evaluation points, which the file would hold as numbers. Give the function a name: functions={{function: name}}.")
        if not isinstance(getattr(conn.transform, "init", None), nengo.dists.Distribution):
            return transform
        rng = np.random.RandomState(self.build().seeds[conn])
        conn.eval_points.sample(len(points), conn.pre_obj.dimensions, rng=rng)
        return {**transform, "init": self.value(conn.transform.sample(rng=rng), f"{conn}.transform")}

    def probe(self, probe):
        where = str(probe)
        decoded = probe.attr == "decoded_output"
        return {
            **self.head(probe),
            "target": self.ref(probe.target),
            "attribute": camel(probe.attr),
            "sampleEvery": None if probe.sample_every is None else float(probe.sample_every),
            "synapse": self.value(probe.synapse, f"{where}.synapse"),
            **({"solver": self.value(probe.solver, f"{where}.solver")} if decoded else {}),
        }

    def ref(self, target):
        part = {}
        if isinstance(target, ObjView):
            index = target.slice
            target = target.obj
            if isinstance(index, slice):
                part = {"slice": [None if bound is None else int(bound) for bound in (index.start, index.stop, index.step)]}
            else:
                index = np.asarray(index)
                part = {"indices": [int(k) for k in (np.flatnonzero(index) if index.dtype == bool else index)]}
        if isinstance(target, Neurons):
            return {"id": self.ids[target.ensemble], "attribute": "neurons", **part}
        if isinstance(target, LearningRule):
            rules = target.connection.learning_rule
            keys = rules.items() if isinstance(rules, dict) else enumerate(rules) if isinstance(rules, (list, tuple)) else []
            rule = next(({"rule": key} for key, other in keys if other.learning_rule_type is target.learning_rule_type), {})
            return {"id": self.ids[target.connection], "attribute": "learningRule", **rule, **part}
        return {"id": self.ids[target], **part}

    def named(self, function, where):
        name = self.given.get(id(function))
        if name is None:
            name = self.names.get(id(function))
        if name is None:
            own = re.sub(r"\W+", "_", getattr(function, "__name__", type(function).__name__)).strip("_") or "function"
            taken = {*self.given.values(), *self.names.values()}
            name = own
            k = 1
            while name in taken:
                k += 1
                name = f"{own}{k}"
            self.names[id(function)] = name
        if name not in self.needed:
            self.needed.append(name)
        return {"type": "function", "name": name}

    def value(self, value, where):
        """A parameter's value as JSON holds it."""
        if value is None or isinstance(value, (str, bool)):
            return value
        if isinstance(value, np.bool_):
            return bool(value)
        if isinstance(value, (int, np.integer)):
            return int(value)
        if isinstance(value, (float, np.floating)):
            if not np.isfinite(value):
                raise ExportError(f"{where}: expected a finite number, got {value}")
            return float(value)
        if isinstance(value, np.ndarray):
            if not np.all(np.isfinite(value)):
                raise ExportError(f"{where}: expected finite numbers, got an array with others")
            return value.tolist()
        if hasattr(value, "tocoo"):  # a matrix of scipy.sparse, as nengo.Sparse takes it
            entries = value.tocoo()
            data = self.value(np.asarray(entries.data, dtype=float), where)
            return {"type": "SparseMatrix", "shape": [int(size) for size in entries.shape], "indices": np.stack([entries.row, entries.col], axis=1).tolist(), "data": data}
        if isinstance(value, dict):
            return {key if isinstance(key, str) else repr(float(key)): self.value(item, f"{where}[{key!r}]") for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item, f"{where}[{k}]") for k, item in enumerate(value)]
        if callable(value) and not hasattr(type(value), "params") and inspect.isroutine(value):
            raise ExportError(f"{where}: a function cannot be written here")
        return self.declared(value, where)

    def declared(self, value, where):
        kind = type(value)
        if not any(getattr(home, kind.__name__, None) is kind for home in HOMES):
            raise ExportError(f"{where}: {kind.__module__}.{kind.__name__} is no class of nengo's; a network file cannot hold it")
        if isinstance(value, nengo.transforms.ChannelShape):
            return {"shape": [int(size) for size in value.shape], "channelsLast": bool(value.channels_last)}
        if isinstance(value, nengo.dists.CosineSimilarity):
            return {"type": "CosineSimilarity", "dimensions": int(value.n + value.m)}
        if isinstance(value, nengo.dists.SubvectorLength):
            return {"type": "SubvectorLength", "dimensions": int(value.n + value.m), "subdimensions": int(value.m)}
        names = [name for name in inspect.signature(kind.__init__).parameters if name not in ("self", "kwargs", "args")]
        if isinstance(value, nengo.Sparse):
            names = ["shape", "init"]
        options = {}
        for name in names:
            if name in PROCESS_OPTIONS and isinstance(value, nengo.Process):
                continue
            item = getattr(value, name)
            if name == "initial_state" and not item:
                continue
            if isinstance(item, float) and np.isinf(item) and inspect.signature(kind.__init__).parameters[name].default == item:
                continue  # what is left out is the default, which JSON cannot hold
            options[camel(name)] = self.states(item, where) if name == "initial_state" else self.value(item, f"{where}.{name}")
        if isinstance(value, nengo.Process):
            options.update(self.process_options(value))
        if not isinstance(options.get("init"), (dict, list, int, float, type(None))):
            raise ExportError(f"{where}.init: {type(value.init).__name__} cannot be written")
        return {"type": kind.__name__, **options}

    def states(self, states, where):
        return {camel(name): self.value(item, f"{where}.initial_state[{name!r}]") for name, item in states.items()}

    def process_options(self, process):
        synapse = isinstance(process, nengo.synapses.Synapse)
        fixed = isinstance(process, (nengo.processes.PresentInput, nengo.processes.Piecewise))
        options = {}
        if not synapse and not fixed:
            options["defaultSizeOut"] = int(process.default_size_out)
        if synapse and process.default_size_in != 1:
            options["defaultSizeIn"] = int(process.default_size_in)
        if process.default_dt != PROCESS_OPTIONS["default_dt"]:
            options["defaultDt"] = float(process.default_dt)
        if process.seed is not None:
            options["seed"] = int(process.seed)
        return options


def load(place):
    """The model that `file.py:name` means."""
    path, _, name = place.partition(":")
    spec = importlib.util.spec_from_file_location("model_to_export", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name or "model")


def main():
    parser = argparse.ArgumentParser(description="Writes a Nengo model as a network file for tfjs-nengo.")
    parser.add_argument("model", help="file.py:variable (variable is `model` if left out)")
    parser.add_argument("output", help="the file to write")
    parser.add_argument("--steps", type=int, default=None, help="write so many values of Nodes that are functions of time")
    parser.add_argument("--dt", type=float, default=0.001, help="seconds between those values")
    arguments = parser.parse_args()
    needed = save(load(arguments.model), arguments.output, steps=arguments.steps, dt=arguments.dt)
    if needed:
        print("Give these functions in JavaScript: networkFromJSON(document, { functions: { " + ", ".join(needed) + " } })")


if __name__ == "__main__":
    main()
