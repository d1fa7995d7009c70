import { BuildError } from "../errors.ts";
import type { ElementwiseOperator, Operator } from "../ir/operators.ts";
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
  readonly key: string;
  remaining: number;
  readonly ready: number[];
}

/**
 * Orders operators and merges like ones: at every turn all ready operators of one kind run together; a kind whose
 * operators are all ready goes first, then the largest.
 * @throws BuildError for a cycle
 */
export function schedule(operators: readonly Operator[]): Group[] {
  const { successors } = dependencies(operators);
  const waiting = operators.map(() => 0);
  for (const next of successors) for (const to of next) waiting[to]++;

  const buckets = new Map<string, Bucket>();
  const bucketOf = operators.map((op, index) => {
    const key = op.kind === "record" || op.kind === "time" ? op.kind : (mergeKey(op) ?? `alone ${index}`);
    let bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, (bucket = { key, remaining: 0, ready: [] }));
    bucket.remaining++;
    return bucket;
  });
  const live = new Set<Bucket>();
  const makeReady = (index: number): void => {
    const kind = operators[index].kind;
    if (kind === "record" || kind === "time") return;
    const bucket = bucketOf[index];
    bucket.ready.push(index);
    live.add(bucket);
  };
  operators.forEach((_, index) => {
    if (waiting[index] === 0) makeReady(index);
  });

  const groups: Group[] = [];
  const time = operators.filter((op) => op.kind === "time");
  if (time.length > 0) groups.push({ kind: "time", operators: time.slice(0, 1) });
  let scheduled = 0;
  while (live.size > 0) {
    let best: Bucket | null = null;
    for (const bucket of live) if (best === null || better(bucket, best)) best = bucket;
    const { ready } = best!;
    const members = ready.splice(0).sort((a, b) => a - b);
    live.delete(best!);
    best!.remaining -= members.length;
    scheduled += members.length;
    groups.push({ kind: operators[members[0]].kind, operators: members.map((i) => operators[i]) });
    for (const index of members) for (const to of successors[index]) if (--waiting[to] === 0) makeReady(to);
  }
  const records = operators.filter((op) => op.kind === "record");
  if (scheduled + records.length + time.length < operators.length) {
    const stuck = operators.filter((op, index) => waiting[index] > 0 && op.kind !== "record");
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

function better(a: Bucket, b: Bucket): boolean {
  const [fullA, fullB] = [a.ready.length === a.remaining, b.ready.length === b.remaining];
  if (fullA !== fullB) return fullA;
  return a.ready.length > b.ready.length;
}
