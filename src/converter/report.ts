import type { ItemShape } from "./graph.ts";
import type { Measurement } from "./measuring/measurement.ts";

/** What a call of a layer became. */
export type Became = "neurons" | "linear" | "passed on" | "tensor node";

/** What became of one call of a layer, and why. */
export interface LayerReport {
  /** Name of the layer, with the names of nested models before it. */
  readonly name: string;
  readonly className: string;
  readonly became: Became;
  /** Sizes of one item of the output. */
  readonly shape: ItemShape;
  readonly neurons: number;
  /** Of the neurons, e.g. "SpikingRectifiedLinear"; null where there are none. */
  readonly neuronType: string | null;
  /** Numbers that come from the layer's weights. */
  readonly parameters: number;
  /** Factor of the neurons' rates. */
  readonly scale: number;
  /** What is to be known: reasons for a tensor node, approximations. */
  readonly notes: readonly string[];
}

/** What a model became. `toString` is a table, `toJSON` plain data. */
export class ConversionReport {
  readonly model: string;
  readonly layers: readonly LayerReport[];
  /** What holds for the whole model. */
  readonly warnings: readonly string[];
  /** What it did on data, when it was last measured; null before. */
  measured: Measurement | null = null;

  constructor(model: string, layers: readonly LayerReport[], warnings: readonly string[]) {
    this.model = model;
    this.layers = layers;
    this.warnings = warnings;
  }

  /** Neurons of the network. */
  get neurons(): number {
    return this.layers.reduce((sum, { neurons }) => sum + neurons, 0);
  }

  /** Whether every layer has a counterpart of its own. */
  get native(): boolean {
    return this.layers.every(({ became }) => became !== "tensor node");
  }

  /** Plain data. */
  toJSON(): Record<string, unknown> {
    const { model, neurons, native, layers, warnings, measured } = this;
    return { model, neurons, native, layers, warnings, measured };
  }

  /** A table for people. */
  toString(): string {
    const head = ["layer", "class", "output", "became", "neurons", "parameters"];
    const rows = this.layers.map(({ name, className, shape, became, neurons, neuronType, parameters, scale }) => [
      name,
      className,
      shape.join(" x "),
      `${neuronType ?? became}${scale === 1 ? "" : `, rates x ${Number(scale.toPrecision(4))}`}`,
      `${neurons}`,
      `${parameters}`,
    ]);
    const widths = head.map((title, column) => Math.max(...[head, ...rows].map((row) => row[column].length), title.length));
    const line = (row: readonly string[]): string =>
      row
        .map((cell, column) => (column < 4 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
        .join("  ")
        .trimEnd();
    const notes = [...this.layers.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`)), ...this.warnings];
    const measured = this.measured === null ? [] : ["", String(this.measured)];
    return [`${this.model}: ${this.neurons} neurons`, line(head), ...rows.map(line), ...notes.map((note) => `- ${note}`), ...measured].join(
      "\n",
    );
  }
}
