import { BuildError } from "../errors.ts";
import type { ElementwiseOperator, Operator } from "../ir/operators.ts";
import { Readiness } from "../ir/precedence.ts";
import type { Operand, Range } from "../ir/signal.ts";
import { dependencies } from "./dependencies.ts";

/** Like operators that run as one. */
export interface Group {
  readonly kind: Operator["kind"];
  readonly operators: readonly Operator[];
}

const space = ({ signal }: Range | Operand): string => (signal.perItem ? "i" : "s");

/** Operators of equal keys may run as one; null: it stands alone. */
function mergeKey(op: Operator): string | null {
  switch (op.kind) {
    case "set":
      return `set ${space(op.target)}`;
    case "copy":
      return `copy ${op.role} ${space(op.source)}${space(op.target)}`;
    case "elementwise":
      return elementwiseKey(op);
    case "matmul":
      return `matmul ${op.role} ${op.spikes} ${space(op.weights)}${space(op.x)}${space(op.y)}`;
    case "feed":
      return "feed";
    case "record":
      return "record";
    default:
      return null;
  }
}

function elementwiseKey(op: ElementwiseOperator): string {
  const inputs = Object.entries(op.inputs).map(([name, o]) => `${name}${space(o)}`);
  const outputs = op.outputs.map((o) => `${o.expr.id}${o.role}${space(o.operand)}`);
  return `elementwise ${op.shape.length} [${op.shape.slice(1).join()}] ${inputs.join()} ${Object.keys(op.constants).join()} -> ${outputs.join()}`;
}

/** Ready operators of one merge key. */
interface Bucket {
  remaining: number;
  readonly ready: number[];
  /** When the first of those that are ready became so. */
  since: number;
  /** Place in the queue; -1: not in it. */
  at: number;
}

/**
 * Orders operators and merges like ones: at every turn all ready operators of one kind run together; a kind whose
 * operators are all ready goes first, then the largest.
 * @throws BuildError for a cycle
 */
export function schedule(operators: readonly Operator[]): Group[] {
  const readiness = new Readiness(dependencies(operators));
  const buckets = new Map<string, Bucket>();
  const bucketOf = operators.map((op, index) => {
    const key = op.kind === "record" || op.kind === "time" ? op.kind : (mergeKey(op) ?? `alone ${index}`);
    let bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, (bucket = { remaining: 0, ready: [], since: 0, at: -1 }));
    bucket.remaining++;
    return bucket;
  });
  const queue = new BucketQueue();
  let clock = 0;
  const makeReady = (index: number): void => {
    const kind = operators[index].kind;
    if (kind === "record" || kind === "time") return;
    const bucket = bucketOf[index];
    if (bucket.ready.push(index) === 1) bucket.since = clock++;
    queue.raise(bucket);
  };
  operators.forEach((_, index) => {
    if (readiness.isFree(index)) makeReady(index);
  });

  const groups: Group[] = [];
  const time = operators.filter((op) => op.kind === "time");
  if (time.length > 0) groups.push({ kind: "time", operators: time.slice(0, 1) });
  let scheduled = 0;
  for (let best = queue.take(); best !== null; best = queue.take()) {
    const members = best.ready.splice(0).sort((a, b) => a - b);
    best.remaining -= members.length;
    scheduled += members.length;
    groups.push({ kind: operators[members[0]].kind, operators: members.map((i) => operators[i]) });
    for (const index of members) readiness.done(index).forEach(makeReady);
  }
  const records = operators.filter((op) => op.kind === "record");
  if (scheduled + records.length + time.length < operators.length) {
    const stuck = operators.filter((op, index) => !readiness.isFree(index) && op.kind !== "record");
    throw new BuildError(
      `Program: expected operators without a cycle, got one through ${stuck
        .slice(0, 6)
        .map((op) => op.origin)
        .join(", ")}. Give one of the connections a synapse.`,
    );
  }
  if (records.length > 0) groups.push({ kind: "record", operators: records });
  return groups;
}

/** Whether a runs before b: complete ones first, then the larger, then the one that has been ready longer. */
function before(a: Bucket, b: Bucket): boolean {
  const [fullA, fullB] = [a.ready.length === a.remaining, b.ready.length === b.remaining];
  if (fullA !== fullB) return fullA;
  if (a.ready.length !== b.ready.length) return a.ready.length > b.ready.length;
  return a.since < b.since;
}

/** Buckets with ready operators, the one that runs next at the top: a binary heap, since there may be as many as operators. */
class BucketQueue {
  private readonly heap: Bucket[] = [];

  /** Puts a bucket in, or to its new place after it grew. (Growing only moves it forward.) */
  raise(bucket: Bucket): void {
    if (bucket.at < 0) bucket.at = this.heap.push(bucket) - 1;
    for (let at = bucket.at; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!before(bucket, this.heap[parent])) return;
      this.swap(at, parent);
      at = parent;
    }
  }

  take(): Bucket | null {
    const [top] = this.heap;
    if (this.heap.length === 0) return null;
    this.swap(0, this.heap.length - 1);
    this.heap.pop();
    top.at = -1;
    for (let at = 0; ;) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < this.heap.length && before(this.heap[child], this.heap[first])) first = child;
      if (first === at) return top;
      this.swap(at, first);
      at = first;
    }
  }

  private swap(i: number, j: number): void {
    const [a, b] = [this.heap[i], this.heap[j]];
    [this.heap[i], this.heap[j]] = [b, a];
    [a.at, b.at] = [j, i];
  }
}
