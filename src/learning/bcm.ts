import { freeze } from "../declared.ts";
import { input, mul, sub } from "../expr/expr.ts";
import type { SynapseLike } from "../synapses/asSynapse.ts";
import { Lowpass } from "../synapses/index.ts";
import type { Synapse } from "../synapses/synapse.ts";
import { filterOf } from "./filterOf.ts";
import { checkRate, LearningRuleType, type LearningLowering, type LearningSource, type LearningStep } from "./learningRuleType.ts";

const post = input("post");
const row = mul(input("k"), mul(post, sub(post, input("theta"))));

export interface BCMOptions {
  /** @defaultValue 1e-9 */
  readonly learningRate?: number;
  /** Filter of pre's activities; a number is the time constant (s) of a Lowpass. @defaultValue 0.005 */
  readonly preSynapse?: SynapseLike;
  /** Filter of post's activities. @defaultValue preSynapse */
  readonly postSynapse?: SynapseLike;
  /** Filter of post's activities that makes the threshold. @defaultValue 1.0 */
  readonly thetaSynapse?: SynapseLike;
}

/**
 * Bienenstock, Cooper and Munro: weights grow where post fires above its slow average theta, and shrink below.
 * `dW[i, j]/dt = learningRate post[i] (post[i] - theta[i]) pre[j]` (activities, 1/s). Unsupervised; for connections to neurons.
 * Source: Bienenstock, Cooper & Munro, J. Neuroscience 2 (1982).
 */
export class BCM extends LearningRuleType {
  static override readonly type: string = "BCM";
  static override readonly parameters: readonly string[] = ["learningRate", "preSynapse", "postSynapse", "thetaSynapse"];
  readonly learningRate: number;
  readonly preSynapse: Synapse | null;
  readonly postSynapse: Synapse | null;
  readonly thetaSynapse: Synapse | null;

  constructor(options: BCMOptions = {}) {
    super(options);
    this.learningRate = checkRate(this.type, options.learningRate ?? 1e-9);
    this.preSynapse = filterOf(this.type, "preSynapse", options.preSynapse, new Lowpass({ tau: 0.005 }));
    this.postSynapse = filterOf(this.type, "postSynapse", options.postSynapse, this.preSynapse);
    this.thetaSynapse = filterOf(this.type, "thetaSynapse", options.thetaSynapse, new Lowpass({ tau: 1 }));
    freeze(this, new.target, BCM);
  }

  override get modifies(): "weights" {
    return "weights";
  }
  override get errorSize(): number {
    return 0;
  }
  override get probeable(): readonly string[] {
    return ["theta", "preFiltered", "postFiltered", "delta"];
  }
  override get sources(): readonly LearningSource[] {
    return [
      { kind: "pre", name: "preFiltered", synapse: this.preSynapse },
      { kind: "post", name: "postFiltered", synapse: this.postSynapse },
      { kind: "post", name: "theta", synapse: this.thetaSynapse },
    ];
  }
  override get reads(): readonly string[] {
    return ["preFiltered", "postFiltered", "theta"];
  }

  override lower({ dt, sources: { preFiltered, postFiltered, theta } }: LearningLowering): LearningStep {
    return {
      operators: [],
      change: {
        row: { expr: row, inputs: { post: postFiltered, theta }, constants: { k: this.learningRate * dt } },
        column: preFiltered,
        decay: null,
      },
    };
  }
}
