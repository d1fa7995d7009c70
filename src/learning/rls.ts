import { freeze } from "../declared.ts";
import { checkRoom } from "../math/room.ts";
import { div, input, mul } from "../expr/expr.ts";
import { alongColumns, alongRows, matrixPlusOuter } from "../ir/outer.ts";
import { operand, range } from "../ir/signal.ts";
import type { SynapseLike } from "../synapses/asSynapse.ts";
import { Lowpass } from "../synapses/index.ts";
import type { Synapse } from "../synapses/synapse.ts";
import { filterOf } from "./filterOf.ts";
import { checkRate, LearningRuleType, type LearningLowering, type LearningSource, type LearningStep } from "./learningRuleType.ts";

const product = mul(input("r"), input("p"));
const inverse = div(-1, input("sum"));
const scaled = mul(input("s"), input("p"));
const row = mul(input("s"), input("error"));

export interface RLSOptions {
  /** @defaultValue 1e-3 */
  readonly learningRate?: number;
  /** Filter of pre's activities; a number is the time constant (s) of a Lowpass. @defaultValue 0.005 */
  readonly preSynapse?: SynapseLike;
}

/**
 * Recursive least squares: decoders change by the error, which connections to the rule bring, weighed by a running estimate
 * P of the inverse of the activities' correlations. `p = P r; s = 1 / (1 + r . p); P -= s p p^T; dD = -s e p^T`, r: filtered
 * activities of the n neurons of pre; P starts as the identity times `learningRate dt / n`.
 * Source: Sussillo & Abbott, Neuron 63 (2009), "Generating coherent patterns of activity from chaotic neural networks".
 */
export class RLS extends LearningRuleType {
  static override readonly type: string = "RLS";
  static override readonly parameters: readonly string[] = ["learningRate", "preSynapse"];
  readonly learningRate: number;
  readonly preSynapse: Synapse | null;

  constructor(options: RLSOptions = {}) {
    super(options);
    this.learningRate = checkRate(this.type, options.learningRate ?? 1e-3);
    this.preSynapse = filterOf(this.type, "preSynapse", options.preSynapse, new Lowpass({ tau: 0.005 }));
    freeze(this, new.target, RLS);
  }

  override get modifies(): "decoders" {
    return "decoders";
  }
  override get errorSize(): "postState" {
    return "postState";
  }
  override get probeable(): readonly string[] {
    return ["preFiltered", "error", "delta", "invGamma"];
  }
  override get sources(): readonly LearningSource[] {
    return [
      { kind: "pre", name: "preFiltered", synapse: this.preSynapse },
      { kind: "error", name: "error", initial: 0 },
    ];
  }
  override get reads(): readonly string[] {
    return ["preFiltered", "error"];
  }

  override lower({ dt, sources: { preFiltered, error }, columns: n, state, scratch, origin }: LearningLowering): LearningStep {
    const identity = new Float64Array(checkRoom(n * n, origin));
    for (let i = 0; i < n; i++) identity[i * (n + 1)] = (this.learningRate * dt) / n;
    // Symmetric, so that it does not matter which way it is stored.
    const invGamma = state("invGamma", [n, n], identity);
    const [gained, sum, scale, reduction] = [scratch("gained", [n]), scratch("sum", [1]), scratch("scale", [1]), scratch("reduction", [n])];
    const matrix = { signal: invGamma, offset: 0, strides: [1, n] };
    const common = { origin, constants: {}, differentiable: false } as const;
    return {
      operators: [
        {
          kind: "matmul",
          origin,
          weights: matrix,
          x: preFiltered,
          y: range(gained),
          role: "set",
          spikes: false,
        },
        { kind: "set", origin, target: range(sum), value: 1 },
        {
          kind: "elementwise",
          ...common,
          shape: [n],
          inputs: { r: operand(preFiltered), p: operand(range(gained)) },
          outputs: [{ operand: { signal: sum, offset: 0, strides: [0] }, role: "inc", expr: product }],
        },
        {
          kind: "elementwise",
          ...common,
          shape: [1],
          inputs: { sum: operand(range(sum)) },
          outputs: [{ operand: operand(range(scale)), role: "set", expr: inverse }],
        },
        {
          kind: "elementwise",
          ...common,
          shape: [n],
          inputs: { s: operand(range(scale), true), p: operand(range(gained)) },
          outputs: [{ operand: operand(range(reduction)), role: "set", expr: scaled }],
        },
        {
          kind: "elementwise",
          ...common,
          shape: [n, n],
          inputs: { W: matrix, y: alongRows(range(reduction)), x: alongColumns(range(gained)) },
          outputs: [{ operand: matrix, role: "update", expr: matrixPlusOuter }],
        },
      ],
      change: {
        row: { expr: row, inputs: { s: range(scale), error }, constants: {} },
        column: range(gained),
        decay: null,
      },
    };
  }
}
