import { expect } from "chai";
import type { Dtype, Engine, Floats, RunOptions } from "../../src/engines/engine.ts";
import { makeStreams } from "../../src/engines/streams.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { expectSame } from "./numbers.ts";

type Values = ReadonlyMap<string, Floats>;

/** What was recorded, item after item, and what all signals are at the end. */
export interface Ran {
  readonly records: Values;
  readonly memory: Values;
}

/** Runs a plan from its beginning, in parts of these lengths. */
export function runInParts(
  engine: Engine,
  plan: Plan,
  dtype: Dtype,
  items: readonly number[],
  parts: readonly number[],
  feeds?: RunOptions["feeds"],
): Ran {
  const executable = engine.prepare(plan, { dtype, batch: items.length });
  const state = executable.initialState();
  const streams = makeStreams(plan.program, 6, items);
  const rows = new Map<string, number[][]>();
  let done = 0;
  for (const nSteps of parts) {
    const ahead = new Map([...(feeds ?? [])].map(([slot, t]) => [slot, { ...t, offset: t.offset + done * t.stepStride }]));
    for (const [slot, { data, size }] of executable.run({ nSteps, state, streams, ...(feeds === undefined ? {} : { feeds: ahead }) })) {
      const own = rows.get(slot) ?? items.map(() => []);
      rows.set(slot, own);
      const each = data.length / items.length;
      expect(each % Math.max(1, size)).to.equal(0);
      items.forEach((_, b) => data.subarray(b * each, (b + 1) * each).forEach((v) => own[b].push(v)));
    }
    done += nSteps;
  }
  const memory = plan.layout.signals.map((s, k): [string, Floats] => [
    `${k} ${s.name}`,
    s.perItem ? executable.read(state, s) : executable.getShared(s),
  ]);
  executable.dispose();
  return { records: new Map([...rows].map(([slot, own]) => [slot, Float64Array.from(own.flat())])), memory: new Map(memory) };
}

export function expectSameBits(got: Ran, wanted: Ran): void {
  for (const kind of ["records", "memory"] as const) {
    expect([...got[kind].keys()]).to.deep.equal([...wanted[kind].keys()]);
    for (const [name, values] of wanted[kind]) expectSame(got[kind].get(name)!, values, `${kind} ${name}`);
  }
}
