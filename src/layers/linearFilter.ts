import * as tf from "@tensorflow/tfjs-core";
import { ValidationError, describe } from "../errors.ts";
import { Scan } from "../engines/tfjs/scan.ts";
import type { Signal } from "../ir/signal.ts";
import { fromTransferFunction, type StateSpace } from "../math/stateSpace.ts";
import { asSynapse, type SynapseLike } from "../synapses/asSynapse.ts";
import { HostSynapse } from "../synapses/hostSynapse.ts";
import { LinearFilter, TransferFunction, type LinearFilterOptions } from "../synapses/linearFilter.ts";
import type { Synapse } from "../synapses/synapse.ts";
import { declaredText, fromDeclaredText, isDeclaredText, type DeclaredText } from "./declaredText.ts";
import { FilterLayer, type FilterArgs } from "./filters/filterLayer.ts";
import { fixedFilter } from "./filters/fixedFilter.ts";
import type { StateSpec, TemporalCall, TemporalResult } from "./temporalLayer.ts";

/** Arguments of {@link linearFilter}: `num` and `den` of a transfer function, or a synapse. */
export interface LinearFilterArgs extends Omit<FilterArgs, "tau">, Partial<Pick<LinearFilterOptions, "num" | "den" | "analog" | "method">> {
  /** A synapse in place of `num` and `den`; a number is the time constant of a Lowpass, s. */
  synapse?: SynapseLike | DeclaredText;
  /** Factor of all time constants, which trains; or an initializer that gives one for every unit. @defaultValue 1 */
  timeScale?: FilterArgs["tau"];
}

/**
 * Any linear filter of every unit over time: a rational transfer function (states `[batch, order, ...features]`), or any other synapse
 * that is not a JavaScript function. Where it is continuous and held by zero-order hold, a factor of its time constants trains; all
 * others are fixed and begin at 0. Input and output `[batch, steps, ...features]`.
 * @throws ValidationError for what is no filter, or for a `timeScale` or `initialLevel` of a filter that has none
 */
export class LinearFilterLayer extends FilterLayer {
  static className = "NengoLinearFilter";
  readonly synapse: Synapse;
  /** The system for a time scale of 1; null where time constants do not train. */
  private readonly scalable: StateSpace | null;
  private fixed: { readonly scan: Scan; readonly states: readonly Signal[]; readonly dt: number } | null = null;

  constructor({ synapse, num, den, analog, method, timeScale, ...rest }: LinearFilterArgs) {
    super({ ...rest, tau: timeScale ?? 1 });
    this.synapse = this.read(synapse, { num, den, analog, method });
    const held = this.synapse instanceof TransferFunction && this.synapse.analog && this.synapse.method === "zoh";
    const system = held ? fromTransferFunction(this.synapse.num, this.synapse.den, this.owner) : null;
    this.scalable = system !== null && system.order > 0 ? system : null;
    if (this.scalable !== null) return;
    for (const [parameter, value, usual] of [
      ["timeScale", timeScale, 1],
      ["initialLevel", rest.initialLevel, 0],
    ] as const) {
      if (value === undefined || value === usual) continue;
      throw new ValidationError({
        owner: this.owner,
        parameter,
        expected: `${usual} for ${this.synapse.type}, whose time constants are fixed`,
        got: describe(value),
        fix: 'Give num and den of a continuous filter (analog: true, method: "zoh")',
      });
    }
  }

  private read(synapse: LinearFilterArgs["synapse"], given: Partial<Record<keyof LinearFilterOptions, unknown>>): Synapse {
    const owner = this.owner;
    const coefficients = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const some = Object.keys(coefficients);
    if (synapse === undefined) return new LinearFilter(coefficients as unknown as LinearFilterOptions);
    if (some.length > 0)
      throw new ValidationError({ owner, expected: "a synapse, or num and den", got: `both (${some.join(", ")})`, fix: "Leave one out" });
    const made = asSynapse(isDeclaredText(synapse) ? fromDeclaredText(synapse, "synapse") : synapse, owner);
    if (made === null || made instanceof HostSynapse)
      throw new ValidationError({
        owner,
        parameter: "synapse",
        expected: "a synapse that is not a JavaScript function",
        got: describe(made),
        ...(made === null ? {} : { fix: "Make it a StateSpaceSynapse" }),
      });
    return made;
  }

  protected override get system(): StateSpace {
    return this.scalable ?? { order: 0, A: none, B: none, C: none, D: 0 };
  }

  protected override get tauParameter(): string {
    return "timeScale";
  }

  protected override get trains(): boolean {
    return this.scalable !== null && super.trains;
  }

  private prepare(): NonNullable<typeof this.fixed> {
    if (this.fixed?.dt !== this.dt) {
      this.fixed?.scan.dispose();
      const { program, states } = fixedFilter(this.synapse, this.units, this.dt);
      const scan = new Scan(program, { owner: this.owner, fed: ["x"], recorded: ["y"], states });
      this.fixed = { scan, states, dt: this.dt };
    }
    return this.fixed;
  }

  /** States of the filter. */
  protected override stateSpecs(): readonly StateSpec[] {
    if (this.scalable !== null) return super.stateSpecs();
    return this.prepare().states.map((signal) => ({
      name: signal.name,
      shape: [...signal.shape.slice(0, -1), ...this.featureShape],
    }));
  }

  /** States for the initial level, or 0. */
  protected override initialStates(batch: number): readonly tf.Tensor2D[] {
    if (this.scalable !== null) return super.initialStates(batch);
    return this.prepare().states.map(({ size }) => tf.zeros([batch, size]));
  }

  /** All steps as one kernel. */
  protected override steps(call: TemporalCall): TemporalResult {
    if (this.scalable !== null || (call.training && !this.applyDuringTraining)) return super.steps(call);
    const { x, states, batch, nSteps, step } = call;
    const { records, states: after } = this.prepare().scan.run({ feeds: [x], blocks: [], states }, { batch, nSteps, step });
    return { output: records[0], states: after };
  }

  /** Frees weights, and the engine's memory. */
  override dispose(): ReturnType<FilterLayer["dispose"]> {
    const result = super.dispose();
    if (result.refCountAfterDispose === 0) this.fixed?.scan.dispose();
    return result;
  }

  /** The arguments, from which `fromConfig` makes the layer again. */
  override getConfig(): tf.serialization.ConfigDict {
    const { tau, ...config } = super.getConfig();
    return { ...config, timeScale: tau, synapse: declaredText(this.synapse, "synapse") };
  }
}
tf.serialization.registerClass(LinearFilterLayer);

const none = new Float64Array(0);

/** Any linear filter over time: see {@link LinearFilterLayer}. */
export const linearFilter = (args: LinearFilterArgs): LinearFilterLayer => new LinearFilterLayer(args);
