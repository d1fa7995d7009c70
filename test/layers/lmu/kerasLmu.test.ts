import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../../src/index.ts";
import { psMnistModel } from "../../../examples/03-lmu/psmnist.ts";
import { fixture } from "../../support/fixtures.ts";
import { onBackends } from "../support.ts";
import { expectClose, fused, hiddenCells, looped, outputsAndGradients, weightedSum, type Arguments } from "./support.ts";

interface Numbers {
  readonly shape: number[];
  readonly data: number[];
}
interface Case {
  readonly hiddenCell: string;
  readonly arguments: Arguments & { readonly theta: number };
  readonly x: Numbers;
  readonly weights: Readonly<Record<string, Numbers>>;
  readonly output: Numbers;
}
const made = fixture<{
  cases: (Case & { states: Numbers[]; gradients: Record<string, Numbers> })[];
  feedforward: (Case & { arguments: Partial<nengo.layers.LMUFeedforwardArgs> })[];
  parameters: { example: number; paper: number };
}>("keras_lmu/lmu.json");

const tensorOf = ({ shape, data }: Numbers): tf.Tensor => tf.tensor(data, shape);

/** Name of a weight in the fixtures: the memory's weights have the cell's name too. */
function nameOf(variable: tf.LayerVariable): string {
  const parts = variable.originalName.split("/");
  const name = parts[parts.length - 1];
  if (parts.length < 3) return `hidden/${name}`;
  return name === "log_theta" ? "memory/theta_inv" : `memory/${name}`;
}

function give(layer: tf.layers.Layer, weights: Readonly<Record<string, Numbers>>): void {
  tf.tidy(() => {
    layer.setWeights(
      layer.weights.map((w) => {
        const tensor = tensorOf(weights[nameOf(w)]);
        return nameOf(w) === "memory/theta_inv" ? tf.neg(tf.log(tensor)) : tensor;
      }),
    );
  });
}

const titleOf = ({ hiddenCell, arguments: { ...args } }: Case): string => `${hiddenCell} ${JSON.stringify(args)}`;

describe("LMU beside KerasLMU", () => {
  onBackends(() => {
    for (const example of made.cases) {
      for (const [form, make] of [
        ["lmu", fused],
        ["lmuCell", looped],
      ] as const) {
        it(`${form}: outputs, states and gradients of ${titleOf(example)}`, () => {
          const layer = make(example.hiddenCell, { ...example.arguments, returnSequences: true, returnState: true });
          const x = tensorOf(example.x);
          tf.dispose(layer.apply(x) as tf.Tensor[]);
          give(layer, example.weights);
          const { outputs, gradients } = outputsAndGradients(layer, x);
          [example.output, ...example.states].forEach((wanted, k) => expectClose(outputs[k], wanted.data, 2e-6, `output ${k}`));
          expectClose(gradients[0], example.gradients["x"].data, 1e-5, "gradient of x");
          layer.trainableWeights.forEach((w, k) => {
            const name = nameOf(w);
            let wanted = example.gradients[name].data;
            // By the logarithm of theta instead of its inverse.
            if (name === "memory/theta_inv") wanted = wanted.map((d) => -d * example.weights[name].data[0]);
            expectClose(gradients[k + 1], wanted, 1e-5, `gradient of ${name}`);
          });
          x.dispose();
          layer.dispose();
        });
      }
    }

    for (const example of made.feedforward) {
      it(`lmuFeedforward: outputs of ${titleOf(example)}`, () => {
        const layer = nengo.layers.lmuFeedforward({
          ...example.arguments,
          returnSequences: true,
          hiddenCell: hiddenCells[example.hiddenCell](),
        }) as unknown as tf.layers.Layer;
        const x = tensorOf(example.x);
        tf.dispose(layer.apply(x) as tf.Tensor[]);
        give(layer, example.weights);
        const got = layer.apply(x) as tf.Tensor;
        expectClose(Array.from(got.dataSync()), example.output.data, 2e-6, "output");
        tf.dispose([x, got]);
        layer.dispose();
      });
    }
  });

  it("has the parameters of psMNIST's models", () => {
    for (const [paper, wanted] of [
      [false, made.parameters.example],
      [true, made.parameters.paper],
    ] as const) {
      const model = psMnistModel({ paper, orthogonal: false });
      expect(model.countParams()).to.equal(wanted);
      model.dispose();
    }
  });

  it("tells a wrong output from a right one", () => {
    expect(() => expectClose([1, 2.001], [1, 2], 1e-5, "numbers")).to.throw("largest difference");
    expect(tf.tidy(() => weightedSum([tf.ones([2])]).dataSync()[0])).to.be.closeTo(1 + Math.cos(1), 1e-6);
  });
});
