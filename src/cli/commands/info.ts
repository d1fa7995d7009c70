import type { Command } from "commander";
import { positive } from "../arguments.ts";
import { MOST_ROWS } from "../defaults.ts";
import type { Io } from "../io.ts";

/** Arguments of `info`, as they are understood. */
export interface InfoArguments {
  readonly dt: number;
  readonly functions?: string;
  readonly json: boolean;
  readonly all: boolean;
  readonly plan: boolean;
}

const EXAMPLES = `
Examples:
  $ tfjs-nengo info model.json
  $ tfjs-nengo info model.json --all --plan
  $ tfjs-nengo info model.json --json`;

/** `tfjs-nengo info FILE`: what a network is made of, and what a step of it takes. */
export function registerInfo(program: Command, io: Io): void {
  program
    .command("info")
    .description("describe a network: objects, sizes, operators, memory, cost of a step")
    .argument("<file>", "a network file, or a module that exports a Network")
    .option("--dt <seconds>", "length of a step", positive, 0.001)
    .option("--functions <module>", "module with the functions that the file names")
    .option("--all", `list all objects, not only ${MOST_ROWS} of a kind`, false)
    .option("--plan", "list the operators in the order in which they run", false)
    .option("--json", "write JSON to the standard output", false)
    .addHelpText("after", EXAMPLES)
    // Loaded only now: help and messages come at once.
    .action(async (file: string, options: InfoArguments) => (await import("../actions/showInfo.ts")).showInfo(file, options, io));
}
