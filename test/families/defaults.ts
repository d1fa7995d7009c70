import { Declared } from "../../src/declared.ts";
import * as distributions from "../../src/distributions/index.ts";
import * as learning from "../../src/learning/index.ts";
import type { ParameterTable } from "../../src/network/parameters.ts";
import { parameters as associativeMemory } from "../../src/networks/associativeMemory.ts";
import { parameters as basalGanglia } from "../../src/networks/basalGanglia.ts";
import { parameters as circularConvolution } from "../../src/networks/circularConvolution.ts";
import { parameters as ensembleArray } from "../../src/networks/ensembleArray.ts";
import { parameters as inputGatedMemory } from "../../src/networks/inputGatedMemory.ts";
import * as networks from "../../src/networks/index.ts";
import { parameters as product } from "../../src/networks/product.ts";
import { parameters as thalamus } from "../../src/networks/thalamus.ts";
import * as neurons from "../../src/neurons/index.ts";
import * as processes from "../../src/processes/index.ts";
import * as solvers from "../../src/solvers/index.ts";
import * as synapses from "../../src/synapses/index.ts";

/** Families that have a page, by the page's name. */
const registries: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  neurons,
  synapses,
  processes,
  solvers,
  "learning-rules": learning,
};

/** What has to be given: anything that fits, for it is not shown. */
const given: Readonly<Record<string, object>> = {
  RegularSpiking: { baseType: new neurons.LIFRate() },
  StochasticSpiking: { baseType: new neurons.LIFRate() },
  PoissonSpiking: { baseType: new neurons.LIFRate() },
  Lowpass: { tau: 1 },
  Alpha: { tau: 1 },
  Triangle: { t: 1 },
  LinearFilter: { num: [1], den: [1, 2] },
  WhiteSignal: { period: 1, high: 5 },
  PresentInput: { inputs: [[1]], presentationTime: 1 },
  Piecewise: { data: { 0: 1 } },
  Table: { values: [[1]] },
};

/** Options that nearly all members of a family have; the pages tell of them once. */
const common = new Set(["initialState", "defaultSizeIn", "defaultSizeOut", "defaultDt", "seed", "weights", "label"]);

const tables: Readonly<Record<string, ParameterTable>> = {
  ensembleArray,
  product,
  circularConvolution,
  basalGanglia,
  thalamus,
  associativeMemory,
  inputGatedMemory,
};

/** Pages with a table of defaults. */
export const pages = [...Object.keys(registries), "networks"];

/** Markdown of a family's defaults: one row a member, from the family's index. */
export function defaultsOf(page: string): string {
  const rows = page === "networks" ? networkRows() : memberRows(registries[page]);
  return ["| type | options and their defaults |", "| --- | --- |", ...rows.map(([name, options]) => `| \`${name}\` | ${options} |`)].join(
    "\n",
  );
}

type Class = new (options?: object) => Declared;

function memberRows(registry: Readonly<Record<string, unknown>>): [string, string][] {
  const classes = Object.entries(registry).filter(
    (entry): entry is [string, Class] => typeof entry[1] === "function" && entry[1].prototype instanceof Declared,
  );
  return classes.map(([name, Class]) => {
    const needed = given[name] ?? {};
    const object = new Class(needed);
    const shown = object.declaration.parameters.filter((parameter) => !common.has(parameter));
    const values = object as unknown as Readonly<Record<string, unknown>>;
    return [name, listed(shown.map((parameter) => [parameter, Object.hasOwn(needed, parameter) ? undefined : values[parameter]]))];
  });
}

function networkRows(): [string, string][] {
  const factories = Object.keys(networks).filter((name) => name in tables);
  return factories.map((name) => [
    name,
    listed(
      Object.entries(tables[name])
        .filter(([option]) => !common.has(option))
        .map(([option, { initial }]) => [option, initial]),
    ),
  ]);
}

const listed = (options: readonly (readonly [string, unknown])[]): string =>
  options.length === 0
    ? "none"
    : options.map(([name, value]) => `\`${name}\`${value === undefined ? " (to be given)" : ` ${shown(value)}`}`).join(", ");

function shown(value: unknown): string {
  if (value instanceof Declared) {
    const { type, ...parameters } = value.toJSON();
    // Of an object only what is not as usual for it.
    const Class = ({ ...solvers, ...synapses, ...distributions } as Readonly<Record<string, unknown>>)[type] as Class;
    const usual = new Class({ ...given[type], ...needed[type] }).toJSON();
    const own = Object.entries(parameters).filter(([name, v]) => JSON.stringify(usual[name]) !== JSON.stringify(v));
    return own.length === 0 ? `\`${type}\`` : `\`${type}(${own.map(([name, v]) => `${name} ${JSON.stringify(v)}`).join(", ")})\``;
  }
  return `\`${JSON.stringify(value)}\``;
}

/** What has to be given to make an object for comparison: values that no default has. */
const needed: Readonly<Record<string, object>> = { Gaussian: { mean: 1e300, std: 1e300 }, Lowpass: { tau: 1e300 } };
