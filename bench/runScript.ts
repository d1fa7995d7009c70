import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { loadavg } from "node:os";

/** A program and its first arguments. */
export type Command = readonly string[];

const PYTHON = { nengo: "bench/peers/.venv-nengo/bin/python", nengodl: "bench/peers/.venv-nengodl/bin/python" } as const;

export type Peer = "ours" | keyof typeof PYTHON;
export const peers: readonly Peer[] = ["ours", "nengo", "nengodl"];

/** Our own script or a peer's; null, with a word about it, where the peer is not installed. */
export function command(peer: Peer, script: string): Command | null {
  if (peer === "ours") return [process.execPath, `dist/bench/${script}.js`];
  if (existsSync(PYTHON[peer])) return [PYTHON[peer], `bench/peers/${script}.py`];
  console.error(`${peer} left out: run bench/peers/setup.sh first`);
  return null;
}

/** What a script prints as JSON, and the load of the machine just before; null, with its error, where it fails. */
export function measured<T>([program, ...before]: Command, args: readonly string[]): (T & { readonly load: number }) | null {
  const load = loadavg()[0];
  const all = [...before, ...args];
  const { stdout, stderr, status } = spawnSync(program, all, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) {
    console.error(`${all.join(" ")} failed: ${stderr.trim().split("\n").slice(-3).join("\n")}`);
    return null;
  }
  return { ...(JSON.parse(stdout.slice(stdout.indexOf("{"))) as T), load };
}
