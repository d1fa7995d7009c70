import * as tf from "@tensorflow/tfjs-core";
import { Sequential, type LayersModel } from "@tensorflow/tfjs-layers";
import { checkChoice } from "../declared.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import { NengoModel } from "../model/nengoModel.ts";
import { allLayers, callsOf, type Layer } from "../model/modelLayers.ts";
import type { ActivityRegularizer } from "./activityRegularizer.ts";

/** Regularizers by layer, or by the layer's name. */
export type LayerRegularizers = Iterable<readonly [Layer | string, ActivityRegularizer]> | Readonly<Record<string, ActivityRegularizer>>;

/** Options of {@link regularizeRates}. */
export interface RegularizeRatesOptions {
  /** What of a layer's output is regularized: its `mean` over time (axis 1), the rate in Hz where it holds spikes, or every one of the `steps`. @defaultValue "mean" */
  readonly over?: "mean" | "steps";
}

/** Regularization of a model's activity; `remove()` leaves the model as it was. */
export interface RateRegularization {
  /** Costs count no longer. */
  remove(): void;
}

const OWNER = "regularizeRates";

/**
 * Adds costs of the activity of layers to a model's loss, in `fit`, validation and `evaluate`; say it once, before or after `compile`.
 * A layer's cost is its regularizer's sum over one batch, divided by the number of items. It is added to the total of a
 * {@link NengoModel}, and to the (first) loss of any other LayersModel. It is not saved with the model.
 *
 * tfjs itself has no `activityRegularizer`: it throws for one.
 * @throws ValidationError for layers that the model does not have
 */
export function regularizeRates(
  model: LayersModel,
  regularizers: LayerRegularizers,
  { over = "mean" }: RegularizeRatesOptions = {},
): RateRegularization {
  checkChoice(OWNER, "over", over, ["mean", "steps"]);
  const watches = entriesOf(regularizers).map(([layer, regularizer]) => new Watch(model, layerOf(model, layer), regularizer, over));
  const penalties = (): tf.Scalar[] => watches.flatMap((watch) => watch.take());
  const stop = model instanceof NengoModel ? model.addPenalties(penalties) : addToLoss(model, penalties);
  return {
    remove: () => {
      watches.forEach((watch) => watch.stop());
      stop();
    },
  };
}

/** Takes a layer's cost while its output is there: outside training tfjs disposes it before it comes to the loss. */
class Watch {
  private readonly layer: Layer;
  private readonly costs: tf.Scalar[] = [];
  /** A model within the model tidies up after its layers; costs in it must be kept. */
  private readonly isNested: boolean;

  constructor(model: LayersModel, layer: Layer, regularizer: ActivityRegularizer, over: "mean" | "steps") {
    this.layer = layer;
    this.isNested = !model.layers.includes(layer);
    const call = layer.call.bind(layer);
    layer.call = (inputs, kwargs) => {
      const outputs = call(inputs, kwargs);
      const [output] = [outputs].flat();
      const cost = tf.tidy(() => {
        if (over === "mean" && output.rank < 3)
          throw new ShapeError({
            owner: OWNER,
            parameter: layer.name,
            expected: "an output [batch, steps, ...features]",
            got: `[${output.shape.join(", ")}]`,
            fix: 'Give over: "steps" for a layer without time',
          });
        return tf.div<tf.Scalar>(regularizer(over === "mean" ? tf.mean(output, 1) : output), output.shape[0]);
      });
      this.costs.push(this.isNested ? tf.keep(cost) : cost);
      // Calls that no loss came after (predict) are none of the next one's. Where a layer has several outputs, tfjs calls it for each.
      this.release(this.costs.splice(0, this.costs.length - callsOf(model, layer)));
      return outputs;
    };
  }

  /** Costs of the last run; they belong to the surrounding tidy. */
  take(): tf.Scalar[] {
    const costs = this.costs.splice(0);
    if (!this.isNested) return costs;
    const taken = costs.map((cost) => tf.clone(cost));
    this.release(costs);
    return taken;
  }

  private release(costs: tf.Scalar[]): void {
    if (this.isNested) tf.dispose(costs);
  }

  stop(): void {
    Reflect.deleteProperty(this.layer, "call");
    this.release(this.costs.splice(0));
  }
}

/** Has the first loss of a model, whenever it is compiled, grow by penalties. */
function addToLoss(model: LayersModel, penalties: () => tf.Scalar[]): () => void {
  let undo = (): void => undefined;
  const hook = (): void => {
    // What trains a sequential model is the model inside it.
    const { lossFunctions } = model instanceof Sequential ? (model as unknown as { model: LayersModel }).model : model;
    const loss = lossFunctions[0];
    // tfjs looks the function up at every batch; what it checks targets by is another list.
    lossFunctions[0] = (yTrue, yPred) => penalties().reduce((sum, penalty) => tf.add(sum, penalty), loss(yTrue, yPred));
    undo = () => (lossFunctions[0] = loss);
  };
  const compile = model.compile.bind(model);
  model.compile = (args) => {
    compile(args);
    hook();
  };
  if (model.optimizer !== undefined) hook();
  return () => {
    Reflect.deleteProperty(model, "compile");
    undo();
  };
}

function entriesOf(regularizers: LayerRegularizers): (readonly [Layer | string, ActivityRegularizer])[] {
  const entries = Symbol.iterator in regularizers ? [...regularizers] : Object.entries(regularizers);
  for (const [layer, regularizer] of entries) {
    if (typeof regularizer !== "function")
      throw new ValidationError({
        owner: OWNER,
        parameter: typeof layer === "string" ? layer : layer.name,
        expected: "a regularizer, e.g. nengo.regularizers.l2({l2: 1e-4, target: [10, 20]})",
        got: describe(regularizer),
      });
  }
  return entries;
}

function layerOf(model: LayersModel, wanted: Layer | string): Layer {
  const layers = allLayers(model);
  const found = layers.find((layer) => layer === wanted || layer.name === wanted);
  if (found === undefined)
    throw new ValidationError({
      owner: OWNER,
      parameter: "regularizers",
      expected: `layers of the model (${layers.map((layer) => layer.name).join(", ")})`,
      got: typeof wanted === "string" ? JSON.stringify(wanted) : describe(wanted),
    });
  return found;
}
