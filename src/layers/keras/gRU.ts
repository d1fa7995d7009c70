import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { oneShape, registerLayer } from "./support.ts";
import { GRU as TfjsGRU, GRUCell as TfjsGRUCell } from "./tfjsClasses.ts";

/** Arguments of `tf.layers.gru` or `tf.layers.gruCell`. */
type Args = object;

const withoutResetAfter = (args: Args) => ({ ...args, resetAfter: false });

/**
 * A step of a GRU whose reset gate acts behind the recurrent product (Keras's `reset_after`, the default there, with two biases of
 * [2, 3 * units]); tfjs has the other kind:
 * z, r = s(x Wz + bz + h Uz + cz), s(x Wr + br + h Ur + cr); n = f(x Wn + bn + r * (h Un + cn)); h' = z * h + (1 - z) * n.
 */
export class GRUCell extends TfjsGRUCell {
  static className = "NengoGRUCell";

  constructor(args: Args) {
    super(withoutResetAfter(args));
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const size = oneShape(inputShape).at(-1) as number;
    const { units } = this;
    this.kernel = this.addWeight(
      "kernel",
      [size, 3 * units],
      undefined,
      this.kernelInitializer,
      this.kernelRegularizer,
      true,
      this.kernelConstraint,
    );
    this.recurrentKernel = this.addWeight(
      "recurrent_kernel",
      [units, 3 * units],
      undefined,
      this.recurrentInitializer,
      this.recurrentRegularizer,
      true,
      this.recurrentConstraint,
    );
    this.bias = this.useBias
      ? this.addWeight("bias", [2, 3 * units], undefined, this.biasInitializer, this.biasRegularizer, true, this.biasConstraint)
      : null;
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean } = {}): tf.Tensor[] {
    return tf.tidy(() => {
      const [x, h] = inputs as tf.Tensor2D[];
      const training = kwargs.training === true;
      this.dropoutMask = mask(this.dropoutMask, x, this.dropout, training);
      this.recurrentDropoutMask = mask(this.recurrentDropoutMask, h, this.recurrentDropout, training);
      const bias = this.bias === null ? null : tf.unstack(this.bias.read());
      const product = (value: tf.Tensor, dropped: tf.Tensor | tf.Tensor[] | null, kernel: tfl.LayerVariable, index: number) => {
        const masked = dropped === null ? value : tf.mul(value, dropped as tf.Tensor);
        const sums = tf.matMul(masked, kernel.read());
        return tf.split(bias === null ? sums : tf.add(sums, bias[index]), 3, 1);
      };
      const [xz, xr, xn] = product(x, this.dropoutMask, this.kernel, 0);
      const [hz, hr, hn] = product(h, this.recurrentDropoutMask, this.recurrentKernel, 1);
      const z = this.recurrentActivation.apply(tf.add(xz, hz));
      const r = this.recurrentActivation.apply(tf.add(xr, hr));
      const n = this.activation.apply(tf.add(xn, tf.mul(r, hn)));
      const next = tf.add(n, tf.mul(z, tf.sub(h, n)));
      return [next, next];
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), resetAfter: true };
  }
}

/** The mask of a sequence: the first step makes it, the layer disposes of it before the next sequence. */
function mask(old: tf.Tensor | tf.Tensor[] | null, like: tf.Tensor, rate: number, training: boolean) {
  if (old !== null || !training || rate <= 0 || rate >= 1) return old;
  return tf.keep(tf.dropout(tf.onesLike(like), rate));
}

/** A GRU of such cells: [batch, steps, size] to [batch, units], or with `returnSequences` [batch, steps, units]. As Keras's GRU. */
export class GRU extends TfjsGRU {
  static className = "NengoGRU";

  constructor(args: Args) {
    super(withoutResetAfter(args));
    this.cell = new GRUCell(args);
  }
}

registerLayer(GRUCell);
registerLayer(GRU);
