import { ValidationError } from "../errors.ts";
import type { ConfigKind, Defaults } from "./config.ts";
import { Connection } from "./connection.ts";
import { Ensemble } from "./ensemble.ts";
import { Neurons } from "./neurons.ts";
import { Node } from "./node.ts";
import { objectName } from "./objectName.ts";
import { Probe } from "./probe.ts";

/** What has parameters of one's own. */
export type ConfiguredObject = Ensemble | Neurons | Node | Connection | Probe;

/** Values by object; they stay with it, whichever network's config is asked. */
const values = new WeakMap<object, Map<string, unknown>>();

function kindOf(object: unknown): ConfigKind {
  if (object instanceof Ensemble) return "ensemble";
  if (object instanceof Neurons) return "neurons";
  if (object instanceof Node) return "node";
  if (object instanceof Connection) return "connection";
  if (object instanceof Probe) return "probe";
  throw new ValidationError({
    owner: "config",
    parameter: "of",
    expected: "an Ensemble, its neurons, a Node, a Connection or a Probe",
    got: objectName(object),
  });
}

/** Values of one object's parameters that were added by `config.ensemble.setParam` and so on. */
export class ObjectConfig {
  private readonly object: object;
  private readonly defaults: readonly Defaults<object>[];

  constructor(object: object, defaults: readonly Defaults<object>[]) {
    this.object = object;
    this.defaults = defaults;
    Object.freeze(this);
  }

  /**
   * The object's own value, else the one of the nearest network that sets one, else the parameter's initial one.
   * @throws ValidationError for a parameter that nobody added
   */
  get(name: string): unknown {
    const { initial } = this.parameter(name);
    const own = values.get(this.object)?.get(name);
    if (own !== undefined) return own;
    return this.defaults.map((defaults) => defaults.get(name)).find((value) => value !== undefined) ?? initial;
  }

  /**
   * Sets values for this object; `undefined` takes one back.
   * @throws ValidationError for a parameter that nobody added, options of the object itself among them
   */
  set(settings: Readonly<Record<string, unknown>>): this {
    const kept = Object.entries(settings).map(([name, value]) => {
      const { check } = this.parameter(name);
      return [name, value === undefined ? undefined : check(value)] as const;
    });
    const own = values.get(this.object) ?? new Map<string, unknown>();
    values.set(this.object, own);
    for (const [name, value] of kept) {
      if (value === undefined) own.delete(name);
      else own.set(name, value);
    }
    return this;
  }

  private parameter(name: string): { readonly initial: unknown; readonly check: (value: unknown) => unknown } {
    const found = this.defaults.map((defaults) => defaults.addedParam(name)).find((added) => added !== undefined);
    if (found !== undefined) return found;
    throw new ValidationError({
      owner: this.defaults[0].owner,
      parameter: name,
      expected: "a parameter that was added",
      got: "none of this name",
      fix: `Add it by ${this.defaults[0].owner}.setParam(${JSON.stringify(name)}); options of the object are set on it`,
    });
  }
}

/** @throws ValidationError for what has no kind */
export const objectConfig = (object: unknown, defaults: (kind: ConfigKind) => readonly Defaults<object>[]): ObjectConfig =>
  new ObjectConfig(object as object, defaults(kindOf(object)));
