import { checkNumber, freeze } from "../declared.ts";
import { input, mul, neg } from "../expr/expr.ts";
import type { SynapseLike } from "../synapses/asSynapse.ts";
import { Lowpass } from "../synapses/index.ts";
import type { Synapse } from "../synapses/synapse.ts";
import { filterOf } from "./filterOf.ts";
import { checkRate, LearningRuleType, type LearningLowering, type LearningSource, type LearningStep } from "./learningRuleType.ts";

const post = input("post");
const row = mul(input("k"), post);
const decay = mul(neg(input("kBeta")), mul(post, post));

export interface OjaOptions {
  /** @defaultValue 1e-6 */
  readonly learningRate?: number;
  /** Filter of pre's activities; a number is the time constant (s) of a Lowpass. @defaultValue 0.005 */
  readonly preSynapse?: SynapseLike;
  /** Filter of post's activities. @defaultValue preSynapse */
  readonly postSynapse?: SynapseLike;
  /** How strongly weights are held back, >= 0; 0 is Hebb's rule. @defaultValue 1 */
  readonly beta?: number;
}

/**
 * Hebbian learning that holds the weights' length: `dW[i, j]/dt = learningRate (post[i] pre[j] - beta post[i]^2 W[i, j])`
 * (activities, 1/s). Unsupervised; for connections to neurons.
 * Source: Oja, J. Mathematical Biology 15 (1982), "Simplified neuron model as a principal component analyzer".
 */
export class Oja extends LearningRuleType {
  static override readonly type: string = "Oja";
  static override readonly parameters: readonly string[] = ["learningRate", "preSynapse", "postSynapse", "beta"];
  readonly learningRate: number;
  readonly preSynapse: Synapse | null;
  readonly postSynapse: Synapse | null;
  readonly beta: number;

  constructor(options: OjaOptions = {}) {
    super(options);
    this.learningRate = checkRate(this.type, options.learningRate ?? 1e-6);
    this.preSynapse = filterOf(this.type, "preSynapse", options.preSynapse, new Lowpass({ tau: 0.005 }));
    this.postSynapse = filterOf(this.type, "postSynapse", options.postSynapse, this.preSynapse);
    this.beta = checkNumber(this.type, "beta", options.beta ?? 1, { min: 0 });
    freeze(this, new.target, Oja);
  }

  override get modifies(): "weights" {
    return "weights";
  }
  override get errorSize(): number {
    return 0;
  }
  override get probeable(): readonly string[] {
    return ["preFiltered", "postFiltered", "delta"];
  }
  override get sources(): readonly LearningSource[] {
    return [
      { kind: "pre", name: "preFiltered", synapse: this.preSynapse },
      { kind: "post", name: "postFiltered", synapse: this.postSynapse },
    ];
  }
  override get reads(): readonly string[] {
    return ["preFiltered", "postFiltered", "target"];
  }

  override lower({ dt, sources: { preFiltered, postFiltered } }: LearningLowering): LearningStep {
    const k = this.learningRate * dt;
    return {
      operators: [],
      change: {
        row: { expr: row, inputs: { post: postFiltered }, constants: { k } },
        column: preFiltered,
        decay: { expr: decay, inputs: { post: postFiltered }, constants: { kBeta: k * this.beta } },
      },
    };
  }
}
