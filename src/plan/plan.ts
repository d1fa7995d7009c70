import type { Program } from "../ir/program.ts";
import { toString as exprText } from "../expr/expr.ts";
import type { Operator } from "../ir/operators.ts";
import { fuse } from "./fuse.ts";
import { layOut, type Layout } from "./layout.ts";
import { schedule, type Group } from "./schedule.ts";
import { simplify } from "./simplify.ts";

/** A program in the order, groups and memory in which engines run it. */
export interface Plan {
  readonly program: Program;
  readonly groups: readonly Group[];
  readonly layout: Layout;
  /** What will run, a line each, and where it came from. */
  readonly describe: () => string;
}

/** Simplifies, schedules, merges and lays out a program. */
export function planProgram(program: Program): Plan {
  const simplified = simplify(program);
  const operators = fuse(simplified);
  const { groups, layout } = layOut(schedule(operators));
  return {
    program,
    groups,
    layout,
    describe: () => describePlan([program.operators, simplified, operators], groups, layout),
  };
}

/** How many operators there are of each kind. */
function census(operators: readonly Operator[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of operators) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
}

function describePlan(passes: readonly (readonly Operator[])[], groups: readonly Group[], layout: Layout): string {
  const [all, simplified, fused] = passes.map((operators) => operators.length) as [number, number, number];
  const head = [
    `${all} operators, ${simplified} after simplification, ${fused} after fusing, ${groups.length} after merging`,
    `before: ${census(passes[0])}`,
    `after: ${census(passes[2])}`,
    `${layout.itemSize} numbers an item, ${layout.sharedSize} shared`,
  ];
  const lines = groups.map((group, index) => {
    const origins = group.operators.map((op) => op.origin);
    const shown = origins.length > 4 ? [...origins.slice(0, 3), `... ${origins.length - 3} more`] : origins;
    const [first] = group.operators;
    const line = `${index}: ${group.kind} x${group.operators.length} <- ${shown.join("; ")}`;
    const expressions =
      first?.kind === "elementwise" ? first.outputs.map((o) => `${o.role} ${exprText(o.expr)}`.replaceAll("\n", "; ")) : [];
    return [line, ...expressions.map((text) => `     ${text}`)].join("\n");
  });
  return [...head, ...lines].join("\n");
}
