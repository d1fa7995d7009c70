import { freeze } from "../declared.ts";
import { input, mul, neg } from "../expr/expr.ts";
import type { SynapseLike } from "../synapses/asSynapse.ts";
import { Lowpass } from "../synapses/index.ts";
import type { Synapse } from "../synapses/synapse.ts";
import { filterOf } from "./filterOf.ts";
import { checkRate, LearningRuleType, type LearningLowering, type LearningSource, type LearningStep } from "./learningRuleType.ts";

const row = mul(neg(input("k")), input("local"));

export interface PESOptions {
  /** @defaultValue 1e-4 */
  readonly learningRate?: number;
  /** Filter of pre's activities; a number is the time constant (s) of a Lowpass. @defaultValue 0.005 */
  readonly preSynapse?: SynapseLike;
}

/**
 * Prescribed error sensitivity: decoders change so that the error, which connections to the rule bring, goes down.
 * `dD[i, j]/dt = -(learningRate / n) e[i] a[j]`, a: filtered activities of the n neurons of pre. Where the connection ends at
 * neurons, e is the error through their scaled encoders.
 * Source: MacNeil & Eliasmith, PLoS ONE 6 (2011), "Fine-tuning and the stability of recurrent neural networks".
 */
export class PES extends LearningRuleType {
  static override readonly type: string = "PES";
  static override readonly parameters: readonly string[] = ["learningRate", "preSynapse"];
  readonly learningRate: number;
  readonly preSynapse: Synapse | null;

  constructor(options: PESOptions = {}) {
    super(options);
    this.learningRate = checkRate(this.type, options.learningRate ?? 1e-4);
    this.preSynapse = filterOf(this.type, "preSynapse", options.preSynapse, new Lowpass({ tau: 0.005 }));
    freeze(this, new.target, PES);
  }

  override get modifies(): "decoders" {
    return "decoders";
  }
  override get errorSize(): "postState" {
    return "postState";
  }
  override get probeable(): readonly string[] {
    return ["error", "activities", "delta"];
  }
  override get sources(): readonly LearningSource[] {
    return [
      { kind: "error", name: "error", initial: 0 },
      { kind: "pre", name: "activities", synapse: this.preSynapse },
      { kind: "localError", name: "local" },
    ];
  }
  override get reads(): readonly string[] {
    return ["activities", "local"];
  }

  override lower({ dt, sources: { local, activities }, columns }: LearningLowering): LearningStep {
    return {
      operators: [],
      change: {
        row: { expr: row, inputs: { local }, constants: { k: (this.learningRate * dt) / columns } },
        column: activities,
        decay: null,
      },
    };
  }
}
