/** A value of a family: its type's name beside its parameters. */
export interface DeclaredJSON {
  readonly type: string;
  readonly [parameter: string]: unknown;
}

/** Some components of an object: Python's `[start, stop, step]`, or a list of indices. */
export interface RefJSON {
  readonly id: string;
  readonly attribute?: "neurons" | "learningRule";
  readonly rule?: number | string;
  readonly slice?: readonly [number | null, number | null, number | null];
  readonly indices?: readonly number[];
}

interface ObjectJSON {
  readonly id?: string;
  readonly label?: string | null;
  /** Null: drawn from the network's. */
  readonly seed?: number | null;
}

/** Where a distribution may stand, so may an array. */
type DistributionJSON = DeclaredJSON | readonly unknown[] | number;

/** An ensemble in a network file. */
export interface EnsembleJSON extends ObjectJSON {
  readonly nNeurons: number;
  readonly dimensions: number;
  readonly radius?: number;
  readonly encoders?: DistributionJSON;
  readonly intercepts?: DistributionJSON;
  readonly maxRates?: DistributionJSON;
  readonly evalPoints?: DistributionJSON;
  readonly nEvalPoints?: number | null;
  readonly gain?: DistributionJSON | null;
  readonly bias?: DistributionJSON | null;
  readonly noise?: DeclaredJSON | null;
  readonly normalizeEncoders?: boolean;
  readonly neuronType?: DeclaredJSON;
}

/** A Node in a network file. */
export interface NodeJSON extends ObjectJSON {
  readonly sizeIn?: number | null;
  readonly sizeOut?: number | null;
  /** Null passes the input on; else a `constant`, a `table`, a `function` by name, or a process. */
  readonly output?: DeclaredJSON | null;
}

/** A connection in a network file. */
export interface ConnectionJSON extends ObjectJSON {
  readonly pre: RefJSON;
  readonly post: RefJSON;
  /** Null is no synapse; left out, the default one. */
  readonly synapse?: DeclaredJSON | null;
  /** Its `points`, or a `function` by name. */
  readonly function?: DeclaredJSON | null;
  readonly sizeMid?: number | null;
  readonly transform?: DistributionJSON | null;
  readonly solver?: DeclaredJSON;
  readonly evalPoints?: DistributionJSON | null;
  readonly scaleEvalPoints?: boolean;
  readonly learningRuleType?: unknown;
}

/** A probe in a network file. */
export interface ProbeJSON extends ObjectJSON {
  readonly target: RefJSON;
  readonly attribute?: string | null;
  /** Seconds. */
  readonly sampleEvery?: number | null;
  /** Null is no synapse, and so is leaving it out. */
  readonly synapse?: DeclaredJSON | null;
  readonly solver?: DeclaredJSON | null;
}

/** A network; every list is in creation order, on which seeds depend. */
export interface NetworkJSON extends ObjectJSON {
  readonly ensembles?: readonly EnsembleJSON[];
  readonly nodes?: readonly NodeJSON[];
  readonly networks?: readonly NetworkJSON[];
  readonly connections?: readonly ConnectionJSON[];
  readonly probes?: readonly ProbeJSON[];
}

/** A network file, parsed. */
export interface NetworkDocument {
  readonly format: "nengo-network";
  readonly version: 1;
  readonly network: NetworkJSON;
}

export const FORMAT = "nengo-network";
export const VERSION = 1;

const objectKeys = ["id", "label", "seed"] as const;

/** The keys of every kind of object, in the order in which they are written. */
export const keysOf = {
  network: [...objectKeys, "ensembles", "nodes", "networks", "connections", "probes"],
  ensemble: [
    ...objectKeys,
    "nNeurons",
    "dimensions",
    "radius",
    "encoders",
    "intercepts",
    "maxRates",
    "evalPoints",
    "nEvalPoints",
    "gain",
    "bias",
    "noise",
    "normalizeEncoders",
    "neuronType",
  ],
  node: [...objectKeys, "sizeIn", "sizeOut", "output"],
  connection: [
    ...objectKeys,
    "pre",
    "post",
    "synapse",
    "function",
    "sizeMid",
    "transform",
    "solver",
    "evalPoints",
    "scaleEvalPoints",
    "learningRuleType",
  ],
  probe: [...objectKeys, "target", "attribute", "sampleEvery", "synapse", "solver"],
  ref: ["id", "attribute", "rule", "slice", "indices"],
} as const;
