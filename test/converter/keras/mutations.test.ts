import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import fc from "fast-check";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { readFile } from "node:fs/promises";
import { loadKeras, type KerasSource } from "../../../src/converter/index.ts";
import { ConversionError } from "../../../src/errors.ts";
import { disposeModel, fixtures, type Numbers, numbersOf, predictions } from "./support.ts";

type Edit = { readonly at: number; readonly value: number };

/** Bytes cut off, or changed at places given as parts of the length. */
const damage = fc.oneof(
  fc.record({ kept: fc.double({ min: 0, max: 0.999, noNaN: true }) }),
  fc.array(fc.record({ at: fc.double({ min: 0, max: 0.9999, noNaN: true }), value: fc.integer({ min: 0, max: 255 }) }), {
    minLength: 1,
    maxLength: 8,
  }),
);

function damaged(bytes: Uint8Array, how: { kept: number } | Edit[], within = bytes.length): Uint8Array {
  if ("kept" in how) return bytes.slice(0, Math.floor(how.kept * bytes.length));
  const copy = bytes.slice();
  for (const { at, value } of how) copy[Math.floor(at * within)] = value;
  return copy;
}

/** Loads; gives the model's outputs or null where loading ends with one of our errors. Nothing else may happen, and nothing may stay. */
async function outcome(source: KerasSource, numbers: Numbers): Promise<Float32Array[] | null> {
  const before = tf.memory().numTensors;
  try {
    const model = await loadKeras(source);
    try {
      return predictions(model, numbers.inputs).map(({ data }) => data);
    } finally {
      disposeModel(model);
    }
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    return null;
  } finally {
    expect(tf.memory().numTensors, "tensors that stay").to.equal(before);
  }
}

const seeded = { seed: 8, numRuns: 120 };

/** Any value of JSON that is changed: dropped, or replaced by one of another kind. */
function changed(value: unknown, path: number[], replacement: unknown): unknown {
  if (typeof value !== "object" || value === null || path.length === 0) return replacement;
  const keys = Object.keys(value);
  if (keys.length === 0) return replacement;
  const key = keys[path[0] % keys.length];
  const copy = (Array.isArray(value) ? value.slice() : { ...value }) as Record<string, unknown>;
  const inner = changed(copy[key], path.slice(1), replacement);
  if (inner === undefined) delete copy[key];
  else copy[key] = inner;
  return copy;
}

const wrongJson = fc.record({
  path: fc.array(fc.nat(40), { minLength: 1, maxLength: 9 }),
  replacement: fc.constantFrom<unknown>(
    undefined,
    null,
    -1,
    0,
    1e9,
    0.5,
    "",
    "x",
    "constructor",
    [],
    {},
    [[]],
    true,
    { class_name: "Dense" },
    ["a", 0, 0],
  ),
});

describe("loadKeras, damaged files", function () {
  this.timeout(60_000);
  let keras3: Record<string, Numbers>;
  let keras2: Record<string, Numbers>;
  before(async () => {
    await tf.setBackend("cpu");
    [keras3, keras2] = await Promise.all([numbersOf("keras3"), numbersOf("keras2")]);
  });

  it("a .keras file with any damage is refused or is the same model, since it has checksums", async () => {
    const bytes = new Uint8Array(await readFile(`${fixtures}keras3/two.keras`));
    const whole = await outcome(bytes, keras3["two.keras"]);
    expect(whole).not.to.equal(null);
    await fc.assert(
      fc.asyncProperty(damage, async (how) => {
        const got = await outcome(damaged(bytes, how), keras3["two.keras"]);
        if (got !== null) expect(got).to.deep.equal(whole);
      }),
      seeded,
    );
  });

  for (const name of ["two", "nested", "recurrent"]) {
    it(`${name}.h5 with any damage is refused or read, without a crash`, async () => {
      const bytes = new Uint8Array(await readFile(`${fixtures}keras2/${name}.h5`));
      await fc.assert(
        fc.asyncProperty(damage, fc.constantFrom(0.1, 0.5, 1), async (how, part) => {
          await outcome(damaged(bytes, how, Math.floor(part * bytes.length)), keras2[`${name}.h5`]);
        }),
        seeded,
      );
      // whatever went before, the library still reads a whole file
      expect(await outcome(bytes, keras2[`${name}.h5`])).not.to.equal(null);
    });
  }

  it("damage to the arrays of an archive whose checksums were made again is refused or read, without a crash", async () => {
    const members = unzipSync(new Uint8Array(await readFile(`${fixtures}keras3/nested.keras`)));
    await fc.assert(
      fc.asyncProperty(damage, async (how) => {
        const weights = damaged(members["model.weights.h5"], how);
        await outcome(zipSync({ ...members, "model.weights.h5": weights }, { level: 0 }), keras3["nested.keras"]);
      }),
      seeded,
    );
  });

  for (const name of ["two", "nested", "recurrent", "masked", "arithmetic"]) {
    it(`${name}.keras with a config that says something else is refused or read, without a crash`, async () => {
      const members = unzipSync(new Uint8Array(await readFile(`${fixtures}keras3/${name}.keras`)));
      const config: unknown = JSON.parse(strFromU8(members["config.json"]));
      await fc.assert(
        fc.asyncProperty(wrongJson, async ({ path, replacement }) => {
          const text = JSON.stringify(changed(config, path, replacement) ?? null);
          await outcome(zipSync({ ...members, "config.json": strToU8(text) }, { level: 0 }), keras3[`${name}.keras`]);
        }),
        seeded,
      );
    });
  }

  it("without a member, without the group of arrays, or with text in its place: refused", async () => {
    const members = unzipSync(new Uint8Array(await readFile(`${fixtures}keras3/two.keras`)));
    for (const dropped of ["config.json", "model.weights.h5"]) {
      const { [dropped]: _, ...rest } = members;
      expect(await outcome(zipSync(rest), keras3["two.keras"])).to.equal(null);
      expect(await outcome(zipSync({ ...rest, [dropped]: strToU8("text") }), keras3["two.keras"])).to.equal(null);
    }
  });
});
