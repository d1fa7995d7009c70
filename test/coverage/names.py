"""Public names of Nengo, NengoDL, KerasSpiking and KerasLMU, as dir() tells them. Writes names.json.

Run with Python 3.11 and `pip install tensorflow-cpu==2.12.1 tensorflow==2.12.1 nengo-dl==3.6.0 keras-spiking==0.3.0 keras-lmu==0.7.0
nengo==4.1.0 matplotlib`.
"""

import importlib
import inspect
import json
import os
import pkgutil
import warnings
from importlib.metadata import version
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.simplefilter("ignore")

PACKAGES = {"nengo": "nengo", "nengo_dl": "nengo-dl", "keras_spiking": "keras-spiking", "keras_lmu": "keras-lmu"}
MEMBERS = ["nengo.Network", "nengo.Ensemble", "nengo.Node", "nengo.Connection", "nengo.Probe", "nengo.Simulator", "nengo.Process", "nengo.Config", "nengo.synapses.Synapse", "nengo.neurons.NeuronType", "nengo.dists.Distribution", "nengo.solvers.Solver", "nengo_dl.Simulator"]
SKIPPED = (".tests", "._vendor", ".spa.", ".conftest", ".rc", ".version", ".compat")


def public(module):
    """What a module defines itself, or (a package) takes from its own modules."""
    names = []
    for name in dir(module):
        value = getattr(module, name)
        home = getattr(value, "__module__", None)
        if name.startswith("_") or inspect.ismodule(value):
            continue
        if isinstance(home, str) and home != module.__name__ and not home.startswith(module.__name__ + "."):
            continue
        # plain values of other packages, such as numpy's functions without a home
        if not isinstance(home, str) and not isinstance(value, (int, str, dict, tuple)):
            continue
        names.append(name)
    return sorted(names)


def modules(package):
    yield package
    for info in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        if not any(part in f"{info.name}." for part in SKIPPED):
            yield info.name


names, unseen = {}, []
for package in PACKAGES:
    for name in modules(package):
        try:
            found = public(importlib.import_module(name))
        except Exception as error:
            unseen.append(f"{name}: {type(error).__name__}")
            continue
        # a name is told where it is defined, and at the top
        if found:
            names[name] = found

members = {}
for path in MEMBERS:
    module, _, cls = path.rpartition(".")
    members[path] = sorted(n for n in dir(getattr(importlib.import_module(module), cls)) if not n.startswith("_"))

versions = {package: version(distribution) for package, distribution in PACKAGES.items()}
document = {"generator": "test/coverage/names.py", "versions": versions, "unseen": unseen, "names": names, "members": members}
path = Path(__file__).with_name("names.json")
path.write_text(json.dumps(document, indent=1) + "\n")
print(unseen, {k: len(v) for k, v in names.items()})
