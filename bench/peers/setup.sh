#!/usr/bin/env bash
# Virtual environments with the Python peers, beside this script: .venv-nengo and .venv-nengodl. Needs Python 3.11.
# NengoDL 3.6 is its last release and wants TensorFlow <= 2.12, which needs numpy < 1.24.
set -euo pipefail
cd "$(dirname "$0")"
PYTHON="${PYTHON:-python3.11}"

"$PYTHON" -m venv .venv-nengo
.venv-nengo/bin/pip install --quiet nengo==4.1.0 numpy==2.4.6 scipy==1.17.1

"$PYTHON" -m venv .venv-nengodl
.venv-nengodl/bin/pip install --quiet "tensorflow-cpu==2.12.1" "tensorflow==2.12.1" "nengo==4.1.0" "nengo-dl==3.6.0" "keras-spiking==0.3.0" "keras-lmu==0.7.0" "numpy<1.24" scipy

.venv-nengo/bin/python -c "import nengo; print('nengo', nengo.__version__)"
.venv-nengodl/bin/python -c "import nengo_dl; print('nengo-dl', nengo_dl.__version__)" 2>/dev/null
