import type * as tfl from "@tensorflow/tfjs-layers";
import { ConversionError, describe } from "../../errors.ts";
import type { Assignment } from "./assignWeights.ts";
import type { MadeModel } from "./buildModel.ts";
import { title } from "./layerSpec.ts";
import type { MadeLayer } from "./makeLayer.ts";
import type { NamedWeights, StoredWeight } from "./storedWeight.ts";

/** Layers that have weights and no layers of their own, in the order of the file, shared ones once. */
function leaves(made: MadeLayer): MadeLayer[] {
  const found = new Map<tfl.layers.Layer, MadeLayer>();
  const visit = (one: MadeLayer) => {
    const isModel = one.inside.length > 0 && "layers" in one.layer;
    if (isModel) one.inside.forEach(visit);
    else if (one.layer.weights.length > 0 && !found.has(one.layer)) found.set(one.layer, one);
  };
  visit(made);
  return [...found.values()];
}

/** Arrays for the layers of a model whose file has them by name. */
export function namedAssignments(model: MadeModel, weights: NamedWeights): Assignment[] {
  const whole = weights.of(model.spec.fileName);
  if (whole === null) return divide(leaves(model), weights.all, model);
  return model.inside.flatMap((made) => {
    const stored = weights.of(made.spec.fileName) ?? [];
    const inner = leaves(made);
    if (inner.length === 1 && inner[0] === made) return [assignment(made, stored)];
    return divide(inner, stored, made);
  });
}

const assignment = (made: MadeLayer, stored: readonly StoredWeight[]): Assignment => ({
  made,
  weights: made.layer.weights,
  stored: ordered(made, stored),
});

const baseName = (name: string) => name.slice(name.lastIndexOf("/") + 1);

/** In the order of the layer's weights where the last parts of the names say which is which, else as they stand. */
function ordered({ layer }: MadeLayer, stored: readonly StoredWeight[]): readonly StoredWeight[] {
  const wanted = layer.weights.map(({ originalName }) => baseName(originalName));
  const there = new Map(stored.map((weight) => [baseName(weight.name), weight]));
  const unambiguous = new Set(wanted).size === wanted.length && there.size === stored.length && stored.length === wanted.length;
  return unambiguous && wanted.every((name) => there.has(name)) ? wanted.map((name) => there.get(name) as StoredWeight) : stored;
}

/**
 * Divides the arrays of a model among its layers: by the variables' own names (files of tfjs), by the layers' names in them, and where
 * neither tells, in the order in which Keras writes them: what trains first, then the rest.
 */
function divide(layers: readonly MadeLayer[], stored: readonly StoredWeight[], outer: MadeLayer): Assignment[] {
  return byVariable(layers, stored) ?? byLayerName(layers, stored) ?? byOrder(layers, stored, outer);
}

function byVariable(layers: readonly MadeLayer[], stored: readonly StoredWeight[]): Assignment[] | null {
  const there = new Map(stored.map((weight) => [weight.name, weight]));
  const variables = layers.flatMap(({ layer }) => layer.weights);
  if (there.size !== variables.length || !variables.every(({ originalName }) => there.has(originalName))) return null;
  return layers.map((made) => ({
    made,
    weights: made.layer.weights,
    stored: made.layer.weights.map(({ originalName }) => there.get(originalName) as StoredWeight),
  }));
}

function byLayerName(layers: readonly MadeLayer[], stored: readonly StoredWeight[]): Assignment[] | null {
  const parts = new Map<string, StoredWeight[]>(layers.map(({ spec }) => [spec.fileName, []]));
  if (parts.size !== layers.length) return null;
  for (const weight of stored) {
    // the innermost layer stands last, before the variable; a cell's or wrapped layer's name is none of the model
    const owner =
      weight.name
        .split("/")
        .slice(0, -1)
        .findLast((part) => parts.has(part)) ?? [...parts.keys()].find((name) => weight.name.startsWith(`${name}/`));
    if (owner === undefined) return null;
    parts.get(owner)?.push(weight);
  }
  const assignments = layers.map((made) => assignment(made, parts.get(made.spec.fileName) ?? []));
  return assignments.every(({ weights, stored: own }) => weights.length === own.length) || !sameCount(layers, stored) ? assignments : null;
}

const sameCount = (layers: readonly MadeLayer[], stored: readonly StoredWeight[]) =>
  layers.reduce((sum, { layer }) => sum + layer.weights.length, 0) === stored.length;

function byOrder(layers: readonly MadeLayer[], stored: readonly StoredWeight[], outer: MadeLayer): Assignment[] {
  const order = [...layers.flatMap(({ layer }) => layer.trainableWeights), ...layers.flatMap(({ layer }) => layer.nonTrainableWeights)];
  if (order.length !== stored.length) {
    throw new ConversionError(
      {
        owner: title(outer.spec),
        parameter: "weights",
        expected: `${order.length} arrays in the file`,
        got: `${stored.length}: ${describe(stored.slice(0, 6).map(({ name }) => name))}`,
        fix: "Save the whole model again; this file and its config do not belong together",
      },
      { layer: outer.spec.name },
    );
  }
  const of = new Map(order.map((variable, i) => [variable, stored[i]]));
  return layers.map((made) => ({
    made,
    weights: made.layer.weights,
    stored: made.layer.weights.map((variable) => of.get(variable) as StoredWeight),
  }));
}
