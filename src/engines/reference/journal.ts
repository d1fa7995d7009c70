import type { DrawOperator, FeedOperator, HostOperator } from "../../ir/operators.ts";
import type { Range } from "../../ir/signal.ts";
import { startOf, type Context, type Kernel } from "./context.ts";

/** What users' functions, processes and draws gave in a run, in order, so that the run can be done again without calling them. */
export interface Journal {
  /** Values of an operator's targets at a step, `[elements, batch]`. */
  readonly entries: Float64Array[];
  /** Whether entries are taken from the list, from `next` on, instead of being added. */
  replay: boolean;
  next: number;
}

export const newJournal = (): Journal => ({ entries: [], replay: false, next: 0 });

const targetsOf = (op: HostOperator | DrawOperator | FeedOperator): readonly Range[] =>
  op.kind === "host" ? op.outputs.map((o) => o.range) : [op.target];

/** A kernel that writes what it gave into the run's journal, or takes it from there. */
export function journaled(context: Context, op: HostOperator | DrawOperator | FeedOperator, { run }: Kernel): Kernel {
  const { batch, width } = context;
  const targets = targetsOf(op).map((r) => ({ at: startOf(context, r) * width, size: r.length }));
  const total = targets.reduce((sum, t) => sum + t.size, 0) * batch;
  const each = (visit: (k: number, address: number) => void): void => {
    let k = 0;
    for (const { at, size } of targets) for (let i = 0; i < size; i++) for (let b = 0; b < batch; b++) visit(k++, at + i * width + b);
  };
  return {
    run: () => {
      const { journal } = context;
      if (journal?.replay === true) {
        const { item } = context;
        const entry = journal.entries[journal.next++];
        each((k, address) => (item[address] = entry[k]));
        return;
      }
      run();
      if (journal === null) return;
      const { item } = context;
      const entry = new Float64Array(total);
      each((k, address) => (entry[k] = item[address]));
      journal.entries.push(entry);
    },
  };
}
