import * as nengo from "tfjs-nengo";

/** The tutorial's network: an input signal, squared by one ensemble, whose sine another computes. */
export interface Tutorial {
  readonly net: nengo.Network;
  readonly inpt: nengo.Node;
  readonly square: nengo.Ensemble;
  readonly sin: nengo.Ensemble;
  readonly outpt: nengo.Node;
  readonly inptP: nengo.Probe;
  readonly outptP: nengo.Probe;
}

/** Makes it; the same seed gives the same neurons, signal and spikes as in Python Nengo. */
export function tutorialNetwork(): Tutorial {
  const net = new nengo.Network({ seed: 0, label: "tutorial" });
  const inpt = net.node(new nengo.WhiteSignal({ period: 1, high: 5, rms: 0.3 }));
  const square = net.ensemble(20, 1, { label: "square" });
  const sin = net.ensemble(20, 1, { label: "sin" });
  const outpt = net.node({ sizeIn: 1 });
  net.connect(inpt, square);
  net.connect(square, sin, { function: (x) => x[0] ** 2 });
  net.connect(sin, outpt, { function: (x) => Math.sin(x[0]) });
  const inptP = net.probe(inpt);
  const outptP = net.probe(outpt, { synapse: 0.01 });
  return { net, inpt, square, sin, outpt, inptP, outptP };
}
