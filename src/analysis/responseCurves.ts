import { ShapeError, ValidationError } from "../errors.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { linspace } from "../math/numpy.ts";
import { Ensemble, objectName } from "../network/index.ts";
import { Direct } from "../neurons/index.ts";
import type { Simulator } from "../simulator/index.ts";

/** How neurons answer along their own encoders. */
export interface ResponseCurves {
  /** Projections on the encoder, relative to the radius `[points]`. */
  readonly inputs: NdArray;
  /** `[points, neurons]`, Hz. */
  readonly rates: NdArray;
}

/** Points where none are given. */
const POINTS = 50;

/**
 * Rates of an ensemble's neurons against what each is sensitive to, the projection of a value on its encoder.
 * @param inputs - projections `[points]`; left out, 50 from -1 to 1
 * @throws ValidationError for Direct mode, ShapeError for inputs that are no list
 */
export function responseCurves(ensemble: Ensemble, sim: Simulator, inputs?: ArrayLike_): ResponseCurves {
  const owner = "responseCurves";
  if (!(ensemble instanceof Ensemble))
    throw new ValidationError({ owner, parameter: "ensemble", expected: "an Ensemble", got: objectName(ensemble) });
  if (ensemble.neuronType instanceof Direct)
    throw new ValidationError({ owner, parameter: "ensemble", expected: "an ensemble with neurons", got: "Direct mode" });
  const points =
    inputs === undefined ? { shape: [POINTS], data: linspace(-1, 1, POINTS) } : ndarray(inputs, { owner, parameter: "inputs" });
  if (points.shape.length !== 1)
    throw new ShapeError({ owner, parameter: "inputs", expected: "projections [points]", got: `shape [${points.shape.join(", ")}]` });
  const n = ensemble.nNeurons;
  const { gain, bias } = sim.data.get(ensemble);
  const J = Float64Array.from(
    { length: points.data.length * n },
    (_, k) => gain!.data[k % n] * points.data[Math.floor(k / n)] + bias!.data[k % n],
  );
  return { inputs: points, rates: { shape: [points.data.length, n], data: ensemble.neuronType.rates(J) } };
}
