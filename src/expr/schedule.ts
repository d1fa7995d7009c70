import type { Context } from "./context.ts";
import { around, contextsOf, edgesOf } from "./context.ts";
import { unknownInput } from "./evaluate.ts";
import type { BinaryOp, Expr, Select } from "./expr.ts";
import { nodesOf, operandsOf, valueOf } from "./expr.ts";
import type { BinaryPasses, Pass } from "./passes.ts";
import { binaryPasses, fillPass, roundedBinaryPasses, roundedUnaryPasses, selectPasses, unaryPasses } from "./passes.ts";
import { Uniforms } from "./uniforms.ts";

/**
 * One thing to do for the lanes of a region; operands are places. `load`: the input `lane`. `compute`: a pass. `mask`: the condition c says which lanes the regions `onTrue` and `onFalse` have. `view`: the values
 * at `a`, which belong to the region around, for the lanes of this region. `select`: a where c is not 0 (in the lanes of
 * region `onTrue`), else b (in those of `onFalse`).
 */
export interface Step {
  readonly kind: "load" | "compute" | "mask" | "view" | "select";
  readonly region: number;
  readonly pass: Pass;
  readonly out: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly lane: number;
  readonly onTrue: number;
  readonly onFalse: number;
  /** Selects: whether the value of a compact region is compact as well. */
  readonly compactValues: boolean;
}

export const NONE = -1;

/** The place of operands that a step does not have. */
const UNUSED = 0;

/** Where a value stands: the number `index` among {@link Schedule.numbers}, or the buffer `index`. */
export interface Place {
  readonly kind: "number" | "buffer";
  index: number;
}

/** A branch that is evaluated only for the lanes that take it; number 0 is everything else. */
export interface Region {
  readonly parent: number;
}

export interface Schedule {
  readonly uniforms: Uniforms;
  /** Which of the uniforms are operands. */
  readonly numbers: readonly number[];
  readonly places: readonly Place[];
  readonly regions: readonly Region[];
  readonly steps: readonly Step[];
  /** Place of each output: a buffer of region 0. */
  readonly outputs: readonly number[];
  readonly buffers: number;
}

/** Rough costs of a lane, in additions: below {@link SMALL}, a branch is evaluated for all lanes. */
const COSTS: Readonly<Record<string, number>> = { exp: 8, expm1: 8, log: 8, log1p: 8, tanh: 12, sigmoid: 12, div: 2, sqrt: 2, input: 0 };
const SMALL = 4;

/**
 * Puts expressions in an order for evaluation of whole arrays. A branch of a select that is long enough becomes a region;
 * shorter ones are merged into what is around them. `smallBranch` is the cost from which on a branch is a region.
 */
export function schedule(
  outputs: readonly Expr[],
  lanes: readonly string[],
  uniformNames: readonly string[],
  single: boolean,
  smallBranch = SMALL,
): Schedule {
  const roots = outputs.map(valueOf);
  const nodes = nodesOf(roots);
  const varying = new Set<Expr>();
  for (const e of nodes) {
    if (e.op === "input") {
      if (lanes.includes(e.name)) varying.add(e);
      else if (!uniformNames.includes(e.name)) throw unknownInput("VectorProgram", e.name, [...lanes, ...uniformNames]);
    } else if (operandsOf(e).some((o) => varying.has(o))) varying.add(e);
  }
  const uniforms = new Uniforms(
    nodes.filter((e) => !varying.has(e)),
    uniformNames,
    single,
  );
  const contexts = contextsOf(
    roots.filter((e) => varying.has(e)),
    (e) => edgesOf(e).filter(({ to }) => varying.has(to)),
    around,
  );
  const { regions, regionOf } = findRegions(contexts, smallBranch);

  const places: Place[] = [{ kind: "number", index: 0 }];
  const numbers: number[] = [0];
  const steps: Step[] = [];
  const placeOf = new Map<Expr, number>();
  const views = new Map<string, number>();
  const masked = new Set<number>();

  const newPlace = (kind: Place["kind"], index = NONE): number => places.push({ kind, index }) - 1;
  const step = (kind: Step["kind"], region: number, rest: Partial<Step>): void => {
    steps.push({
      kind,
      region,
      pass: fillPass,
      out: UNUSED,
      a: UNUSED,
      b: UNUSED,
      c: UNUSED,
      lane: NONE,
      onTrue: NONE,
      onFalse: NONE,
      compactValues: false,
      ...rest,
    });
  };
  const home = (e: Expr): number => (e.op === "input" ? 0 : regionOf(contexts.get(e) as Context));
  const place = (e: Expr): number => {
    let p = placeOf.get(e);
    if (p === undefined) {
      p = varying.has(e) ? newPlace("buffer") : newPlace("number", numbers.push(uniforms.position(e)) - 1);
      placeOf.set(e, p);
    }
    return p;
  };
  /** Where a region finds a value of its own or of a region around it. */
  const seenFrom = (e: Expr, region: number): number => {
    if (!varying.has(e) || home(e) === region) return place(e);
    const key = `${e.id} ${region}`;
    let view = views.get(key);
    if (view === undefined) {
      const a = seenFrom(e, regions[region].parent);
      view = newPlace("buffer");
      views.set(key, view);
      step("view", region, { out: view, a });
    }
    return view;
  };

  const emitted = new Set<Expr>();
  const emit = (e: Expr): void => {
    if (emitted.has(e) || !varying.has(e)) return;
    emitted.add(e);
    if (e.op === "input") step("load", 0, { lane: lanes.indexOf(e.name), out: place(e) });
    else if (e.op === "select") emitSelect(e);
    else if (e.op !== "const" && e.op !== "detach" && e.op !== "withDerivative") {
      operandsOf(e).forEach(emit);
      const region = home(e);
      const operands = operandsOf(e).map((o) => seenFrom(o, region));
      const { pass, swap } = passOf(
        e,
        operandsOf(e).map((o) => !varying.has(o)),
        single,
      );
      const [a, b = 0] = swap ? operands.reverse() : operands;
      step("compute", region, { pass, a, b, out: place(e) });
    }
  };
  const emitSelect = (e: Select): void => {
    const region = home(e);
    const context = contexts.get(e) as Context;
    const branch = (taken: boolean): number => {
      const inner = regionOf(context.enter({ condition: e.c, taken }));
      return inner === region ? NONE : inner;
    };
    emit(e.c);
    const c = seenFrom(e.c, region);
    const [onTrue, onFalse] = [branch(true), branch(false)];
    if ([onTrue, onFalse].some((r) => r !== NONE && !masked.has(r))) {
      step("mask", region, { c, onTrue, onFalse });
      masked.add(onTrue).add(onFalse);
    }
    emit(e.a);
    emit(e.b);
    const inside = (x: Expr, r: number): boolean => r !== NONE && varying.has(x) && home(x) === r;
    const [aInside, bInside] = [inside(e.a, onTrue), inside(e.b, onFalse)];
    const a = aInside ? place(e.a) : seenFrom(e.a, region);
    const b = bInside ? place(e.b) : seenFrom(e.b, region);
    const [aNumber, bNumber] = [!varying.has(e.a), !varying.has(e.b)];
    const pass = aNumber ? (bNumber ? selectPasses.numbers : selectPasses.left) : bNumber ? selectPasses.right : selectPasses.arrays;
    // Where neither value belongs to a region, the list of one still tells the lanes.
    const anyInside = aInside || bInside;
    const lists = anyInside
      ? { onTrue: aInside ? onTrue : NONE, onFalse: bInside ? onFalse : NONE }
      : { onTrue, onFalse: onTrue === NONE ? onFalse : NONE };
    step("select", region, { pass, a, b, c, ...lists, compactValues: anyInside, out: place(e) });
  };

  roots.forEach(emit);
  const results = roots.map((e) => {
    if (varying.has(e)) return place(e);
    const out = newPlace("buffer");
    step("compute", 0, { pass: fillPass, a: place(e), out });
    return out;
  });
  return { uniforms, numbers, places, regions, steps, outputs: results, buffers: assignBuffers(steps, places, results) };
}

/** Contexts that cost enough become regions; the others belong to the nearest one around. */
function findRegions(contexts: ReadonlyMap<Expr, Context>, smallBranch: number): { regions: Region[]; regionOf: (c: Context) => number } {
  const costs = new Map<Context, number>();
  for (const [e, own] of contexts) {
    for (let c: Context | null = own; c !== null; c = c.parent) costs.set(c, (costs.get(c) ?? 0) + (COSTS[e.op] ?? 1));
  }
  const regions: Region[] = [{ parent: NONE }];
  const found = new Map<Context, number>();
  const regionOf = (c: Context): number => {
    let region = found.get(c);
    if (region === undefined) {
      const parent = c.parent === null ? 0 : regionOf(c.parent);
      const cost = costs.get(c) ?? 0;
      region = c.parent === null || cost === 0 || cost < smallBranch ? parent : regions.push({ parent }) - 1;
      found.set(c, region);
    }
    return region;
  };
  for (const c of costs.keys()) regionOf(c);
  return { regions, regionOf };
}

function passOf(
  e: Exclude<Expr, { op: "const" | "input" | "select" | "detach" | "withDerivative" }>,
  numbers: readonly boolean[],
  single: boolean,
): { pass: Pass; swap: boolean } {
  if (!("b" in e)) return { pass: (single ? roundedUnaryPasses[e.op] : undefined) ?? unaryPasses[e.op], swap: false };
  const passes = (op: BinaryOp): BinaryPasses => (single ? roundedBinaryPasses[op] : undefined) ?? binaryPasses[op];
  const { arrays, left, right } = passes(e.op);
  if (!numbers[0]) return { pass: numbers[1] ? right : arrays, swap: false };
  return typeof left === "function" ? { pass: left, swap: false } : { pass: passes(left.swap).right, swap: true };
}

/** Gives places buffers, used again once their values are dead; returns how many buffers that takes. */
function assignBuffers(steps: readonly Step[], places: readonly Place[], outputs: readonly number[]): number {
  const lastUse = new Map<number, number>();
  steps.forEach(({ out, a, b, c }, i) => [out, a, b, c].forEach((p) => lastUse.set(p, i)));
  for (const p of outputs) lastUse.set(p, steps.length);
  // A view may be no copy but the array itself, which must then live as long.
  for (const { kind, out, a } of [...steps].reverse()) {
    if (kind === "view") lastUse.set(a, Math.max(lastUse.get(a) as number, lastUse.get(out) as number));
  }
  const dying = steps.map((): number[] => []);
  for (const [p, i] of lastUse) if (i < steps.length && places[p].kind === "buffer") dying[i].push(p);
  const free: number[] = [];
  let count = 0;
  steps.forEach((step, i) => {
    const heir = inPlace(step).find((p) => dying[i].includes(p));
    if (step.kind !== "mask") places[step.out].index = heir === undefined ? (free.pop() ?? count++) : places[heir].index;
    for (const p of dying[i]) if (p !== heir) free.push(places[p].index);
  });
  return count;
}

/** Operands whose buffer the result may overwrite as it is made. */
function inPlace({ kind, a, b, c, onTrue, onFalse }: Step): readonly number[] {
  if (kind === "compute") return [a, b];
  if (kind !== "select") return [];
  // What is put into some lanes only is read after the others have been written.
  return [b, a, c].filter((p) => (p !== a || onTrue === NONE) && (p !== b || onFalse === NONE));
}
