import * as nengo from "../../../src/index.ts";

/** Bits as text, since JSON has no NaN and no negative zero. */
const bitsOf = (data: ArrayLike<number>): string =>
  Array.from(new BigUint64Array(Float64Array.from(data).buffer), (bits) => bits.toString(16)).join(" ");

/** Points in the plane; not drawn on a circle, since sines differ between versions of V8 in the last bit. */
const points = (count: number): number[][] => Array.from({ length: count }, (_, k) => [((k * 37) % 64) / 32 - 1, ((k * 23) % 62) / 31 - 1]);

/** A network of many kinds of operators; with `signal` one whose samples are made with JavaScript's sines. */
function make(signal: boolean) {
  const net = new nengo.Network({ seed: 7 });
  const wave = net.node((t) => [Math.abs(((t * 8) % 2) - 1), t]);
  const noise = new nengo.WhiteNoise({ dist: new nengo.Gaussian({ mean: 0, std: 0.1 }) });
  const pre = net.ensemble(40, 2, { noise, encoders: points(40), evalPoints: points(200) });
  const types = [
    new nengo.AdaptiveLIF(),
    new nengo.LIFRate(),
    new nengo.Sigmoid(),
    new nengo.PoissonSpiking({ baseType: new nengo.Tanh() }),
  ];
  const others = types.map((neuronType) => net.ensemble(20, 1, { neuronType }));
  others.forEach((post, k) =>
    net.connect(pre, post, { function: (x) => x[0] * x[1] + k / 4, synapse: k === 0 ? new nengo.Alpha({ tau: 0.01 }) : 0.005 }),
  );
  net.connect(wave, pre, { synapse: null });
  if (signal) net.connect(net.node(new nengo.WhiteSignal({ period: 0.5, high: 20, rms: 0.5 })), others[1], { transform: 0.3 });
  const learned = net.connect(pre, others[0], { function: () => 0, learningRuleType: new nengo.PES({ learningRate: 1e-4 }) });
  net.connect(others[1], learned.learningRule as nengo.LearningRule);
  return { net, probes: [net.probe(pre.neurons), ...others.flatMap((e) => [net.probe(e, { synapse: 0.01 }), net.probe(e.neurons)])] };
}

interface Input {
  readonly engine: "wasm" | "reference";
  readonly steps: number;
  readonly signal?: boolean;
}

/** Decoders are solved and steps run where this is called, in float64: the engine that ran, how many spikes the first ensemble gave, and all data. */
export async function run({ engine, steps, signal = false }: Input) {
  const { net, probes } = make(signal);
  const sim = new nengo.Simulator(net, { engine, progressBar: false });
  await sim.runSteps(steps);
  const data = probes.map((probe) => bitsOf(sim.data.get(probe).data));
  const spikes = Array.from(sim.data.get(probes[0]).data).filter((v) => v !== 0).length;
  const ran = sim.report.engine;
  sim.close();
  return { engine: ran, spikes, data };
}
