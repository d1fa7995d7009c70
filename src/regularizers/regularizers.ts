import { deviation, weigh, type ActivityRegularizer, type Target } from "./activityRegularizer.ts";

/** Arguments of {@link l1}. */
export interface L1Options {
  /** @defaultValue 0.01 */
  readonly l1?: number;
  /** @defaultValue 0 */
  readonly target?: Target;
}

/** Arguments of {@link l2}. */
export interface L2Options {
  /** @defaultValue 0.01 */
  readonly l2?: number;
  /** @defaultValue 0 */
  readonly target?: Target;
}

/** Arguments of {@link l1l2}: at least one weight. */
export interface L1L2Options {
  /** @defaultValue 0 */
  readonly l1?: number;
  /** @defaultValue 0 */
  readonly l2?: number;
  /** @defaultValue 0 */
  readonly target?: Target;
}

/** Arguments of {@link ranged}. */
export interface RangedOptions {
  /** @defaultValue 0 */
  readonly target?: Target;
  /** What the deviations cost. @defaultValue their squares, 0.01 each */
  readonly regularizer?: ActivityRegularizer;
}

/** `l1 sum |e|`, e being the deviation from the target. Throws a ValidationError for weights below 0 and odd targets, as all do. */
export const l1 = ({ l1: weight = 0.01, target = 0 }: L1Options = {}): ActivityRegularizer => both("l1", weight, 0, target);

/** `l2 sum e^2`, e being the deviation from the target. */
export const l2 = ({ l2: weight = 0.01, target = 0 }: L2Options = {}): ActivityRegularizer => both("l2", 0, weight, target);

/** `l1 sum |e| + l2 sum e^2`, e being the deviation from the target. */
export const l1l2 = ({ l1: absolute = 0, l2: squared = 0, target = 0 }: L1L2Options): ActivityRegularizer =>
  both("l1l2", absolute, squared, target);

/** Any regularizer of the deviations from a target. */
export function ranged({ target = 0, regularizer = l2() }: RangedOptions = {}): ActivityRegularizer {
  const from = deviation("ranged", target);
  return (x) => regularizer(from(x));
}

function both(owner: string, absolute: number, squared: number, target: Target): ActivityRegularizer {
  const [from, cost] = [deviation(owner, target), weigh(owner, absolute, squared)];
  return (x) => cost(from(x));
}
