import { readFileSync } from "node:fs";
import * as nengo from "tfjs-nengo";
import { tutorialNetwork } from "./network.ts";
import { check, figure, heading, largestDifference, rmse, timed } from "./report.ts";

interface Saved {
  readonly input: { readonly data: readonly number[] };
  readonly output: { readonly data: readonly number[] };
  readonly ensembles: Readonly<
    Record<"square" | "sin", Readonly<Record<"encoders" | "gain" | "bias", { readonly data: readonly number[] }>>>
  >;
  readonly connections: readonly { readonly weights: { readonly data: readonly number[] } | null }[];
}

const sineOfSquare = (x: ArrayLike<number>): Float64Array => Float64Array.from(x, (v) => Math.sin(v * v));
const seconds = (sim: nengo.Simulator): Float64Array => sim.trange();

/** Steps 1 and 2: the network, and the same numbers as Python Nengo 4.1. */
export async function parity(): Promise<void> {
  heading("1  A network from Nengo's tutorial: sin(x^2) with two ensembles of 20 LIF neurons");
  const { net, square, sin, inptP, outptP } = tutorialNetwork();
  console.log(
    `   ${net.allEnsembles.length} ensembles, ${net.nNeurons} neurons, ${net.allConnections.length} connections, ${net.allProbes.length} probes`,
  );
  check(net.nNeurons === 40 && net.allConnections.length === 3, "40 neurons and 3 connections");

  heading("2  One second, with the numbers of Python Nengo 4.1");
  const python = JSON.parse(readFileSync(new URL("../../../test/fixtures/nengo/tutorial.json", import.meta.url), "utf8")) as Saved;
  const sim = new nengo.Simulator(net, { seed: 0 });
  const [, ms] = await timed(() => sim.run(1.0));
  console.log(`   1000 steps in ${ms.toFixed(1)} ms (the first run, still being compiled by the JavaScript engine)`);
  const relative = (ours: ArrayLike<number>, theirs: readonly number[]): number =>
    largestDifference(ours, theirs) / Math.max(...theirs.map(Math.abs));
  let built = 0;
  for (const [ensemble, saved] of [
    [square, python.ensembles.square],
    [sin, python.ensembles.sin],
  ] as const) {
    const data = sim.data.get(ensemble);
    built = Math.max(
      built,
      relative(data.encoders.data, saved.encoders.data),
      relative(data.gain!.data, saved.gain.data),
      relative(data.bias!.data, saved.bias.data),
    );
  }
  net.connections.forEach((connection, k) => {
    const saved = python.connections[k].weights;
    if (saved !== null) built = Math.max(built, relative(sim.data.get(connection).weights!.data, saved.data));
  });
  const [input, output] = [sim.data.get(inptP).data, sim.data.get(outptP).data];
  const [inputError, outputError] = [largestDifference(input, python.input.data), largestDifference(output, python.output.data)];
  check(built <= 1e-12, `encoders, gains, biases and decoders within ${built.toExponential(1)} of their largest value`);
  check(inputError <= 1e-12, `input signal within ${inputError.toExponential(1)}`);
  check(outputError <= 1e-9, `filtered output of all 1000 steps within ${outputError.toExponential(1)}`);
  figure("2-run", "One second of the network", "value", [
    { label: "input x", x: seconds(sim), y: input },
    { label: "output (synapse 0.01)", x: seconds(sim), y: output },
    { label: "sin(x^2)", x: seconds(sim), y: sineOfSquare(input), dash: "4 3" },
  ]);
}

/** Step 3: other noise by another seed, and a minibatch. */
export async function resetsAndMinibatch(): Promise<void> {
  heading("3  Three runs with reset({seed}), then three items side by side");
  const { net, inptP, outptP } = tutorialNetwork();
  const sim = new nengo.Simulator(net, { seed: 0 });
  const runs: { input: ArrayLike<number>; output: ArrayLike<number> }[] = [];
  for (const seed of [0, 1, 2]) {
    sim.reset({ seed });
    await sim.run(1.0);
    runs.push({ input: sim.data.get(inptP).data, output: sim.data.get(outptP).data });
  }
  const apart = Math.min(rmse(runs[0].input, runs[1].input), rmse(runs[1].input, runs[2].input));
  check(apart > 0.1, `every seed gives another input signal (at least ${apart.toFixed(2)} apart, root mean square)`);
  figure(
    "3-resets",
    "Three seeds",
    "output",
    runs.map(({ output }, k) => ({ label: `seed ${k}`, x: seconds(sim), y: output })),
  );

  const batch = new nengo.Simulator(net, { seed: 0, minibatchSize: 3 });
  const [, ms] = await timed(() => batch.run(1.0));
  const data = batch.data.get(outptP);
  console.log(`   minibatch of 3: data of shape [${data.shape.join(", ")}] in ${ms.toFixed(1)} ms`);
  check(largestDifference(data.item(0).data, runs[0].output) === 0, "item 0 is the unbatched run, bit for bit");
  const inputs = batch.data.get(inptP);
  check(
    rmse(inputs.item(0).data, inputs.item(1).data) > 0.1 && rmse(inputs.item(1).data, inputs.item(2).data) > 0.1,
    "the items have inputs of their own",
  );
  figure(
    "3-minibatch",
    "Three items of a minibatch",
    "output",
    [0, 1, 2].map((b) => ({ label: `item ${b}`, x: seconds(batch), y: data.item(b).data })),
  );
}

/** `steps` values that rise from -slope to slope. */
const ramp = (slope: number, steps = 1000): number[][] => Array.from({ length: steps }, (_, k) => [slope * ((2 * k) / (steps - 1) - 1)]);

/** Step 4: data for the input Node at run time. */
export async function dataAtRunTime(): Promise<void> {
  heading("4  Data instead of the input Node's own signal");
  const { net, inpt, inptP, outptP } = tutorialNetwork();
  const sim = new nengo.Simulator(net, { seed: 0 });
  await sim.run(1.0, { data: [[inpt, [ramp(1)]]] });
  check(
    largestDifference(sim.data.get(inptP).data, ramp(1).flat()) === 0,
    "the input probe shows the ramp that was fed, shape [1, 1000, 1]",
  );
  figure("4-ramp", "A ramp as input", "value", [
    { label: "input x", x: seconds(sim), y: sim.data.get(inptP).data },
    { label: "output", x: seconds(sim), y: sim.data.get(outptP).data },
    { label: "sin(x^2)", x: seconds(sim), y: sineOfSquare(ramp(1).flat()), dash: "4 3" },
  ]);
  const slopes = [1, 0.75, 0.5];
  const batch = new nengo.Simulator(net, { seed: 0, minibatchSize: 3 });
  await batch.run(1.0, { data: [[inpt, slopes.map((slope) => ramp(slope))]] });
  const output = batch.data.get(outptP);
  check(largestDifference(output.item(0).data, sim.data.get(outptP).data) === 0, "the first of three ramps gives what it gave alone");
  const errors = slopes.map((slope, b) => rmse(output.item(b).data, sineOfSquare(ramp(slope).flat())));
  check(Math.max(...errors) < 0.15, `outputs follow sin(x^2) to ${errors.map((e) => e.toFixed(3)).join(", ")} (root mean square)`);
  figure(
    "4-ramps",
    "Three ramps at once",
    "output",
    slopes.map((slope, b) => ({ label: `slope ${slope}`, x: seconds(batch), y: output.item(b).data })),
  );
}

/** Step 8: computing with JavaScript in a Node, and with tensors in a tensor node. */
export async function tensorNode(): Promise<void> {
  heading("8  exp(x) in a JavaScript Node and in a tensor node");
  const tf = await import("@tensorflow/tfjs");
  const { net, outpt, inptP } = tutorialNetwork();
  const inJavaScript = net.node((_t, x) => Math.exp(x[0]), { sizeIn: 1, label: "exp in JavaScript" });
  const inTensors = nengo.tensorNode(net, (_t, x) => tf.exp(x), { shapeIn: [1], label: "exp in tensors" });
  net.connect(outpt, inJavaScript);
  net.connect(outpt, inTensors);
  const probes = [inJavaScript, inTensors].map((node) => net.probe(node, { synapse: 0.01 }));
  const sim = new nengo.Simulator(net, { seed: 0 });
  await sim.run(1.0);
  const [a, b] = probes.map((p) => sim.data.get(p).data) as [Float64Array, Float64Array];
  const scale = Math.max(...a);
  check(largestDifference(a, b) / scale <= 1e-6, `both give the same to ${(largestDifference(a, b) / scale).toExponential(1)} of scale`);
  console.log(String(sim.report).replace(/^/gm, "   "));
  figure("8-tensor-node", "exp(sin(x^2)), in JavaScript and in tensors", "value", [
    { label: "JavaScript Node", x: seconds(sim), y: a },
    { label: "tensor node", x: seconds(sim), y: b, dash: "6 4" },
    { label: "exp(sin(x^2))", x: seconds(sim), y: sineOfSquare(sim.data.get(inptP).data).map(Math.exp), dash: "2 3" },
  ]);
}
