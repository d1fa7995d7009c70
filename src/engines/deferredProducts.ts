import { accesses, type MatmulOperator, type Operator } from "../ir/operators.ts";
import type { Program } from "../ir/program.ts";
import { range, Signal, type Range } from "../ir/signal.ts";
import type { StageBlock } from "./blocks.ts";

/** The gradient of a block as one product over all steps and items: of what the weights multiplied and of the gradient of a feed. */
export interface DeferredProduct {
  /** Indices among the blocks, the records and the feeds. */
  readonly block: number;
  readonly record: number;
  readonly feed: number;
  /** Whether the block is stored with a row an output. */
  readonly outputFirst: boolean;
}

export interface Deferral {
  /** The program, which also records what the products need. */
  readonly program: Program;
  readonly recorded: readonly string[];
  /** Those of the products do not train within the program. */
  readonly blocks: readonly StageBlock[];
  readonly products: readonly DeferredProduct[];
}

/**
 * Takes gradients of weights out of the steps: where weights multiply x into what is otherwise fed, the gradient of the sum is that
 * of the feed, and the weights' gradient is the sum over all steps of outer products, thus one product of two large matrices.
 */
export function deferProducts(
  program: Program,
  fed: readonly string[],
  recorded: readonly string[],
  given: readonly StageBlock[],
): Deferral {
  const { operators } = program;
  const added: Operator[] = [];
  const slots = [...recorded];
  const products: DeferredProduct[] = [];
  const updated = new Set(operators.flatMap((op) => accesses(op).updates.map((a) => a.signal)));
  const slotOf = new Map<Signal, number>();
  /** Index of a record of x as the operator reads it: the value before the step where x is updated. */
  const recordOf = (x: Range): number => {
    let index = slotOf.get(x.signal);
    if (index !== undefined) return index;
    index = slots.length;
    slotOf.set(x.signal, index);
    const slot = `deferred:${index}`;
    let source = x;
    if (updated.has(x.signal)) {
      const before = new Signal(`before ${x.signal.name}`, { shape: x.signal.shape, perItem: true });
      source = range(before);
      added.push({ kind: "copy", origin: slot, source: { ...x, index: null }, target: { ...source, index: null }, role: "set" });
    }
    added.push({ kind: "record", origin: slot, source, slot, period: 1 });
    slots.push(slot);
    return index;
  };
  const blocks = given.map((block, k): StageBlock => {
    const op = onlyProduct(block, operators);
    const feed = op === null ? -1 : fed.findIndex((slot) => operators.some((o) => feeds(o, slot, op.y)));
    if (op === null || feed < 0 || !whole(op.x) || updated.has(op.y.signal)) return block;
    const outputFirst = op.weights.strides[1] === 1 && op.y.length > 1;
    products.push({ block: k, record: recordOf(op.x), feed, outputFirst });
    return { ...block, trainable: false };
  });
  return { program: { ...program, operators: [...operators, ...added] }, recorded: slots, blocks, products };
}

const whole = ({ signal, offset, length }: Range): boolean => offset === 0 && length === signal.size;

const feeds = (op: Operator, slot: string, { signal, offset, length }: Range): boolean =>
  op.kind === "feed" && op.slot === slot && op.target.signal === signal && op.target.offset === offset && op.target.length === length;

/** The one operator that uses the weights of a block, where it is a product that fills them. */
function onlyProduct({ trainable, entries }: StageBlock, operators: readonly Operator[]): MatmulOperator | null {
  if (!trainable || entries.length !== 1) return null;
  const [{ parameter, offset }] = entries;
  const users = operators.filter((op) => accesses(op).reads.some((r) => r.signal === parameter.signal));
  const [op] = users;
  if (offset !== 0 || users.length !== 1 || op.kind !== "matmul" || op.spikes || op.role === "update") return null;
  const { weights, x, y } = op;
  const [row, column] = weights.strides;
  const fills = weights.signal.size === x.length * y.length && weights.offset === 0;
  const laid = (row === 1 && column === y.length) || (column === 1 && row === x.length);
  return fills && laid && weights.signal === parameter.signal ? op : null;
}
