import type { Program } from "../ir/program.ts";
import { toString as exprText } from "../expr/expr.ts";
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
  const operators = simplify(program);
  const { groups, layout } = layOut(schedule(operators));
  return {
    program,
    groups,
    layout,
    describe: () => describePlan(program, operators.length, groups, layout),
  };
}

function describePlan(program: Program, simplified: number, groups: readonly Group[], layout: Layout): string {
  const head = [
    `${program.operators.length} operators, ${simplified} after simplification, ${groups.length} after merging`,
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
