import type { Tensor } from "@tensorflow/tfjs-core";
import { ShapeError } from "../errors.ts";
import type { ModelGraph } from "./graph.ts";

/** What the inputs are for. */
export interface InputsPlace {
  readonly owner: string;
  readonly parameter: string;
}

/**
 * Checks that there is a tensor `[batch, ...shape]` (`[batch, steps, ...shape]` of a temporal model) for every input of a model.
 * @throws ShapeError
 */
export function checkInputs(
  { graph, temporal, place }: { graph: ModelGraph; temporal: boolean; place: InputsPlace },
  inputs: readonly Tensor[],
): void {
  const lead = temporal ? 2 : 1;
  const fits =
    inputs.length === graph.inputs.length &&
    inputs.every(({ shape }, k) => {
      const wanted = graph.inputs[k].shape;
      const alike = Array.from({ length: lead }, (_, axis) => shape[axis] === inputs[0].shape[axis] && shape[axis] > 0).every(Boolean);
      return shape.length === lead + wanted.length && wanted.every((n, axis) => n === shape[lead + axis]) && alike;
    });
  if (fits) return;
  const shapeText = (shape: readonly number[]): string => `[${["batch", ...(temporal ? ["steps"] : []), ...shape].join(", ")}]`;
  throw new ShapeError({
    ...place,
    expected: graph.inputs.map(({ shape }) => shapeText(shape)).join(" and "),
    got: inputs.map(({ shape }) => `[${shape.join(", ")}]`).join(" and "),
  });
}
