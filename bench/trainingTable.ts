import { table } from "tfjs-nengo/node";
import { command, measured, type Peer } from "./runScript.ts";

/** The parts of the tutorial's script, seconds. */
interface Script {
  readonly peer: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly fit25Epochs: number;
  readonly evaluateBefore: number;
  readonly evaluateAfter: number;
  readonly evaluateWarm: { readonly min: number; readonly median: number };
  readonly wholeScript: number;
  readonly losses: { readonly before: number; readonly train: number; readonly after: number };
}

/** The tutorial's script (run, train, evaluate) here and with NengoDL. */
export function trainingTable(peers: readonly Peer[]): { readonly text: string; readonly results: readonly Script[] } {
  const scripts: readonly (readonly [Peer, string])[] = [
    ["ours", "tutorial"],
    ["nengodl", "nengodl_tutorial"],
  ];
  const results = scripts.flatMap(([peer, script]) => {
    const program = peers.includes(peer) ? command(peer, script) : null;
    const result = program === null ? null : measured<Script>(program, []);
    return result === null ? [] : [result];
  });
  const parts: [string, (r: Script) => number][] = [
    ["fit, 25 epochs", (r) => r.fit25Epochs],
    ["evaluate 1024 x 100, before", (r) => r.evaluateBefore],
    ["evaluate, after", (r) => r.evaluateAfter],
    ["evaluate, warm, min", (r) => r.evaluateWarm.min],
    ["whole script", (r) => r.wholeScript],
    ["loss before", (r) => r.losses.before],
    ["loss of training", (r) => r.losses.train],
    ["loss after", (r) => r.losses.after],
  ];
  const ratio = (of: (r: Script) => number): string =>
    results.length === 2 ? `${(of(results[1]) / of(results[0])).toPrecision(3)}x` : "-";
  const text = table(
    ["tutorial's training, s", ...results.map((r) => r.peer), "NengoDL / this"],
    parts.map(([name, of]) => [name, ...results.map((r) => of(r).toPrecision(4)), name.startsWith("loss") ? "" : ratio(of)]),
  );
  return { text: results.length === 0 ? "" : text, results };
}
