import { Tensor, type NamedTensorMap } from "@tensorflow/tfjs-core";
import type { ClassWeight, ClassWeightMap } from "@tensorflow/tfjs-layers";
import { ValidationError, describe } from "../errors.ts";

type ClassWeights = ClassWeight | ClassWeight[] | ClassWeightMap;

/** What a dataset's iterator gives: a batch of inputs and targets. */
interface Item {
  readonly value: { xs: unknown; ys: Tensor | Tensor[] | NamedTensorMap } | null;
  readonly done: boolean;
}

/**
 * Class weights of the outputs in use, in their order, filled with null to one entry for each output of the model:
 * tfjs pairs the i-th of them with the i-th target. Weights that are not given per output are left for tfjs to judge.
 */
export function pickClassWeights(
  weights: ClassWeights | undefined,
  outputNames: readonly string[],
  used: readonly number[],
): ClassWeights | undefined {
  if (!weights || used.length === outputNames.length) return weights;
  const known = Array.isArray(weights)
    ? weights.length === outputNames.length
    : Object.keys(weights).every((name) => outputNames.includes(name));
  if (!known) {
    throw new ValidationError({
      owner: "NengoModel.fit",
      parameter: "classWeight",
      expected: `weights by output name or an array of ${outputNames.length}`,
      got: describe(weights),
      fix: `Outputs are ${outputNames.join(", ")}`,
    });
  }
  const byOutput = outputNames.map((name, i) => (Array.isArray(weights) ? weights[i] : (weights as ClassWeightMap)[name]) ?? null);
  return outputNames.map((_, i) => (i < used.length ? byOutput[used[i]] : null)) as ClassWeight[];
}

/**
 * A dataset (or its iterator) whose items have targets for the outputs in use only, in the form that tfjs takes: an array with one tensor per output of the model.
 * Those in use come first; the rest repeats the first and is not read.
 */
export function pickTargets<D>(dataset: D, names: readonly string[], count: number): D {
  const iterate = (iterator: { next(): Promise<Item> }) => ({
    async next(): Promise<Item> {
      const { value, done } = await iterator.next();
      if (!value) return { value, done };
      const targets = targetList(value.ys, names);
      return { value: { xs: value.xs, ys: [...targets, ...Array<Tensor>(count - targets.length).fill(targets[0])] }, done };
    },
  });
  const source = dataset as { next?: unknown; size?: number; iterator(): Promise<{ next(): Promise<Item> }> };
  if (typeof source.next === "function") return iterate(dataset as { next(): Promise<Item> }) as D;
  return { size: source.size, iterator: async () => iterate(await source.iterator()) } as D;
}

function targetList(ys: Tensor | Tensor[] | NamedTensorMap, names: readonly string[]): Tensor[] {
  const list = ys instanceof Tensor ? [ys] : Array.isArray(ys) ? ys : names.flatMap((name) => ys[name] ?? []);
  if (list.length !== names.length) {
    throw new ValidationError({
      owner: "NengoModel",
      parameter: "dataset",
      expected: `targets for the outputs ${names.join(", ")}`,
      got: describe(ys instanceof Tensor ? "one tensor" : Object.keys(ys)),
      fix: "Give a tensor for each of them",
    });
  }
  if (!(ys instanceof Tensor) && !Array.isArray(ys)) {
    // tfjs disposes what it takes; targets of other outputs would stay.
    for (const [name, tensor] of Object.entries(ys)) if (!names.includes(name)) tensor.dispose();
  }
  return list;
}
