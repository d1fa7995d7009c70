/**
 * `node dist/bench/spikeLists.js [--dtype float64] [--batch 1] [--rows 1,4,16] [--columns 2,3,...]`: from how many columns on a product of spikes is faster by a list of the columns that are
 * not zero. Nanoseconds of the processor a product, by a list and without one, for products of few columns; the engine lists from as many as
 * `LISTED` in src/engines/wasm/matmul.ts says.
 */
import { parseArgs } from "node:util";
import { table, type Dtype } from "../src/engines/engine.ts";
import { WasmEngine } from "../src/engines/wasm/engine.ts";
import type { Operator } from "../src/ir/operators.ts";
import { range, Signal } from "../src/ir/signal.ts";
import { RandomState } from "../src/math/random.ts";
import { planProgram } from "../src/plan/plan.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1,4,16" },
    columns: { type: "string", default: "2,3,4,5,6,8,12,20,50,100" },
    dtype: { type: "string", default: "float64" },
    batch: { type: "string", default: "1" },
  },
});
const dtype = values.dtype as Dtype;
const batch = Number(values.batch);
/** Products side by side, and steps, of which each has spikes of its own. */
const PRODUCTS = batch > 1 ? 40 : 200;
const STEPS = 100;

/** Nanoseconds of one product: the least of some runs. */
function cost(columns: number, rows: number, rate: number, spikes: boolean): number {
  const rng = new RandomState(columns);
  const fed = new Signal("fed", { shape: [PRODUCTS * columns], perItem: true });
  const results: Signal[] = [];
  const operators: Operator[] = [{ kind: "feed", origin: "feed", target: range(fed), slot: "spikes", stream: null }];
  for (let k = 0; k < PRODUCTS; k++) {
    const weights = new Signal(`w${k}`, { shape: [rows * columns], perItem: false, initial: rng.normals(rows * columns) });
    const y = new Signal(`y${k}`, { shape: [rows], perItem: true });
    operators.push({
      kind: "matmul",
      origin: `product ${k}`,
      weights: { signal: weights, offset: 0, strides: [1, rows] },
      x: { signal: fed, offset: k * columns, length: columns },
      y: range(y),
      role: "set",
      spikes,
    });
    results.push(y);
  }
  const plan = planProgram({ dt: 0.001, streams: [], results, operators: [{ kind: "time", origin: "time" }, ...operators] });
  const executable = new WasmEngine().prepare(plan, { dtype, batch });
  const state = executable.initialState();
  const size = PRODUCTS * columns;
  const data = Float64Array.from(rng.uniforms(batch * STEPS * size, 0, 1), (v) => (v < rate ? 1000 : 0));
  const feeds = new Map([["spikes", table(data, STEPS, size)]]);
  let least = Infinity;
  for (let k = 0; k < 10; k++) {
    const start = process.cpuUsage();
    executable.run({ nSteps: STEPS, state, feeds });
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, user + system);
  }
  return (least * 1000) / (STEPS * PRODUCTS);
}

const shares = [0.02, 0.05, 0.1, 0.25];
console.log(`${dtype}, ${batch} items: nanoseconds of a product by a list / without, by the share of the columns that are not zero`);
console.log(["rows", "columns", ...shares.map((share) => `${100 * share} %`)].map((head) => head.padStart(14)).join(""));
for (const height of values.rows.split(",").map(Number))
  for (const columns of values.columns.split(",").map(Number)) {
    const costs = shares.map((share) => [true, false].map((spikes) => cost(columns, height, share, spikes).toFixed(1)).join(" / "));
    console.log([height, columns, ...costs].map((text) => String(text).padStart(14)).join(""));
  }
