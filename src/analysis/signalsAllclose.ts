import { checkNumber } from "../declared.ts";
import { ShapeError, ValidationError } from "../errors.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";

/** Options of {@link signalsAllclose}. */
export interface SignalsAllcloseOptions {
  /** Largest difference for targets of 0, >= 0. @defaultValue 1e-8 */
  readonly atol?: number;
  /** Largest difference relative to the target, added to `atol`, >= 0. @defaultValue 1e-5 */
  readonly rtol?: number;
  /** Seconds at the start that are not looked at. @defaultValue 0 */
  readonly buf?: number;
  /** Seconds by which signals come later than targets, >= 0. @defaultValue 0 */
  readonly delay?: number;
}

/**
 * Whether recorded signals are what they should be: `|signal - target| <= atol + rtol |target|` at every time; one answer a signal.
 * @param t - times `[steps]` (s)
 * @param targets - `[steps, 1]` for all signals, or `[steps, signals]`
 * @param signals - `[steps, signals]`
 * @throws ShapeError where the shapes do not fit together, ValidationError where nothing is left to compare
 */
export function signalsAllclose(t: ArrayLike_, targets: ArrayLike_, signals: ArrayLike_, options: SignalsAllcloseOptions = {}): boolean[] {
  const owner = "signalsAllclose";
  const { atol = 1e-8, rtol = 1e-5, buf = 0, delay = 0 } = options;
  for (const [name, value] of Object.entries({ atol, rtol, buf, delay })) checkNumber(owner, name, value, { min: 0 });
  const times = ndarray(t, { owner, parameter: "t" }).data;
  const [wanted, got] = [columns("targets", targets, times.length), columns("signals", signals, times.length)];
  const count = got.shape[1];
  if (wanted.shape[1] !== 1 && wanted.shape[1] !== count)
    throw new ShapeError({
      owner,
      parameter: "targets",
      expected: `one column or ${count}, as signals have`,
      got: `${wanted.shape[1]}`,
    });
  const dt = times.length > 1 ? times[1] - times[0] : 1;
  const [margin, late] = [Math.round(buf / dt), Math.round(delay / dt)];
  if (times.length - late <= margin)
    throw new ValidationError({
      owner,
      parameter: "buf",
      expected: "some time that is left to compare",
      got: `${buf} s of ${times.length * dt} s, ${delay} s late`,
    });
  return Array.from({ length: count }, (_, c) => {
    for (let k = margin; k + late < times.length; k++) {
      const target = wanted.data[k * wanted.shape[1] + (wanted.shape[1] === 1 ? 0 : c)];
      if (!(Math.abs(got.data[(k + late) * count + c] - target) <= atol + rtol * Math.abs(target))) return false;
    }
    return true;
  });
}

/** A list of numbers as one column. */
function columns(parameter: string, value: ArrayLike_, steps: number): NdArray {
  const array = ndarray(value, { owner: "signalsAllclose", parameter });
  const shape = array.shape.length === 1 ? [array.shape[0], 1] : array.shape;
  if (shape.length !== 2 || shape[0] !== steps)
    throw new ShapeError({
      owner: "signalsAllclose",
      parameter,
      expected: `[${steps}, signals], one row for each time`,
      got: `shape [${array.shape.join(", ")}]`,
    });
  return { shape, data: array.data };
}
