import fc from "fast-check";
import { add, floor, input, max, min, mul, sub, type Expr } from "../../src/expr/expr.ts";
import type { Operator } from "../../src/ir/operators.ts";
import type { Program } from "../../src/ir/program.ts";
import { operand, range, type Signal } from "../../src/ir/signal.ts";
import { RandomState } from "../../src/math/random.ts";
import { Network, type Connectable, type Ensemble, type Node, type Probe } from "../../src/network/index.ts";
import * as neurons from "../../src/neurons/index.ts";
import { NeuronType } from "../../src/neurons/neuronType.ts";
import { WhiteNoise, WhiteSignal } from "../../src/processes/index.ts";
import { feedOf, perItem, programOf, recordOf, shared, whole } from "./programs.ts";

const below = (n: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: n - 1 });

/** A random program with the slots of its feeds. */
export interface RandomProgram {
  readonly program: Program;
  readonly fed: readonly { readonly slot: string; readonly size: number }[];
}

/** Down to a multiple of 1/16 between -8 and 8. With whole weights everything stays a short binary fraction, so that no sum is rounded and no order of summation matters. */
const exact = (e: Expr): Expr => mul(floor(mul(max(min(e, 8), -8), 16)), 1 / 16);
const [x, y, c] = ["x", "y", "c"].map(input) as [Expr, Expr, Expr];
const formulas = [exact(add(mul(c, x), y)), exact(sub(mul(x, y), c)), exact(max(x, mul(c, y)))];

const step = fc.record({
  kind: fc.constantFrom("elementwise", "elementwise", "matmul", "copy", "sum"),
  a: below(100),
  b: below(100),
  formula: below(formulas.length),
  size: fc.integer({ min: 1, max: 4 }),
  parts: fc.array(fc.record({ kind: fc.constantFrom("copy", "matmul", "elementwise", "partial"), a: below(100) }), {
    minLength: 1,
    maxLength: 3,
  }),
  recorded: fc.boolean(),
});

/**
 * A program of layers: every signal is set, or reset and then incremented, from earlier signals and from states; states
 * are updated at the end, or in place in the middle. All its arithmetic is exact.
 */
export const randomPrograms: fc.Arbitrary<RandomProgram> = fc
  .record({
    seed: below(1000),
    fed: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 2 }),
    states: fc.array(
      fc.record({ size: fc.integer({ min: 1, max: 4 }), from: below(100), formula: below(formulas.length), inPlace: fc.boolean() }),
      { minLength: 1, maxLength: 3 },
    ),
    steps: fc.array(step, { minLength: 2, maxLength: 7 }),
    period: fc.constantFrom(1, 2, 2.5),
  })
  .map(({ seed, fed, states, steps, period }) => {
    const rng = new RandomState(seed);
    const whole_ = (n: number): number[] => Array.from({ length: n }, () => rng.randint(-2, 3));
    const operators: Operator[] = [];
    const known: Signal[] = [];
    const pick = (k: number): Signal => known[k % known.length];
    const indices = (from: Signal, size: number): number[] => Array.from({ length: size }, () => rng.randint(0, from.size));
    const fedSignals = fed.map((size, k) => perItem(`fed${k}`, size));
    for (const signal of fedSignals) operators.push(feedOf(signal));
    const stateSignals = states.map(({ size }, k) => perItem(`state${k}`, whole_(size)));
    known.push(...fedSignals, ...stateSignals.filter((_, k) => !states[k].inPlace));
    /** A signal of the wanted size. */
    const sized = (from: Signal, size: number): Signal => {
      if (from.size === size) return from;
      const out = perItem(`${from.name}>${size}`, size);
      operators.push({ kind: "copy", origin: "pick", source: whole(from, indices(from, size)), target: whole(out), role: "set" });
      return out;
    };
    const elementwise = (into: Signal, from: readonly [Signal, Signal], formula: number, role: "set" | "inc" | "update"): void => {
      const [p, q] = from.map((s) => sized(s, into.size)) as [Signal, Signal];
      operators.push({
        kind: "elementwise",
        origin: `elementwise ${into.name}`,
        shape: [into.size],
        inputs: { x: operand(range(p)), y: operand(range(q)) },
        constants: { c: rng.randint(0, 2) === 0 ? rng.randint(-1, 2) : Float64Array.from(whole_(into.size)) },
        outputs: [{ operand: operand(range(into)), role, expr: formulas[formula] }],
        differentiable: true,
      });
    };
    const matmul = (into: Signal, from: Signal, role: "set" | "inc"): void => {
      const w = shared(`w of ${into.name}`, whole_(into.size * from.size));
      const byRows = rng.randint(0, 2) === 0;
      operators.push({
        kind: "matmul",
        origin: `matmul ${into.name}`,
        weights: { signal: w, offset: 0, strides: byRows ? [from.size, 1] : [1, into.size] },
        x: range(from),
        y: range(into),
        role,
        spikes: rng.randint(0, 2) === 0,
      });
    };
    const bounded = (from: Signal): Signal => {
      const out = perItem(`bounded ${from.name}`, from.size);
      elementwise(out, [from, from], 2, "set");
      return out;
    };
    steps.forEach(({ kind, a, b, formula, size, parts }, k) => {
      const into = perItem(`s${k}`, size);
      if (kind === "elementwise") elementwise(into, [pick(a), pick(b)], formula, "set");
      else if (kind === "matmul") matmul(into, pick(a), "set");
      else if (kind === "copy")
        operators.push({ kind: "copy", origin: "copy", source: whole(pick(a), indices(pick(a), size)), target: whole(into), role: "set" });
      else {
        operators.push({ kind: "set", origin: `reset ${into.name}`, target: range(into), value: rng.randint(0, 3) === 0 ? 1 : 0 });
        for (const part of parts) {
          const from = pick(part.a);
          if (part.kind === "matmul") matmul(into, from, "inc");
          else if (part.kind === "elementwise") elementwise(into, [from, pick(b)], formula, "inc");
          else if (part.kind === "copy")
            operators.push({ kind: "copy", origin: "add", source: whole(from, indices(from, size)), target: whole(into), role: "inc" });
          else
            operators.push({
              kind: "copy",
              origin: "add to a part",
              source: whole(from, [0]),
              target: whole(into, [size - 1]),
              role: "inc",
            });
        }
      }
      known.push(kind === "elementwise" ? into : bounded(into));
    });
    states.forEach(({ from, formula, inPlace }, k) => {
      if (!inPlace) return;
      const state = stateSignals[k];
      elementwise(state, [pick(from), state], formula, "set");
      known.push(state);
    });
    states.forEach(({ from, formula, inPlace }, k) => {
      // Not from another state that is updated: both would want to go first.
      const sources = known.filter((s) => !stateSignals.includes(s));
      if (!inPlace) elementwise(stateSignals[k], [sources[from % sources.length], stateSignals[k]], formula, "update");
    });
    const recorded = [...stateSignals, ...known.slice(-2), ...known.filter((_, k) => steps[k]?.recorded === true)];
    for (const signal of new Set(recorded)) operators.push(recordOf(signal, signal.name, period));
    return { program: programOf(operators), fed: fedSignals.map((s) => ({ slot: s.name, size: s.size })) };
  });

/** Data for slots, short binary fractions, other ones for every item. */
export function exactData(
  fed: RandomProgram["fed"],
  { seed, batch, nSteps }: { seed: number; batch: number; nSteps: number },
): Record<string, number[][][]> {
  const rng = new RandomState(seed);
  const row = (size: number): number[] => Array.from({ length: size }, () => rng.randint(-64, 65) / 16);
  return Object.fromEntries(
    fed.map(({ slot, size }) => [slot, Array.from({ length: batch }, () => Array.from({ length: nSteps }, () => row(size)))]),
  );
}

type NeuronClass = new (options: object) => NeuronType;
const isNeuronClass = (value: unknown): value is NeuronClass => typeof value === "function" && value.prototype instanceof NeuronType;

/** Every neuron type that needs no options, as it is by default. */
export const neuronTypes: readonly NeuronType[] = Object.values<unknown>(neurons).flatMap((Class) =>
  isNeuronClass(Class) && Class.length === 0 ? [new Class({})] : [],
);

/** What a small random network is made of; plain data, so that a failing one can be read. */
export interface NetworkSpec {
  readonly seed: number;
  readonly sources: readonly { readonly kind: "constant" | "function" | "signal" | "noise"; readonly size: number }[];
  readonly ensembles: readonly {
    readonly n: number;
    readonly d: number;
    readonly type: number;
    readonly radius: number;
    readonly noisy: boolean;
  }[];
  readonly passes: readonly number[];
  readonly connections: readonly {
    readonly from: number;
    readonly to: number;
    readonly fromNeurons: boolean;
    readonly toNeurons: boolean;
    readonly synapse: null | number;
    readonly curved: boolean;
    readonly slicing: "none" | "first" | "list";
    readonly transform: boolean;
  }[];
  readonly probes: readonly {
    readonly object: number;
    readonly neurons: boolean;
    readonly synapse: null | number;
    readonly every: number;
  }[];
}

export interface NetworkChoices {
  /** Neuron types that may occur. */
  readonly types?: readonly NeuronType[];
  /** Whether there may be WhiteNoise, as a Node or as noise of ensembles. */
  readonly noise?: boolean;
  /** Whether loops may occur. @defaultValue true */
  readonly recurrent?: boolean;
  /** Whether functions are only decoded, so that gradients pass. @defaultValue false */
  readonly differentiable?: boolean;
}

/** Specifications of small networks: sources, ensembles, passthrough Nodes, connections among all of them, probes. */
export function networkSpecs({ types = neuronTypes, noise = true }: NetworkChoices = {}): fc.Arbitrary<NetworkSpec> {
  const synapse = fc.constantFrom(null, 0, 0.002, 0.005, 0.02);
  return fc.record({
    seed: below(10000),
    sources: fc.array(
      fc.record({
        kind: fc.constantFrom(...(["constant", "function", "signal"] as const), ...(noise ? (["noise"] as const) : [])),
        size: fc.integer({ min: 1, max: 2 }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
    ensembles: fc.array(
      fc.record({
        n: fc.integer({ min: 2, max: 8 }),
        d: fc.integer({ min: 1, max: 3 }),
        type: below(types.length),
        radius: fc.constantFrom(1, 0.5, 2),
        noisy: noise ? fc.boolean() : fc.constant(false),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    passes: fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 1 }),
    connections: fc.array(
      fc.record({
        from: below(100),
        to: below(100),
        fromNeurons: fc.boolean(),
        toNeurons: fc.boolean(),
        synapse,
        curved: fc.boolean(),
        slicing: fc.constantFrom("none", "first", "list"),
        transform: fc.boolean(),
      }),
      { minLength: 2, maxLength: 6 },
    ),
    probes: fc.array(fc.record({ object: below(100), neurons: fc.boolean(), synapse, every: fc.constantFrom(1, 1, 2, 2.5) }), {
      minLength: 1,
      maxLength: 3,
    }),
  });
}

export interface MadeNetwork {
  readonly net: Network;
  readonly inputs: readonly Node[];
  readonly probes: readonly Probe[];
}

/** Makes the network of a specification; of seed `seed` where one is given. */
export function makeNetwork(
  spec: NetworkSpec,
  { types = neuronTypes, recurrent = true, differentiable = false }: NetworkChoices = {},
): MadeNetwork {
  const net = new Network({ seed: spec.seed });
  const rng = new RandomState(spec.seed);
  const inputs = spec.sources.map(({ kind, size }) => {
    const phase = rng.uniform(0, 6);
    if (kind === "constant") return net.node([...rng.uniforms(size, -1, 1)]);
    if (kind === "function")
      return net.node((t: number) => Array.from({ length: size }, (_, i) => Math.sin(40 * t + phase + i)), { sizeOut: size });
    if (kind === "noise") return net.node(new WhiteNoise({ scale: false, defaultSizeOut: size }));
    return net.node(new WhiteSignal({ period: 0.1, high: 50, rms: 0.4, defaultSizeOut: size }));
  });
  const ensembles = spec.ensembles.map(({ n, d, type, radius, noisy }) =>
    net.ensemble(n, d, {
      neuronType: types[type],
      radius,
      nEvalPoints: 30,
      ...(noisy ? { noise: new WhiteNoise({ scale: false }) } : {}),
    }),
  );
  const passes = spec.passes.map((size) => net.node({ sizeIn: size }));
  const senders: (Node | Ensemble)[] = [...inputs, ...ensembles, ...passes];
  const receivers: (Node | Ensemble)[] = [...ensembles, ...passes];
  const hasNeurons = (object: Node | Ensemble): object is Ensemble => "neurons" in object && !(object.neuronType instanceof neurons.Direct);
  for (const { from, to, fromNeurons, toNeurons, synapse, curved, slicing, transform } of spec.connections) {
    const [pre, post] = [senders[from % senders.length], receivers[to % receivers.length]];
    const backwards = senders.indexOf(pre) >= senders.indexOf(post);
    if (backwards && !recurrent) continue;
    const spiky = fromNeurons && hasNeurons(pre);
    const current = toNeurons && hasNeurons(post);
    const whole_ = spiky ? pre.neurons : pre;
    const target: Connectable = current ? post.neurons : slicing === "first" ? post.at(-1) : post;
    const { sizeIn: sizeOut } = target;
    // A list may repeat only where there is no matrix.
    const list =
      sizeOut === 3 && !transform && !spiky && !current ? [whole_.sizeOut - 1, 0, 0] : whole_.sizeOut === 1 ? [0] : [whole_.sizeOut - 1, 0];
    const source: Connectable = slicing === "none" ? whole_ : slicing === "first" ? whole_.at(0) : whole_.pick(list);
    const sizeIn = source.sizeOut;
    // Rates are some hundred Hz, and gains as large.
    const scale = spiky && current ? 3e-6 : spiky ? 1e-3 : current ? 0.3 : 0.6;
    const matrix = transform || spiky || current || sizeIn !== sizeOut;
    net.connect(source, target, {
      // No loop without a synapse.
      synapse: backwards ? (synapse ?? 0.01) : synapse,
      ...(curved && !spiky && (differentiable ? hasNeurons(pre) : !(passes as readonly unknown[]).includes(pre))
        ? { function: (v: Float64Array) => v.map((e) => Math.sin(3 * e)) }
        : {}),
      ...(matrix ? { transform: Array.from({ length: sizeOut }, () => [...rng.normals(sizeIn)].map((v) => v * scale)) } : {}),
    });
  }
  const probes = spec.probes.map(({ object, neurons: ofNeurons, synapse, every }) => {
    const probed = senders[object % senders.length];
    return net.probe(ofNeurons && hasNeurons(probed) ? probed.neurons : probed, {
      synapse,
      ...(every === 1 ? {} : { sampleEvery: every / 1000 }),
    });
  });
  return { net, inputs, probes };
}
