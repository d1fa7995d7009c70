"""Tests of python/nengo_to_json.py: models written, read back into Nengo and run, do the same. Run with nengo installed:

    python test/python/test_nengo_to_json.py
"""

import json
import subprocess
import sys
import tempfile
import unittest
import warnings
from pathlib import Path

import nengo
import numpy as np
import scipy.sparse

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "python"), str(ROOT / "test" / "fixtures" / "nengo")]
from models import Maker  # noqa: E402
from nengo_to_json import ExportError, save, to_json  # noqa: E402
from support import Reader  # noqa: E402

STEPS = 60


def run(net):
    with nengo.Simulator(net, optimize=False, progress_bar=False) as sim:
        sim.run_steps(STEPS)
    return [sim.data[p].copy() for p in net.all_probes]


class Written(unittest.TestCase):
    def setUp(self):
        warnings.simplefilter("ignore")

    def compare(self, net, functions=None, **options):
        names = {name: function for function, name in (functions or {}).items()}
        document = json.loads(json.dumps(to_json(net, functions=functions, **options), allow_nan=False))
        again = Reader(document, names).network
        for wanted, got in zip(run(net), run(again), strict=True):
            np.testing.assert_array_equal(got, wanted)
        return document

    def test_random_models_come_back(self):
        compared = 0
        for seed in range(3000, 3070):
            try:
                net = Maker(seed).model(seed)
                run(net)
            except (nengo.exceptions.NengoException, NotImplementedError, ValueError):
                continue  # Nengo itself refuses it
            if any(isinstance(c.pre, nengo.base.ObjView) and c.function is not None for c in net.all_connections):
                continue  # the file may give evaluation points to a slice, Nengo may not
            with self.subTest(seed=seed):
                self.compare(net, steps=STEPS)
                compared += 1
        self.assertGreater(compared, 40)

    def test_ready_made_networks_come_back(self):
        with nengo.Network(seed=1) as net:
            bg = nengo.networks.BasalGanglia(2, 20)
            nengo.Connection(nengo.Node([0.8, 0.3]), bg.input)
            nengo.Probe(bg.output, synapse=0.01)
        self.compare(net)

    def test_matrices_of_scipy_are_written(self):
        with nengo.Network(seed=1) as net:
            target = nengo.Node(size_in=3)
            matrix = scipy.sparse.csr_matrix([[0, 1.5, 0, 0], [0, 0, 0, 0], [-2, 0, 0, 3]])
            nengo.Connection(nengo.Node([1, 2, 3, 4]), target, transform=nengo.Sparse((3, 4), init=matrix))
            nengo.Probe(target)
        transform = self.compare(net)["network"]["connections"][0]["transform"]
        self.assertEqual(transform["init"]["indices"], [[0, 1], [2, 0], [2, 3]])

    def test_functions_by_name(self):
        def twice(t, x):
            return 2 * x

        square = lambda x: x**2  # noqa: E731
        with nengo.Network(seed=1) as net:
            source = nengo.Node([0.5])
            node = nengo.Node(twice, size_in=1)
            direct = nengo.Ensemble(1, 1, neuron_type=nengo.Direct())
            nengo.Connection(source, node)
            nengo.Connection(node, direct, function=square)
            nengo.Probe(direct)
        document = self.compare(net, functions={twice: "twice", square: "square"})
        self.assertEqual(document["network"]["nodes"][1]["output"], {"type": "function", "name": "twice"})
        self.assertEqual(document["network"]["connections"][1]["function"], {"type": "function", "name": "square"})
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(save(net, Path(folder) / "model.json"), ["twice", "lambda"])

    def test_a_seed_is_written_where_there_is_none(self):
        with nengo.Network() as net:
            nengo.Probe(nengo.Ensemble(10, 1))
        self.assertIsInstance(to_json(net)["network"]["seed"], int)

    def test_what_cannot_be_written_is_refused(self):
        class Own(nengo.LIF):
            pass

        with nengo.Network(seed=1) as net:
            nengo.Ensemble(10, 1, neuron_type=Own(), label="mine")
        with self.assertRaisesRegex(ExportError, r"'mine'.*neuron_type.*Own is no class of nengo"):
            to_json(net)
        with self.assertRaisesRegex(ExportError, "expected a nengo.Network, got int"):
            to_json(3)
        with nengo.Network(seed=1) as net:
            # The file would hold the points that nengo draws first, and the noise would come out otherwise.
            square = lambda x: x**2  # noqa: E731
            options = dict(function=square, eval_points=nengo.dists.Uniform(-1, 1), solver=nengo.solvers.LstsqNoise())
            nengo.Connection(nengo.Ensemble(10, 1), nengo.Node(size_in=1), **options)
        with self.assertRaisesRegex(ExportError, "Give the function a name"):
            to_json(net)
        self.compare(net, functions={square: "square"})
        with nengo.Network(seed=1) as net:
            nengo.Node(nengo.processes.Piecewise({0: lambda t: t}))
        with self.assertRaises(ExportError):
            to_json(net)

    def test_the_command_line(self):
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder) / "my_model.py", Path(folder) / "model.json"
            source.write_text("import nengo\nwith nengo.Network(seed=4) as net:\n    nengo.Node(lambda t: t)\n    nengo.Node(lambda t, x: x, size_in=1)\n")
            script = [sys.executable, str(ROOT / "python" / "nengo_to_json.py"), f"{source}:net", str(target), "--steps", "3"]
            out = subprocess.run(script, check=True, capture_output=True, text=True).stdout
            self.assertIn("{ lambda }", out)
            nodes = json.loads(target.read_text())["network"]["nodes"]
            self.assertEqual(nodes[0]["output"], {"type": "table", "values": [[0.001], [0.002], [0.003]]})


if __name__ == "__main__":
    unittest.main()
