import { dispose, tidy } from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { ConversionError, describe } from "../../errors.ts";
import type { MadeModel } from "./buildModel.ts";
import { title } from "./layerSpec.ts";
import type { MadeLayer } from "./makeLayer.ts";
import { namedAssignments } from "./namedWeights.ts";
import { placedAssignments } from "./placedWeights.ts";
import type { ModelWeights, StoredWeight } from "./storedWeight.ts";

/** What a layer gets, in the order of its weights. */
export interface Assignment {
  readonly made: MadeLayer;
  readonly weights: readonly tfl.LayerVariable[];
  readonly stored: readonly StoredWeight[];
}

/**
 * Gives every layer of the model its arrays of the file. All are checked before the first is read.
 * @throws ConversionError for arrays that are missing, too many, or of another shape
 */
export function assignWeights(model: MadeModel, weights: ModelWeights): void {
  const assignments = weights.kind === "named" ? namedAssignments(model, weights) : placedAssignments(model, weights);
  for (const assignment of assignments) check(assignment);
  for (const { weights: variables, stored } of assignments) variables.forEach((variable, i) => write(variable, stored[i]));
}

function check({ made, weights, stored }: Assignment): void {
  if (stored.length !== weights.length) {
    throw new ConversionError(
      {
        owner: title(made.spec),
        parameter: "weights",
        expected: `${weights.length} arrays in the file (${weights.map(({ originalName }) => originalName).join(", ")})`,
        got: stored.length === 0 ? "none" : `${stored.length}: ${stored.map(({ name }) => name).join(", ")}`,
        fix: "Save the whole model again; this file and its config do not belong together",
      },
      { layer: made.spec.name },
    );
  }
  weights.forEach((variable, i) => {
    if (describe(variable.shape) === describe(stored[i].shape) && variable.shape.length === stored[i].shape.length) return;
    throw new ConversionError(
      {
        owner: title(made.spec),
        parameter: "weights",
        expected: `shape [${variable.shape.join(", ")}] for ${stored[i].name}`,
        got: `[${stored[i].shape.join(", ")}]`,
        fix: "Save the whole model again; this file and its config do not belong together",
      },
      { layer: made.spec.name },
    );
  });
}

function write(variable: tfl.LayerVariable, stored: StoredWeight): void {
  const value = stored.read();
  const wanted = variable.dtype as "float32" | "int32" | "bool";
  const cast = value.dtype === wanted ? value : tidy(() => value.cast(wanted));
  // tfjs would apply the constraint, and change numbers that Keras loads as they are
  const free = variable as unknown as { constraint: unknown };
  const { constraint } = free;
  free.constraint = null;
  variable.write(cast);
  free.constraint = constraint;
  dispose([value, cast]);
}
