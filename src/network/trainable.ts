import { ValidationError, describe } from "../errors.ts";
import { Connection } from "./connection.ts";
import { Ensemble } from "./ensemble.ts";
import { Network } from "./network.ts";
import { Neurons } from "./neurons.ts";
import { Node } from "./node.ts";
import { objectName } from "./objectName.ts";

/** What has parameters that may be trained. */
export type TrainableObject = Ensemble | Connection | Node | Neurons;

/** A class of such objects: Ensemble (encoders), Connection (weights), Node (a tensor node's weights), Neurons (bias). */
export type TrainableClass = typeof Ensemble | typeof Connection | typeof Node | typeof Neurons;

/** What `configure` sets: true, false, or null for the default. */
export interface TrainableSettings {
  /** Null takes a setting back. */
  readonly trainable: boolean | null;
}

const classes: readonly TrainableClass[] = [Ensemble, Connection, Node, Neurons];

/** Settings of single objects, and of networks for all they hold. */
const ofObject = new WeakMap<object, boolean>();
/** Settings of networks for a class. */
const ofClass = new WeakMap<Network, Map<TrainableClass, boolean>>();

/**
 * Says what training may change. Of two settings the nearer one holds: that of an object before those of its network,
 * a subnetwork's before its parent's, and within one network that of a class before that of all.
 * Objects made before and after are treated alike.
 */
export function configure(target: Network | TrainableObject, settings: TrainableSettings): void;
export function configure(network: Network, Class: TrainableClass, settings: TrainableSettings): void;
export function configure(target: Network | TrainableObject, second: TrainableClass | TrainableSettings, third?: TrainableSettings): void {
  if (typeof second === "function") {
    if (!(target instanceof Network))
      throw new ValidationError({
        owner: "configure",
        parameter: "target",
        expected: "a Network where a class is given",
        got: objectName(target),
      });
    if (!classes.includes(second))
      throw new ValidationError({
        owner: "configure",
        parameter: "Class",
        expected: "Ensemble, Connection, Node or Neurons",
        got: describe(second),
      });
    const own = ofClass.get(target) ?? new Map<TrainableClass, boolean>();
    ofClass.set(target, own);
    assign(own, second, checkSettings(third));
    return;
  }
  if (!(target instanceof Network) && !isTrainable(target)) {
    throw new ValidationError({
      owner: "configure",
      parameter: "target",
      expected: "a Network, Ensemble, Connection, Node or an ensemble's neurons",
      got: objectName(target),
    });
  }
  if (third !== undefined)
    throw new ValidationError({
      owner: "configure",
      parameter: "Class",
      expected: "Ensemble, Connection, Node or Neurons",
      got: describe(second),
    });
  assign(ofObject, target, checkSettings(second));
}

/** Whether an object's parameters may be trained, as far as anyone said; null: nobody did. Neurons follow their ensemble. */
export function trainableOf(object: TrainableObject): boolean | null {
  const chain: readonly TrainableObject[] = object instanceof Neurons ? [object, object.ensemble] : [object];
  const own = first(chain, (link) => ofObject.get(link));
  if (own !== undefined) return own;
  const followed = chain.map((link) => classes.find((Class) => link instanceof Class)!);
  const home = object instanceof Neurons ? object.ensemble.network : object.network;
  for (let network: Network | null = home; network !== null; network = network.parent) {
    const settings = ofClass.get(network);
    const setting = first(followed, (Class) => settings?.get(Class)) ?? ofObject.get(network);
    if (setting !== undefined) return setting;
  }
  return null;
}

/** What was set for the object itself, if anything was. */
export const ownTrainable = (object: object): boolean | undefined => ofObject.get(object);

const isTrainable = (value: unknown): value is TrainableObject => classes.some((Class) => value instanceof Class);

function assign<K>(settings: { set(key: K, value: boolean): unknown; delete(key: K): unknown }, key: K, trainable: boolean | null): void {
  if (trainable === null) settings.delete(key);
  else settings.set(key, trainable);
}

function first<T>(items: readonly T[], find: (item: T) => boolean | undefined): boolean | undefined {
  return items.map(find).find((found) => found !== undefined);
}

function checkSettings(settings: unknown): boolean | null {
  if (typeof settings === "object" && settings !== null) {
    for (const name of Object.keys(settings)) {
      if (name !== "trainable")
        throw new ValidationError({
          owner: "configure",
          parameter: name,
          expected: "the setting trainable",
          got: `an unknown setting ${JSON.stringify(name)}`,
        });
    }
    if ("trainable" in settings && (settings.trainable === null || typeof settings.trainable === "boolean")) return settings.trainable;
  }
  throw new ValidationError({
    owner: "configure",
    parameter: "trainable",
    expected: "{trainable: true}, false or null",
    got: typeof settings === "object" && settings !== null && "trainable" in settings ? describe(settings.trainable) : describe(settings),
  });
}
