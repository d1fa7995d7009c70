import { Declared } from "../../declared.ts";
import { ValidationError } from "../../errors.ts";
import { mul, type Expr } from "../../expr/expr.ts";
import type { NeuronType } from "../neuronType.ts";

/** What a spike is differentiated as: `slope` is d output / d `of`. */
export interface SpikeSlope {
  readonly of: Expr;
  readonly slope: Expr;
}

/** What stands for the derivative of a spike, which is 0 or infinite. The forward pass never sees it. */
export abstract class Surrogate extends Declared {
  /** Whether gradients may go through the neuron's states too. */
  get throughState(): boolean {
    return true;
  }
  /**
   * The slope of a neuron type's spikes, an expression of what the type's dynamics may use.
   * @param owner - for messages
   * @throws ValidationError for a type that does not say what is needed
   */
  abstract slopeFor(type: NeuronType, owner: string): SpikeSlope;
}

/** A slope that depends on the distance from the threshold (see `Dynamics.spike`). */
export abstract class DistanceSurrogate extends Surrogate {
  /**
   * Slope of a spike of height 1 at a distance: d output / d distance is this times the spike's height (`amplitude / dt`). Distances are
   * in units of the way from reset to threshold, negative below threshold.
   */
  abstract at(distance: Expr): Expr;

  override slopeFor(type: NeuronType, owner: string): SpikeSlope {
    const { spike } = type.dynamics;
    if (spike === undefined)
      throw new ValidationError({
        owner,
        parameter: "gradient",
        expected: `"rate" for ${type.type}, whose dynamics do not say where the threshold is`,
        got: this.type,
        fix: type.draws
          ? "Spikes drawn at random have no threshold"
          : "Add spike: {distance, height} to its dynamics: expressions of the distance from the threshold (0 where it is reached) and of what one spike puts out",
      });
    return { of: spike.distance, slope: mul(spike.height, this.at(spike.distance)) };
  }
}
