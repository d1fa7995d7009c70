import { Optimizer } from "@tensorflow/tfjs-core";
import { NengoError } from "../errors.ts";

/** Stands where tfjs wants an optimizer, in a model that is compiled for evaluation only. */
export class NoOptimizer extends Optimizer {
  static className = "NengoNoOptimizer";

  applyGradients(): void {
    throw new NengoError("NoOptimizer: this model was compiled without an optimizer");
  }

  getConfig(): Record<string, never> {
    return {};
  }
}
