import { expect } from "chai";
import { NengoError, NetworkFileError } from "../../src/errors.ts";
import { networkFromJSON } from "../../src/json/index.ts";
import type { Network } from "../../src/network/index.ts";
import { RandomState } from "../../src/math/random.ts";
import { fixture } from "../support/fixtures.ts";
import { functions } from "../support/nengoNetworks.ts";
import { Simulator } from "../../src/simulator/index.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Container = Json[] | { [key: string]: Json };

/** Good documents of every kind. */
const corpus: readonly Json[] = ["networks", "neuronTypes", "learning", "images", "models", "corners"].flatMap((name) =>
  Object.values(fixture<Record<string, { document?: Json } | undefined>>(`nengo/${name}.json`)).flatMap((made) =>
    typeof made === "object" && made.document !== undefined ? [made.document] : [],
  ),
);

/** Every place in a document that holds something: its container and key. Of long lists only the first few. */
function places(json: Json, found: [Container, string | number][] = []): [Container, string | number][] {
  if (typeof json !== "object" || json === null) return found;
  const keys: (string | number)[] = Array.isArray(json) ? json.slice(0, 6).map((_, k) => k) : Object.keys(json);
  for (const key of keys) {
    found.push([json, key]);
    places((json as Record<string, Json>)[key], found);
  }
  return found;
}

/** Changes a document at a random place in a random way; tells which. */
function mutate(document: Json, rng: RandomState): string {
  const pick = <T>(list: readonly T[]): T => list[rng.randint(0, list.length)];
  const all = places(document);
  const [container, key] = pick(all);
  const holder = container as Record<string, Json>;
  const old = holder[key];
  const mutations: Record<string, () => void> = {
    remove: () => {
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else delete holder[key];
    },
    repeat: () => {
      if (Array.isArray(container)) container.splice(Number(key), 0, structuredClone(old));
      else holder[`${key}2`] = structuredClone(old);
    },
    replace: () =>
      void (holder[key] = pick<Json>([
        null,
        true,
        "",
        "text",
        0,
        1,
        -1,
        0.5,
        2,
        -3,
        17,
        1e9,
        1e308,
        -1e308,
        1e-300,
        [],
        [[]],
        {},
        [1, 2],
        ["a"],
        { type: "Nothing" },
      ])),
    move: () => void (holder[key] = structuredClone((([from, at]) => (from as Record<string, Json>)[at])(pick(all)))),
    wrap: () => void (holder[key] = [old]),
    scale: () =>
      void (holder[key] =
        typeof old === "number" ? old * pick([-1, 2, 0.1, 1e6, 1e-6]) : typeof old === "string" ? old.toUpperCase() : old),
    type: () => {
      const typed = all.filter(([c]) => !Array.isArray(c) && typeof c["type"] === "string");
      if (typed.length > 0)
        (pick(typed)[0] as Record<string, Json>)["type"] = pick([
          "LIF",
          "Lowpass",
          "LstsqL2",
          "PES",
          "Uniform",
          "Dense",
          "WhiteNoise",
          "Voja",
          "Choice",
          "Nothing",
        ]);
    },
    shuffle: () => {
      if (Array.isArray(old)) old.reverse();
    },
  };
  const name = pick(Object.keys(mutations));
  mutations[name]();
  return `${name} at ${String(key)}`;
}

/** What becomes of a document: a model that runs, or a typed error. */
async function outcome(document: Json): Promise<"runs" | "refused by the reader" | "refused by the build"> {
  let network: Network;
  try {
    network = networkFromJSON(document, { functions });
  } catch (error) {
    if (!(error instanceof NetworkFileError)) throw error;
    expect(error.path, error.message).to.be.a("string").that.is.not.equal("");
    expect(error.message).to.match(/expected|got/);
    return "refused by the reader";
  }
  let sim: Simulator | undefined;
  try {
    sim = new Simulator(network, { seed: 2, progressBar: false });
    await sim.runSteps(10);
    for (const probe of network.allProbes) {
      const bad = sim.data.get(probe).data.findIndex(Number.isNaN);
      expect(bad, `NaN in ${String(probe)}`).to.equal(-1);
    }
    return "runs";
  } catch (error) {
    if (!(error instanceof NengoError)) throw error;
    return "refused by the build";
  } finally {
    sim?.close();
  }
}

describe("bad documents", () => {
  it("come from good ones", async () => {
    expect(corpus.length).to.be.above(50);
    for (const document of corpus) expect(await outcome(structuredClone(document))).to.equal("runs");
  }).timeout(60000);

  const COUNT = Number(process.env["MUTATIONS"] ?? 500);
  it(`are refused with their path, or run: ${COUNT} random mutations`, async () => {
    const seen = { runs: 0, "refused by the reader": 0, "refused by the build": 0 };
    const start = Number(process.env["MUTATION_SEED"] ?? 0);
    for (let seed = start; seed < start + COUNT; seed++) {
      const rng = new RandomState(seed);
      const document = structuredClone(corpus[rng.randint(0, corpus.length)]);
      const changes = Array.from({ length: rng.randint(1, 4) }, () => mutate(document, rng));
      try {
        seen[await outcome(document)]++;
      } catch (error) {
        throw new Error(`seed ${seed}, ${changes.join(", ")}: ${(error as Error).stack}`, { cause: error });
      }
    }
    if (COUNT >= 500)
      for (const kind of ["runs", "refused by the reader"] as const) expect(seen[kind], JSON.stringify(seen)).to.be.above(COUNT / 20);
  }).timeout(120000);

  it("are refused with their path, or run: a wrong value at every kind of place", async () => {
    const values: readonly unknown[] = [
      ...[null, true, "x", "", "NaN", "1", -1, 0, 0.5, 3, 1e300, -1e300, 2 ** 32, 1e9, 5e-324, NaN, Infinity, 10n, Symbol("s"), () => 1],
      ...[
        [],
        {},
        [[]],
        [1],
        [[1]],
        [null],
        [1, [2]],
        ["a"],
        { length: 3 },
        { id: "x" },
        { shape: [2, 2], data: [1] },
        new Date(0),
        new Map(),
      ],
      ...["LIF", "Uniform", "NoTransform", "constant", "toString", "__proto__", 3].map((type) => ({ type })),
    ];
    /** `path(Type).key` and the kind of value: what places are the same. */
    const seen = new Set<string>();
    const found: { readonly document: Json; readonly path: readonly (string | number)[]; readonly place: string }[] = [];
    const walk = (document: Json, json: Json, path: readonly (string | number)[], place: string): void => {
      if (typeof json !== "object" || json === null) return;
      const type = !Array.isArray(json) && typeof json["type"] === "string" ? `(${json["type"]})` : "";
      const entries: [string | number, Json][] = Array.isArray(json) ? json.slice(0, 2).map((item, k) => [k, item]) : Object.entries(json);
      for (const [key, item] of entries) {
        const here = `${place}${type}${typeof key === "number" ? "[]" : `.${key}`}`;
        const kind = `${here}: ${item === null ? "null" : Array.isArray(item) ? "array" : typeof item}`;
        if (!seen.has(kind)) found.push({ document, path: [...path, key], place: here });
        seen.add(kind);
        walk(document, item, [...path, key], here);
      }
    };
    for (const document of corpus) walk(document, document, [], "");
    expect(found.length).to.be.above(500);
    // Every place gets another value; MUTATIONS of all places and values take some minutes.
    const all = COUNT > 500;
    for (const [k, { document, path, place }] of found.entries()) {
      for (const value of all ? values : [values[(k * 7) % values.length]]) {
        const changed = structuredClone(document);
        let holder = changed as Record<string | number, unknown>;
        for (const key of path.slice(0, -1)) holder = holder[key] as typeof holder;
        holder[path.at(-1)!] = value;
        try {
          await outcome(changed);
        } catch (error) {
          throw new Error(
            `${place} := ${typeof value === "symbol" ? String(value) : JSON.stringify(value, (_, v: unknown) => (typeof v === "bigint" ? `${v}n` : v))}: ${(error as Error).stack}`,
            { cause: error },
          );
        }
      }
    }
  }).timeout(COUNT > 500 ? 0 : 120000);
});
