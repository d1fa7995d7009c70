import { ValidationError } from "../errors.ts";
import { connectionParameters, type ConnectionOptions } from "./connectionParameters.ts";
import { ensembleParameters, type EnsembleOptions } from "./ensembleParameters.ts";
import { nodeParameters, type NodeOptions } from "./nodeParameters.ts";
import { objectConfig, type ConfiguredObject, type ObjectConfig } from "./objectConfig.ts";
import { checkNames, type ParameterTable } from "./parameters.ts";
import { probeParameters, type ProbeOptions } from "./probeParameters.ts";

/** Values that options of one kind of object take where they are not given. */
export class Defaults<O extends object> {
  /** For messages: `config.ensemble`. */
  readonly owner: string;
  private readonly table: ParameterTable;
  private readonly own = new Map<string, unknown>();
  private readonly added = new Map<string, OwnParameter>();

  constructor(kind: string, table: ParameterTable) {
    this.owner = `config.${kind}`;
    this.table = table;
    Object.freeze(this);
  }

  /**
   * Adds a parameter of your own, which this kind of objects has by `config.of(object)` in this network and its subnetworks.
   * @param check - turns a value into the one that is kept, or throws
   * @throws ValidationError where there is a parameter of this name
   */
  setParam(name: string, { initial = null, check = (value) => value }: Partial<OwnParameter> = {}): this {
    if (Object.hasOwn(this.table, name) || this.added.has(name))
      throw new ValidationError({
        owner: this.owner,
        parameter: "setParam",
        expected: "a name that is not taken",
        got: JSON.stringify(name),
      });
    this.added.set(name, { initial: initial === null ? null : check(initial), check });
    return this;
  }

  /** A parameter that {@link setParam} added; undefined if there is none of this name. */
  addedParam(name: string): OwnParameter | undefined {
    return this.added.get(name);
  }

  /**
   * Sets defaults for objects made later; `undefined` takes one back.
   * @throws ValidationError for unknown names and bad values. Sizes of arrays are checked when an object is made.
   */
  set(options: { readonly [K in keyof O]?: O[K] | undefined }): this {
    checkNames(this.owner, options, this.table);
    const entries = Object.entries(options);
    for (const [name, value] of entries) if (value !== undefined) this.table[name].check(this.owner, name, value, {});
    return this.keep(entries);
  }

  /**
   * Sets values of added parameters for all objects of this network and its subnetworks; `undefined` takes one back.
   * @throws ValidationError for parameters that were not added here
   */
  setAdded(values: Readonly<Record<string, unknown>>): this {
    checkNames(this.owner, values, Object.fromEntries(this.added));
    return this.keep(
      Object.entries(values).map(([name, value]) => [name, value === undefined ? value : this.added.get(name)!.check(value)]),
    );
  }

  /** This network's own default; undefined if it has none. */
  get<K extends keyof O & string>(name: K): O[K] | undefined;
  get(name: string): unknown;
  get(name: string): unknown {
    return this.own.get(name);
  }

  private keep(entries: readonly (readonly [string, unknown])[]): this {
    for (const [name, value] of entries) {
      if (value === undefined) this.own.delete(name);
      else this.own.set(name, value);
    }
    return this;
  }
}

/** A parameter of one's own. */
export interface OwnParameter {
  /** The value where nobody says otherwise. @defaultValue null */
  readonly initial: unknown;
  /** Turns a value into the one that is kept, or throws. @defaultValue any value as it is */
  readonly check: (value: unknown) => unknown;
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

  private readonly home: { defaults<K extends ConfigKind>(kind: K): readonly Config[K][] };

  /** @param home - the network that has this config */
  constructor(home: { defaults<K extends ConfigKind>(kind: K): readonly Config[K][] }) {
    this.home = home;
    Object.freeze(this);
  }

  /**
   * Values of added parameters for one object.
   * @throws ValidationError for anything but an Ensemble, its neurons, a Node, a Connection or a Probe
   */
  of(object: ConfiguredObject): ObjectConfig {
    return objectConfig(object, (kind) => this.home.defaults(kind));
  }
}

/** Kinds of objects that have defaults. */
export type ConfigKind = "ensemble" | "node" | "connection" | "probe" | "neurons";
