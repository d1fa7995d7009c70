import type { MeasuredNeurons } from "./subject.ts";

/** How fast a layer's neurons fired, over all neurons and items. */
export interface LayerRates {
  readonly name: string;
  readonly neuronType: string;
  readonly neurons: number;
  /** Of neurons that do not spike, rates are what they stand for. */
  readonly spiking: boolean;
  /** Mean spikes of all neurons in an inference; 0 where they do not spike. */
  readonly spikes: number;
  /** Hz. */
  readonly mean: number;
  /** Hz, by percent. */
  readonly percentiles: Readonly<Record<"50" | "90" | "99" | "99.9" | "100", number>>;
  /** Part of the rates that are 0. */
  readonly silent: number;
  /** Part of the outputs, at all steps, that are not 0. */
  readonly active: number;
  /** Parts of all rates between `edges` (Hz), which are one more and evenly apart. */
  readonly histogram: { readonly edges: readonly number[]; readonly parts: readonly number[] };
  /** Pearson's, of rates with the source layer's activations; null where either is constant, or neurons do not stand for values one by one. */
  readonly correlation: number | null;
}

/** What neurons gave in the runs of a batch. */
export interface RunSums {
  /** Sums over a run of a neuron's output, `[batch, units]`. */
  readonly signed: ArrayLike<number>;
  /** Sums of its size. */
  readonly sizes: ArrayLike<number>;
  /** Part of all outputs that are not 0. */
  readonly active: number;
}

const BINS = 24;

/** Counts spikes of a layer's neurons, and compares them with activations. */
export class RateTally {
  private readonly places: readonly MeasuredNeurons[];
  /** How often a neuron fired so many times in a run: exact for spikes, since those are whole numbers. */
  private readonly runs = new Map<number, number>();
  private total = 0;
  private activity = 0;
  private items = 0;
  private n = 0;
  private readonly sums = { x: 0, y: 0, xx: 0, yy: 0, xy: 0 };

  /** @param places - all neurons that a call became */
  constructor(places: readonly MeasuredNeurons[]) {
    this.places = places;
  }

  /** Whether activations are compared. */
  get oneByOne(): boolean {
    return this.places.length === 1 && this.places[0].oneByOne;
  }

  /**
   * Adds a batch of one of the places.
   * @param activations - `[batch, units]`, where {@link oneByOne}
   */
  add(place: MeasuredNeurons, { signed, sizes, active }: RunSums, activations: ArrayLike<number> | null, count: number): void {
    const { unit, spiking, faster } = place;
    for (let k = 0; k < sizes.length; k++) {
      const exact = sizes[k] * Math.abs(unit);
      // Rates that are no spikes have any value: three digits tell enough, and keep the map small.
      const spikes = spiking ? Math.round(exact) : Number(exact.toPrecision(3));
      this.runs.set(spikes, (this.runs.get(spikes) ?? 0) + 1);
      this.total += spikes;
      if (activations !== null) this.compare(activations[k] * (faster === null ? 1 : faster[k % faster.length]), signed[k] * unit);
    }
    this.activity += active * sizes.length;
    if (place === this.places[0]) this.items += count;
  }

  private compare(x: number, y: number): void {
    this.n++;
    const { sums } = this;
    sums.x += x;
    sums.y += y;
    sums.xx += x * x;
    sums.yy += y * y;
    sums.xy += x * y;
  }

  private get correlation(): number | null {
    const { x, y, xx, yy, xy } = this.sums;
    const [n, vx, vy] = [this.n, xx * this.n - x * x, yy * this.n - y * y];
    if (!this.oneByOne || n < 2 || !(vx > 1e-12 * n * xx) || !(vy > 1e-12 * n * yy)) return null;
    return Math.max(-1, Math.min(1, (xy * n - x * y) / Math.sqrt(vx * vy)));
  }

  /** @param seconds - of a run */
  result(seconds: number): LayerRates {
    const [{ path, neuronType, spiking }] = this.places as [MeasuredNeurons];
    const neurons = this.places.reduce((sum, { units }) => sum + units, 0);
    const sorted = [...this.runs].sort(([a], [b]) => a - b);
    const all = neurons * this.items;
    const percentile = (percent: number): number => {
      let seen = 0;
      for (const [spikes, times] of sorted) {
        seen += times;
        if (seen >= (percent / 100) * all) return spikes / seconds;
      }
      return 0;
    };
    const highest = percentile(100);
    const bins = highest === 0 ? 1 : BINS;
    const parts = new Array<number>(bins).fill(0);
    for (const [spikes, times] of sorted)
      parts[highest === 0 ? 0 : Math.min(bins - 1, Math.floor((spikes / seconds / highest) * bins))] += times / all;
    return {
      name: path,
      neuronType,
      neurons,
      spiking,
      spikes: spiking ? this.total / this.items : 0,
      mean: this.total / all / seconds,
      percentiles: {
        50: percentile(50),
        90: percentile(90),
        99: percentile(99),
        99.9: percentile(99.9),
        100: highest,
      },
      active: this.activity / all,
      silent: (this.runs.get(0) ?? 0) / all,
      histogram: { edges: Array.from({ length: bins + 1 }, (_, k) => (k * (highest || 1)) / bins), parts },
      correlation: this.correlation,
    };
  }
}
