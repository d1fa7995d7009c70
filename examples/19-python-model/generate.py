"""Writes model.json by the exporter, and expected.json: what Python Nengo makes of the model. Needs nengo 4.1."""

import json
import sys
from pathlib import Path

import nengo
import numpy as np

here = Path(__file__).parent
sys.path[:0] = [str(here), str(here.parents[1] / "python")]
from model import model, output, spikes  # noqa: E402
from nengo_to_json import save  # noqa: E402

save(model, here / "model.json")
with nengo.Simulator(model, optimize=False, progress_bar=False) as sim:
    sim.run(3.0)
counts = np.rint(sim.data[spikes] * sim.dt).sum(axis=1).astype(int)
expected = {"nengo": nengo.__version__, "output": sim.data[output].ravel().tolist()[:1800:7], "spikes": counts[:1000].tolist()}
(here / "expected.json").write_text(json.dumps(expected, separators=(",", ":")))
