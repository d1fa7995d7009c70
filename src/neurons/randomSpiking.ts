import { input, withDerivative, type Expr } from "../expr/expr.ts";
import type { DrawOperator, ElementwiseOperator, Operator } from "../ir/operators.ts";
import { operand, range, Signal } from "../ir/signal.ts";
import type { Dynamics, NeuronLowering } from "./neuronType.ts";
import { rateSlope } from "./neuronType.ts";
import { passedOn, RatesToSpikes } from "./ratesToSpikes.ts";

/** Spikes that depend on random numbers: expressions of `J` (the base type's rate), `dt`, `amplitude` and what is `drawn`. */
export abstract class RandomSpiking extends RatesToSpikes {
  protected abstract readonly distribution: DrawOperator["distribution"];
  /** Parameter of the distribution; null: it has none. */
  protected abstract readonly parameter: Expr | null;

  override get draws(): boolean {
    return true;
  }
  abstract override get dynamics(): Dynamics;

  /** Draws at every step, except in training, which runs the base type's rate. */
  override lower(context: NeuronLowering): Operator[] {
    const { phase, dt, J, output, stream, origin } = context;
    const elementwise = (inputs: Record<string, Signal>, into: Signal, expr: Expr): ElementwiseOperator => ({
      kind: "elementwise",
      origin,
      shape: [J.size],
      inputs: Object.fromEntries(Object.entries(inputs).map(([name, signal]) => [name, operand(range(signal))])),
      constants: { dt, ...this.constants },
      outputs: [{ operand: operand(range(into)), role: "set", expr }],
      differentiable: true,
    });
    if (phase === "training") return [elementwise({ J }, output, passedOn)];
    const scratch = (name: string): Signal => new Signal(`${origin}.${name}`, { shape: [J.size], perItem: true });
    const drawn = scratch("drawn");
    const parameter = this.parameter === null ? null : scratch("parameter");
    return [
      ...(parameter === null ? [] : [elementwise({ J }, parameter, this.parameter!)]),
      {
        kind: "draw",
        origin,
        distribution: this.distribution,
        parameter: parameter === null ? null : range(parameter),
        target: range(drawn),
        stream: stream!,
      },
      elementwise({ J, drawn }, output, withDerivative(this.dynamics.output, input("J"), rateSlope(passedOn))),
    ];
  }
}
