import { InvalidArgumentError, Option, type Command } from "commander";
import { positive, whole } from "../arguments.ts";
import type { Io } from "../io.ts";
import { neuronChoices, type NeuronChoice } from "../neuronChoices.ts";

/** Arguments of `convert`, as they are understood. */
export interface ConvertArguments {
  readonly data?: string;
  readonly labels?: string;
  readonly divide: number;
  readonly items?: number;
  readonly steps: number;
  readonly dt: number;
  readonly scale?: number | "auto";
  readonly perChannel: boolean;
  readonly percentile?: number;
  readonly spikesPerStep?: number;
  readonly neurons?: NeuronChoice;
  readonly maxToAvgPool: boolean;
  readonly synapse?: number;
  readonly readoutDelay?: number;
  readonly tolerance?: number;
  readonly report?: string;
  readonly out?: string;
  readonly json: boolean;
  readonly verify: boolean;
  readonly progress: boolean;
  readonly backend: "wasm" | "cpu";
}

const EXAMPLES = `
Examples:
  $ tfjs-nengo convert model.keras
  $ tfjs-nengo convert model.h5 --data test.json --steps 32 --scale auto --report out.html
  $ tfjs-nengo convert model.json --data t10k-images.idx3-ubyte --labels t10k-labels.idx1-ubyte --divide 255 --items 500
  $ tfjs-nengo convert model.h5 --data test.json --neurons LIF --synapse 0.005 --steps 100
  $ tfjs-nengo convert model.keras --data x.npy --labels y.npy --json > report.json

MODEL is a .keras or .h5 file, or a model.json of tfjs. Data are JSON ({ x, y }, nested lists), NumPy (.npy) or IDX (as MNIST's, also .gz).
Without data, numbers made up of a seed tell whether the network is the model, and nothing is measured.`;

/** "auto" or a number above 0. */
function scale(text: string): number | "auto" {
  if (text === "auto") return text;
  try {
    return positive(text);
  } catch {
    throw new InvalidArgumentError("It has to be auto, or a number above 0.");
  }
}

/** A number above 0, up to 100. */
function percent(text: string): number {
  const value = positive(text);
  if (value > 100) throw new InvalidArgumentError("It has to be a number above 0, up to 100.");
  return value;
}

/** A path that ends in `.html`. */
function htmlPath(text: string): string {
  if (!/\.html?$/i.test(text)) throw new InvalidArgumentError("Reports are HTML: it has to end in .html.");
  return text;
}

/** A whole number from 1 on. */
function count(text: string): number {
  const value = whole(text);
  if (value === 0) throw new InvalidArgumentError("It has to be a whole number, 1 or more.");
  return value;
}

/** `tfjs-nengo convert MODEL`: a Keras model with spikes, verified, measured on data, and reported. */
export function registerConvert(program: Command, io: Io): void {
  const command = program
    .command("convert")
    .description("convert a Keras model to spiking neurons, verify it, measure it on data, and report")
    .argument("<model>", "a .keras or .h5 file, or a model.json of tfjs")
    .option("--data <file>", "what the model will see: JSON, .npy or IDX")
    .option("--labels <file>", "labels of the data, where they are in a file of their own")
    .option("--divide <number>", "what data are divided by (255 for bytes of images)", positive, 1)
    .option("--items <count>", "take only the first items of the data", count)
    .option("-n, --steps <count>", "steps of an inference", count, 32)
    .option("--dt <seconds>", "length of a step", positive, 0.001)
    .option("--scale <auto|number>", "factor of firing rates, auto from the data (default: auto with data, else 1)", scale)
    .option("--per-channel", "with --scale auto: a factor for every channel, not for every layer", false)
    .option("--percentile <percent>", "with --scale auto: of activations, at which the rate is reached (default: 99.9)", percent)
    .option("--spikes-per-step <number>", "with --scale auto: that rate (default: 512 spikes in all steps, 1 a step at least)", positive)
    .addOption(new Option("--neurons <type>", "for every activation (default: those whose rate it is)").choices(neuronChoices))
    .option("--max-to-avg-pool", "average pooling in place of max pooling, which changes the function", false)
    .option("--synapse <seconds>", "time constant of a filter behind all neurons", positive)
    .option("--readout-delay <seconds>", "what outputs leave out at the start", positive)
    .option("--tolerance <part>", "loss of accuracy (without labels: error) for the smallest number of steps", positive)
    .option("--report <file.html>", "write the report as a page", htmlPath)
    .option("--out <folder>", "write the spiking model (for tf.loadLayersModel with tfjs-nengo) and report.json")
    .option("--json", "write the report as JSON to the standard output", false)
    .option("--no-verify", "do not compare the network with the model layer by layer")
    .addOption(new Option("--backend <name>", "what tfjs computes with").choices(["wasm", "cpu"]).default("wasm"))
    .option("--no-progress", "show no progress bar")
    .addHelpText("after", EXAMPLES);
  // Loaded only now: help and messages come at once.
  command.action(async (file: string, options: ConvertArguments) => {
    const { data, scale: factor, labels, items, perChannel, percentile, spikesPerStep } = options;
    const needless = [
      labels === undefined ? "" : "--labels",
      items === undefined ? "" : "--items",
      factor === "auto" ? "--scale auto" : "",
      perChannel ? "--per-channel" : "",
      percentile === undefined ? "" : "--percentile",
      spikesPerStep === undefined ? "" : "--spikes-per-step",
    ];
    const [needed] = needless.filter((name) => name !== "");
    if (data === undefined && needed !== undefined) command.error(`error: option '${needed}' needs --data`, { exitCode: 2 });
    const [unused] = needless.slice(3).filter((name) => name !== "");
    if (typeof factor === "number" && unused !== undefined) command.error(`error: option '${unused}' needs --scale auto`, { exitCode: 2 });
    await (await import("../actions/convertModel.ts")).convertModel(file, options, io);
  });
}
