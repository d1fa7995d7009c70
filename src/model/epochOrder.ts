import { Tensor, gather, tensor1d, type Scalar } from "@tensorflow/tfjs-core";
import { Callback, type LayersModel } from "@tensorflow/tfjs-layers";
import { RandomState } from "../math/random.ts";

type FitLoopArgs = Parameters<LayersModel["fitLoop"]>;

/**
 * A seeded order of the samples for each epoch, in place of tfjs's shuffle by `Math.random`.
 * Epoch e of one seed and number of samples always has the same order, also where a fit starts with `initialEpoch`.
 */
export class EpochOrder extends Callback {
  readonly #random: RandomState;
  #order = new Int32Array(0);
  #drawn = 0;
  #next = 0;

  constructor(seed: number) {
    super();
    this.#random = new RandomState(seed);
  }

  /** Arguments for tfjs's own loop: it runs over the positions in order, and each position is looked up in this epoch's order. */
  arrange(args: FitLoopArgs): FitLoopArgs {
    const [train, data, labels, batchSize, epochs, verbose, callbacks, ...rest] = args;
    const count = data[0].shape[0];
    this.#order = new Int32Array(count);
    const positions = tensor1d(this.#order, "int32");
    // Among the data there may be null, for class weights that an output has not.
    const ordered = ([batch]: Tensor[]): Scalar[] => {
      const start = this.#next;
      this.#next += batch.size;
      const indices = tensor1d(this.#order.subarray(start, this.#next), "int32");
      return train(data.map((tensor) => (tensor instanceof Tensor ? gather(tensor, indices) : tensor)));
    };
    rest[2] = false;
    return [ordered, [positions], labels, batchSize, epochs, verbose, [this, ...(callbacks ?? [])], ...rest];
  }

  override async onEpochBegin(epoch: number): Promise<void> {
    for (; this.#drawn <= epoch; this.#drawn++) this.#order = permutation(this.#order.length, this.#random);
    this.#next = 0;
  }
}

/** A random order of 0..count-1 (Durstenfeld's shuffle, from the last place to the second). */
export function permutation(count: number, random: RandomState): Int32Array<ArrayBuffer> {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.randint(0, i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
