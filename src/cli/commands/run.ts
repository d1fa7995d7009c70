import { Option, type Command } from "commander";
import { engineChoices, type EngineChoice } from "../../engines/choose.ts";
import type { Dtype } from "../../engines/engine.ts";
import { namedFile, positive, svgPath, whole, type NamedFile } from "../arguments.ts";
import { TIME } from "../defaults.ts";
import type { Io } from "../io.ts";

/** Arguments of `run`, as they are understood. */
export interface RunArguments {
  readonly time?: number;
  readonly steps?: number;
  readonly dt: number;
  readonly seed?: number;
  readonly data?: readonly NamedFile[];
  readonly functions?: string;
  readonly plot?: string;
  readonly json: boolean;
  readonly engine: EngineChoice;
  readonly dtype: Dtype;
  readonly progress: boolean;
}

const EXAMPLES = `
Examples:
  $ tfjs-nengo run model.json --time 2
  $ tfjs-nengo run model.json --time 2 --plot out.svg
  $ tfjs-nengo run model.json --data stimulus=values.csv --json > result.json
  $ tfjs-nengo run model.json --functions functions.mjs --seed 3

FILE is written by python/nengo_to_json.py or nengo.networkToJSON; or it is a module (.js, .mjs) that exports a Network.
Data have one row a step: CSV, or JSON lists [steps, size]. With data and no time, the run is as long as they are.`;

/** `tfjs-nengo run FILE`: simulates a network and tells, plots or writes what its probes recorded. */
export function registerRun(program: Command, io: Io): void {
  program
    .command("run")
    .description("simulate a network and show what its probes recorded")
    .argument("<file>", "a network file, or a module that exports a Network")
    .addOption(
      new Option("-t, --time <seconds>", `how long (default: as long as the data, else ${TIME})`).argParser(positive).conflicts("steps"),
    )
    .option("-n, --steps <count>", "how long, in steps", whole)
    .option("--dt <seconds>", "length of a step", positive, 0.001)
    .option("--seed <number>", "seed of the simulator (default: the network's + 1)", whole)
    .option("--data <name=file>", "data of a Node, by its label or id; may be given several times", namedFile)
    .option("--functions <module>", "module with the functions that the file names")
    .option("--plot <file.svg>", "draw every probe", svgPath)
    .option("--json", "write what was recorded as JSON to the standard output", false)
    .addOption(new Option("--engine <name>", "what runs the network").choices([...engineChoices]).default("auto"))
    .addOption(new Option("--dtype <name>", "precision").choices(["float64", "float32"]).default("float64"))
    .option("--no-progress", "show no progress bar")
    .addHelpText("after", EXAMPLES)
    // Loaded only now: help and messages come at once.
    .action(async (file: string, options: RunArguments) => (await import("../actions/runNetwork.ts")).runNetwork(file, options, io));
}
