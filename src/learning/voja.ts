import { freeze } from "../declared.ts";
import { input, mul, neg } from "../expr/expr.ts";
import { range } from "../ir/signal.ts";
import type { SynapseLike } from "../synapses/asSynapse.ts";
import { Lowpass } from "../synapses/index.ts";
import type { Synapse } from "../synapses/synapse.ts";
import { filterOf } from "./filterOf.ts";
import { checkRate, LearningRuleType, type LearningLowering, type LearningSource, type LearningStep } from "./learningRuleType.ts";

const active = mul(mul(input("k"), input("learning")), input("post"));
const row = mul(active, input("scale"));
const decay = neg(active);

export interface VojaOptions {
  /** @defaultValue 1e-2 */
  readonly learningRate?: number;
  /** Filter of post's activities; a number is the time constant (s) of a Lowpass. @defaultValue 0.005 */
  readonly postSynapse?: SynapseLike;
}

/**
 * Vector Oja: encoders of neurons that fire move towards what the ensemble receives.
 * `dE[i, j]/dt = learningRate L post[i] (gain[i] / radius x[j] - E[i, j])`, E: scaled encoders, x: the post ensemble's input;
 * L is 1 plus what connections to the rule bring (0: learn, -1: do not).
 * Source: Voelker, Crawford & Eliasmith, UCNC (2014), "Learning large-scale heteroassociative memories in spiking neurons".
 */
export class Voja extends LearningRuleType {
  static override readonly type: string = "Voja";
  static override readonly parameters: readonly string[] = ["learningRate", "postSynapse"];
  readonly learningRate: number;
  readonly postSynapse: Synapse | null;

  constructor(options: VojaOptions = {}) {
    super(options);
    this.learningRate = checkRate(this.type, options.learningRate ?? 1e-2);
    this.postSynapse = filterOf(this.type, "postSynapse", options.postSynapse, new Lowpass({ tau: 0.005 }));
    freeze(this, new.target, Voja);
  }

  override get modifies(): "encoders" {
    return "encoders";
  }
  override get errorSize(): number {
    return 1;
  }
  override get probeable(): readonly string[] {
    return ["postFiltered", "scaledEncoders", "delta"];
  }
  override get sources(): readonly LearningSource[] {
    return [
      { kind: "post", name: "postFiltered", synapse: this.postSynapse },
      { kind: "error", name: "learning", initial: 1 },
      { kind: "input", name: "input" },
    ];
  }
  override get reads(): readonly string[] {
    return ["input", "postFiltered", "target", "learning"];
  }

  override lower({ dt, sources: { postFiltered, learning, input: x }, encoderScale, shared }: LearningLowering): LearningStep {
    const k = this.learningRate * dt;
    return {
      operators: [],
      change: {
        row: { expr: row, inputs: { learning, post: postFiltered, scale: range(shared("scale", encoderScale!)) }, constants: { k } },
        column: x,
        decay: { expr: decay, inputs: { learning, post: postFiltered }, constants: { k } },
      },
    };
  }
}
