import { ShapeError, ValidationError } from "../errors.ts";
import type { Expr } from "./expr.ts";
import type { Lanes } from "./moves.ts";
import { accumulate32, accumulate64, gather, listFalse, listTrue, load, loadRounded, merge, mergeNumber, scatter, store } from "./moves.ts";
import { fillPass } from "./passes.ts";
import { LISTS, POOL } from "./pool.ts";
import type { Schedule, Step } from "./schedule.ts";
import { NONE, schedule } from "./schedule.ts";

export type { Lanes } from "./moves.ts";

/** An output of a {@link VectorProgram}: set, or added to what is there. */
export interface VectorOutput {
  readonly expr: Expr;
  /** Add to what is in the output array instead of replacing it. */
  readonly accumulate: boolean;
}

/** How a program works inside; results do not depend on it. */
export interface VectorTuning {
  /** Lanes that are worked on at a time. */
  readonly block?: number;
  /** Share of lanes above which a branch is evaluated for all of them. */
  readonly compactBelow?: number;
  /** Cost (in additions a lane) from which on a branch is evaluated only for the lanes that take it. */
  readonly smallBranch?: number;
}

const OWNER = "VectorProgram";

/**
 * Expressions evaluated for whole arrays: every operation is one loop over a block of lanes, so that scratch memory stays
 * in the first-level cache. Within a block all reads come before all writes: an output may be the memory of an input at
 * the same offset. Throws a ValidationError for an input that is neither among `lanes` nor among `uniforms`.
 *
 * float64 results are those of {@link evaluate} with the `float64` arithmetic, bit for bit; in float32 every operation
 * rounds to float32 (transcendental functions once, from their float64 value; what is constant was folded in float64).
 */
export class VectorProgram {
  readonly #outputs: readonly VectorOutput[];
  readonly #nLanes: number;
  readonly #nUniforms: number;
  readonly #single: boolean;
  readonly #block: number;
  readonly #compactBelow: number;
  readonly #schedule: Schedule;
  /** Where each place stands in the pool; views move. */
  readonly #offsets: number[];
  readonly #numbersAt: number;
  /** A region evaluates `counts` lanes: those in its list if it is compact, else all that the region around it has. */
  readonly #counts: Int32Array;
  readonly #compact: boolean[];
  #ready = false;

  constructor(
    outputs: readonly VectorOutput[],
    lanes: readonly string[],
    uniforms: readonly string[],
    dtype: "float64" | "float32",
    tuning: VectorTuning = {},
  ) {
    const plan = schedule(
      outputs.map(({ expr }) => expr),
      lanes,
      uniforms,
      dtype === "float32",
      tuning.smallBranch,
    );
    this.#numbersAt = POOL.length - plan.numbers.length;
    const block = Math.min(tuning.block ?? 512, Math.floor(this.#numbersAt / plan.buffers), Math.floor(LISTS.length / plan.regions.length));
    if (block < 1)
      throw new ValidationError({
        owner: OWNER,
        parameter: "outputs",
        expected: "expressions that fit into the scratch memory",
        got: `${plan.buffers} values and ${plan.regions.length} branches at a time`,
      });
    this.#outputs = outputs;
    this.#nLanes = lanes.length;
    this.#nUniforms = uniforms.length;
    this.#single = dtype === "float32";
    this.#block = block;
    this.#compactBelow = tuning.compactBelow ?? 0.75;
    this.#schedule = plan;
    this.#offsets = plan.places.map(({ kind, index }) => (kind === "buffer" ? index * block : this.#numbersAt + index));
    this.#counts = new Int32Array(plan.regions.length);
    this.#compact = plan.regions.map(() => false);
    if (uniforms.length === 0) this.setUniforms([]);
  }

  /** Sets the uniforms, in the order given to the constructor, and computes what depends on them alone. */
  setUniforms(values: readonly number[]): void {
    if (values.length !== this.#nUniforms)
      throw new ShapeError({ owner: OWNER, parameter: "setUniforms", expected: `${this.#nUniforms} numbers`, got: `${values.length}` });
    this.#schedule.uniforms.set(values);
    this.#ready = true;
  }

  /** Evaluates `n` lanes: lane i of input k is `inputs[k][inputOffsets[k] + i]`, and so for outputs. */
  run(
    n: number,
    inputs: readonly Lanes[],
    inputOffsets: readonly number[],
    outputs: readonly Lanes[],
    outputOffsets: readonly number[],
  ): void {
    if (!this.#ready)
      throw new ValidationError({
        owner: OWNER,
        parameter: "run",
        expected: "uniforms to be set",
        got: "none",
        fix: "Call setUniforms first",
      });
    check("inputs", n, this.#nLanes, inputs, inputOffsets);
    check("outputs", n, this.#outputs.length, outputs, outputOffsets);
    const { numbers, uniforms } = this.#schedule;
    for (let k = 0; k < numbers.length; k++) POOL[this.#numbersAt + k] = uniforms.values[numbers[k]];
    for (let start = 0; start < n; start += this.#block) {
      const count = Math.min(this.#block, n - start);
      this.#evaluate(count, start, inputs, inputOffsets);
      this.#store(count, start, outputs, outputOffsets);
    }
  }

  #evaluate(n: number, start: number, inputs: readonly Lanes[], inputOffsets: readonly number[]): void {
    const { steps } = this.#schedule;
    const offsets = this.#offsets;
    const counts = this.#counts;
    counts.fill(0);
    counts[0] = n;
    for (let s = 0; s < steps.length; s++) {
      const step = steps[s];
      const count = counts[step.region];
      if (count === 0) continue;
      if (step.kind === "compute") step.pass(count, offsets[step.out], offsets[step.a], offsets[step.b], offsets[step.c]);
      else if (step.kind === "select") this.#select(count, step);
      else if (step.kind === "view") this.#view(count, step);
      else if (step.kind === "mask") this.#mask(count, step);
      else this.#load(count, offsets[step.out], inputs[step.lane], inputOffsets[step.lane] + start);
    }
  }

  #load(n: number, out: number, array: Lanes, offset: number): void {
    if (this.#single && array instanceof Float64Array) loadRounded(n, out, array, offset);
    else load(n, out, array, offset);
  }

  #store(n: number, start: number, outputs: readonly Lanes[], outputOffsets: readonly number[]): void {
    const places = this.#schedule.outputs;
    for (let k = 0; k < places.length; k++) {
      const array = outputs[k];
      const offset = outputOffsets[k] + start;
      const values = this.#offsets[places[k]];
      const { accumulate } = this.#outputs[k];
      if (!accumulate) store(n, array, offset, values);
      else if (array instanceof Float64Array) accumulate64(n, array, offset, values);
      else accumulate32(n, array, offset, values);
    }
  }

  /** Finds the lanes of the two branches of a condition. */
  #mask(n: number, { c, onTrue, onFalse }: Step): void {
    const at = this.#offsets[c];
    if (this.#isNumber(c)) {
      const holds = POOL[at] !== 0;
      if (onTrue !== NONE) this.#enter(onTrue, n, holds ? n : 0, 0);
      if (onFalse !== NONE) this.#enter(onFalse, n, holds ? 0 : n, 0);
      return;
    }
    if (onTrue !== NONE) this.#enter(onTrue, n, listTrue(n, this.#list(onTrue), at), this.#compactBelow);
    if (onFalse !== NONE) this.#enter(onFalse, n, listFalse(n, this.#list(onFalse), at), this.#compactBelow);
  }

  #enter(region: number, n: number, taken: number, compactBelow: number): void {
    const compact = taken <= compactBelow * n;
    this.#compact[region] = compact;
    this.#counts[region] = compact ? taken : n;
  }

  /** Values of the region around, as this region numbers its lanes. */
  #view(n: number, { region, out, a }: Step): void {
    if (this.#compact[region]) {
      this.#offsets[out] = this.#schedule.places[out].index * this.#block;
      gather(n, this.#offsets[out], this.#list(region), this.#offsets[a]);
    } else this.#offsets[out] = this.#offsets[a];
  }

  #select(n: number, step: Step): void {
    const { a, b, c, onTrue, onFalse, compactValues } = step;
    const offsets = this.#offsets;
    const out = offsets[step.out];
    const aPartial = onTrue !== NONE && this.#compact[onTrue];
    const bPartial = onFalse !== NONE && this.#compact[onFalse];
    if (this.#isNumber(c)) this.#spread(n, out, POOL[offsets[c]] !== 0 ? a : b);
    else if (!aPartial && !bPartial) step.pass(n, out, offsets[a], offsets[b], offsets[c]);
    else {
      if (!aPartial) this.#spread(n, out, a);
      else if (!bPartial) this.#spread(n, out, b);
      if (aPartial) this.#merge(out, onTrue, a, compactValues);
      if (bPartial) this.#merge(out, onFalse, b, compactValues);
    }
  }

  #spread(n: number, out: number, place: number): void {
    const at = this.#offsets[place];
    if (this.#isNumber(place)) fillPass(n, out, at, at, at);
    else if (out !== at) POOL.copyWithin(out, at, at + n);
  }

  #merge(out: number, region: number, place: number, compactValues: boolean): void {
    const move = compactValues ? scatter : this.#isNumber(place) ? mergeNumber : merge;
    move(this.#counts[region], out, this.#list(region), this.#offsets[place]);
  }

  /** Where the list of a region's lanes stands. */
  #list(region: number): number {
    return region * this.#block;
  }

  #isNumber(place: number): boolean {
    return this.#schedule.places[place].kind === "number";
  }
}

function check(what: string, n: number, expected: number, arrays: readonly Lanes[], offsets: readonly number[]): void {
  if (arrays.length !== expected || offsets.length !== expected) {
    throw new ShapeError({
      owner: OWNER,
      parameter: what,
      expected: `${expected} arrays and offsets`,
      got: `${arrays.length} and ${offsets.length}`,
    });
  }
  for (let k = 0; k < expected; k++) {
    if (!(offsets[k] >= 0 && offsets[k] + n <= arrays[k].length)) {
      throw new ShapeError({
        owner: OWNER,
        parameter: `${what}[${k}]`,
        expected: `${n} numbers from offset ${offsets[k]}`,
        got: `an array of length ${arrays[k].length}`,
      });
    }
  }
}
