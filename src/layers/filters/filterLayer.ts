import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { checkBoolean } from "../../declared.ts";
import { ValidationError } from "../../errors.ts";
import { blockOf } from "../../engines/blocks.ts";
import { Scan } from "../../engines/tfjs/scan.ts";
import { solve } from "../../math/linalg.ts";
import type { StateSpace } from "../../math/stateSpace.ts";
import { InitialValues, type InitializerLike } from "../initializer.ts";
import { TemporalLayer, type Shape, type StateSpec, type TemporalArgs, type TemporalCall, type TemporalResult } from "../temporalLayer.ts";
import { heldSystems } from "./heldSystems.ts";
import { filterProgram, type FilterProgram } from "./filterProgram.ts";

/** Arguments of filters with trainable time constants. */
export interface FilterArgs extends TemporalArgs {
  /** Time constant, s (> 0), or an initializer that gives one for every unit. */
  tau: InitializerLike;
  /** Output before the first step, or an initializer that gives one for every unit; trains as tau does. @defaultValue 0 */
  initialLevel?: InitializerLike;
  /** Whether it filters during fit, and time constants and levels train; else it does nothing then. @defaultValue true */
  applyDuringTraining?: boolean;
  /** Whether all units share one time constant. @defaultValue false */
  tied?: boolean;
}

/** Shortest time constant, s. */
const SHORTEST = 1e-8;

/**
 * A linear filter of every unit over time, whose time constant may train. The weight is the logarithm of tau, which keeps tau positive
 * (tfjs's fit ignores constraints). All steps are one kernel, for every backend that has kernels of ours.
 */
export abstract class FilterLayer extends TemporalLayer {
  readonly applyDuringTraining: boolean;
  readonly tied: boolean;
  private readonly initialTau: InitialValues;
  private readonly initialLevel: InitialValues;
  private logTau: tfl.LayerVariable | null = null;
  private level: tfl.LayerVariable | null = null;
  private prepared: { readonly scan: Scan; readonly made: FilterProgram } | null = null;

  constructor({ tau, initialLevel = 0, applyDuringTraining = true, tied = false, ...rest }: FilterArgs) {
    super(rest);
    this.initialTau = new InitialValues(this.owner, this.tauParameter, tau);
    const { number } = this.initialTau;
    if (number !== null) this.checkTau(number);
    this.initialLevel = new InitialValues(this.owner, "initialLevel", initialLevel);
    this.applyDuringTraining = checkBoolean(this.owner, "applyDuringTraining", applyDuringTraining);
    this.tied = checkBoolean(this.owner, "tied", tied);
  }

  /** The filter in continuous time, for a time constant of 1. */
  protected abstract get system(): StateSpace;

  /** What the time constant is called in messages. */
  protected get tauParameter(): string {
    return "tau";
  }

  /** Whether time constants and levels train. */
  protected get trains(): boolean {
    return this.applyDuringTraining;
  }

  private checkTau(tau: number): void {
    if (!(Number.isFinite(tau) && tau > 0))
      throw new ValidationError({
        owner: this.owner,
        parameter: this.tauParameter,
        expected: "time constants > 0, in seconds",
        got: `${tau}`,
      });
  }

  /** Time constants now, s: one, or one a unit; empty before the layer is built. */
  get tau(): Float32Array {
    return this.logTau === null ? new Float32Array(0) : tf.tidy(() => tf.exp(this.logTau!.read()).dataSync<"float32">());
  }

  protected override stateSpecs(): readonly StateSpec[] {
    const { order } = this.system;
    return order === 0 ? [] : [{ name: "states", shape: order === 1 ? this.featureShape : [order, ...this.featureShape] }];
  }

  /** Makes the weights, once the features are known. */
  override build(inputShape: Shape | Shape[]): void {
    super.build(inputShape);
    const shape = this.tied ? [1] : [...this.featureShape];
    const tau = this.initialTau.draw(shape);
    tau.forEach((t) => this.checkTau(t));
    const add = (name: string, size: number[], values: Float32Array): tfl.LayerVariable => {
      const variable = this.addWeight(name, size, "float32", tfl.initializers.zeros(), undefined, this.trains);
      tf.tidy(() => {
        variable.write(tf.tensor(values, size));
      });
      return variable;
    };
    this.logTau = add(
      "logTau",
      shape,
      tau.map((t) => Math.log(Math.max(t, SHORTEST))),
    );
    this.level = add("initialLevel", [...this.featureShape], this.initialLevel.draw(this.featureShape));
    this.prepared?.scan.dispose();
    this.prepared = null;
  }

  protected override initialStates(batch: number): readonly tf.Tensor2D[] {
    if (this.system.order === 0) return [];
    const level = tf.reshape<tf.Rank.R2>(this.level!.read(), [1, this.units]);
    const parts = Array.from(steadyState(this.system), (x) => (x === 1 ? level : tf.mul<tf.Tensor2D>(level, x)));
    const row = parts.length === 1 ? parts[0] : tf.concat2d(parts, 1);
    // Not tile, whose gradient tfjs adds up row by row.
    return [tf.add(tf.zeros([batch, row.shape[1]]), row)];
  }

  protected override steps({ x, states, batch, nSteps, training }: TemporalCall): TemporalResult {
    if (training && !this.applyDuringTraining) return { output: x, states };
    const { system, units, tied, dt } = this;
    if (this.prepared === null) {
      const made = filterProgram(system, units, tied, dt);
      const scan = new Scan(made.program, {
        owner: this.owner,
        fed: ["x"],
        recorded: ["y"],
        blocks: [blockOf(made.coefficients)],
        states: [made.states],
      });
      this.prepared = { scan, made };
    }
    const logTau = tf.reshape<tf.Rank.R1>(this.logTau!.read(), [-1]);
    const { records, states: after } = this.prepared.scan.run(
      { feeds: [x], blocks: [heldSystems(system, dt, logTau)], states },
      { batch, nSteps },
    );
    return { output: records[0], states: after };
  }

  /** Frees weights, and the engine's memory. */
  override dispose(): ReturnType<TemporalLayer["dispose"]> {
    const result = super.dispose();
    if (result.refCountAfterDispose === 0) this.prepared?.scan.dispose();
    return result;
  }

  /** The arguments, from which `fromConfig` makes the layer again. */
  override getConfig(): tf.serialization.ConfigDict {
    const { applyDuringTraining, tied } = this;
    return { ...super.getConfig(), tau: this.initialTau.toJSON(), initialLevel: this.initialLevel.toJSON(), applyDuringTraining, tied };
  }
}

/** States for an output that has been 1 for long; zeros where the filter lets nothing constant through. */
function steadyState({ order, A, B, C, D }: StateSpace): Float64Array {
  const states = solve(
    A.map((a) => -a),
    B,
    order,
    1,
  );
  const gain = C.reduce((sum, c, k) => sum + c * states[k], 0) + D;
  return states.map((s) => (gain === 0 ? 0 : s / gain));
}
