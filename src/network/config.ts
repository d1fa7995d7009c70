import { connectionParameters, type ConnectionOptions } from "./connectionParameters.ts";
import { ensembleParameters, type EnsembleOptions } from "./ensembleParameters.ts";
import { nodeParameters, type NodeOptions } from "./nodeParameters.ts";
import { checkNames, type ParameterTable } from "./parameters.ts";
import { probeParameters, type ProbeOptions } from "./probeParameters.ts";

/** Values that options of one kind of object take where they are not given. */
export class Defaults<O extends object> {
  private readonly owner: string;
  private readonly table: ParameterTable;
  private readonly own = new Map<string, unknown>();

  constructor(kind: string, table: ParameterTable) {
    this.owner = `config.${kind}`;
    this.table = table;
    Object.freeze(this);
  }

  /**
   * Sets defaults for objects made later; `undefined` takes one back.
   * @throws ValidationError for unknown names and bad values. Sizes of arrays are checked when an object is made.
   */
  set(options: { readonly [K in keyof O]?: O[K] | undefined }): this {
    checkNames(this.owner, options, this.table);
    const entries = Object.entries(options);
    for (const [name, value] of entries) if (value !== undefined) this.table[name].check(this.owner, name, value, {});
    for (const [name, value] of entries) {
      if (value === undefined) this.own.delete(name);
      else this.own.set(name, value);
    }
    return this;
  }

  /** This network's own default; undefined if it has none. */
  get<K extends keyof O & string>(name: K): O[K] | undefined {
    return this.own.get(name) as O[K] | undefined;
  }
}

/** Options of an ensemble's neurons: none, they are the ensemble's. */
export type NeuronsOptions = Readonly<Record<never, never>>;

/** Defaults for objects made later in a network and its subnetworks. */
export class Config {
  readonly ensemble = new Defaults<EnsembleOptions>("ensemble", ensembleParameters);
  readonly node = new Defaults<NodeOptions>("node", nodeParameters);
  readonly connection = new Defaults<ConnectionOptions>("connection", connectionParameters);
  readonly probe = new Defaults<ProbeOptions>("probe", probeParameters);
  readonly neurons = new Defaults<NeuronsOptions>("neurons", {});

  constructor() {
    Object.freeze(this);
  }
}

/** Kinds of objects that have defaults. */
export type ConfigKind = keyof Config;
