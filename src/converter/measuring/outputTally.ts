import { classAt } from "./labels.ts";

/** How an output does after every number of steps, from 1: null where nothing is read yet. */
export interface OutputMeasurement {
  readonly name: string;
  /** Part of the items whose class is the label; null without labels. */
  readonly accuracy: readonly (number | null)[] | null;
  /** The same of the source model. */
  readonly modelAccuracy: number | null;
  /** Part of the items whose class is that of the source model. */
  readonly agreement: readonly (number | null)[];
  /** Root mean square of the difference to the source model's outputs, as a part of their root mean square. */
  readonly error: readonly (number | null)[];
  /** Steps from which on the loss stays within the tolerance; null where it does not at the end. */
  readonly smallestSteps: number | null;
}

/** Counts how an output does against the source model and labels. */
export class OutputTally {
  private readonly name: string;
  private readonly size: number;
  private readonly labels: Int32Array | null;
  private readonly correct: Float64Array;
  private readonly agreed: Float64Array;
  private readonly squares: Float64Array;
  private readonly wanted: Float64Array;
  private items = 0;
  private modelCorrect = 0;

  /** @param labels - of all items, in the order in which they come; null where there are none */
  constructor(name: string, size: number, steps: number, labels: Int32Array | null) {
    this.name = name;
    this.size = size;
    this.labels = labels;
    [this.correct, this.agreed, this.squares, this.wanted] = Array.from({ length: 4 }, () => new Float64Array(steps)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
  }

  /**
   * Adds a batch.
   * @param got - `[reads, batch, size]`, after `first` steps, `first + 1`, ...
   * @param source - what the model gives: `[batch, size]`, or as `got` where that changes over time
   */
  add(got: ArrayLike<number>, source: ArrayLike<number>, first: number, count: number): void {
    const { size, labels } = this;
    const whole = count * size;
    const reads = this.correct.length - first + 1;
    const overTime = source.length === got.length && reads > 1;
    for (let read = 0; read < reads; read++) {
      const at = first - 1 + read;
      for (let item = 0; item < count; item++) {
        const mine = classAt(got, read * count + item, size);
        const theirs = classAt(source, (overTime ? read * count : 0) + item, size);
        if (mine === theirs) this.agreed[at]++;
        if (labels === null) continue;
        const label = labels[this.items + item];
        if (mine === label) this.correct[at]++;
        if (read === reads - 1 && theirs === label) this.modelCorrect++;
      }
      for (let k = 0; k < whole; k++) {
        const model = source[(overTime ? read * whole : 0) + k];
        this.squares[at] += (got[read * whole + k] - model) ** 2;
        this.wanted[at] += model ** 2;
      }
    }
    this.items += count;
  }

  /** @param first - steps after which there is something to read */
  result(first: number, tolerance: number): OutputMeasurement {
    const { name, items, labels } = this;
    const after = (values: Float64Array, of: (value: number, at: number) => number): (number | null)[] =>
      Array.from(values, (value, at) => (at < first - 1 ? null : of(value, at)));
    const part = (values: Float64Array): (number | null)[] => after(values, (value) => value / items);
    const accuracy = labels === null ? null : part(this.correct);
    const modelAccuracy = labels === null ? null : this.modelCorrect / items;
    const error = after(this.squares, (value, at) => (value === 0 ? 0 : Math.sqrt(value / this.wanted[at])));
    // Counted in items, where a difference of parts such as 0.98 - 0.97 would be a little above 0.01.
    const loss = (at: number): number => (labels === null ? (error[at] ?? Infinity) : (this.modelCorrect - this.correct[at]) / items);
    let smallest: number | null = null;
    for (let at = this.correct.length - 1; at >= first - 1 && loss(at) <= tolerance; at--) smallest = at + 1;
    return { name, accuracy, modelAccuracy, agreement: part(this.agreed), error, smallestSteps: smallest };
  }
}
