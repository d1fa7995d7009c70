import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { useBackend } from "../../backend.ts";
import { convert, loadKeras, toSpiking, type CalibrationOptions, type ConvertOptions, type Verification } from "../../converter/index.ts";
import { fileHandler } from "../../io/fileHandler.ts";
import { dataTensors, firstItems } from "../../io/datasets/dataTensors.ts";
import { readData } from "../../io/datasets/readData.ts";
import { reportPage } from "../../plots/reportPage.ts";
import { completeWasmBackend } from "../../wasm-backend/index.ts";
import type { ConvertArguments } from "../commands/convert.ts";
import type { Io } from "../io.ts";
import { spikingSwaps } from "../spikingSwaps.ts";

/** Converts a model to spikes, verifies and measures it, and tells, draws or writes what came of it. */
export async function convertModel(file: string, options: ConvertArguments, io: Io): Promise<void> {
  await useBackend(options.backend);
  await completeWasmBackend();
  const model = await loadKeras(file);
  const { x, y } = tensorsOf(model, options);
  const { steps, dt, synapse, readoutDelay, tolerance, progress: progressBar } = options;
  const { perChannel, percentile, spikesPerStep, neurons, maxToAvgPool } = options;
  const scale = options.scale ?? (x === null ? 1 : "auto");
  const open = model.inputs.some(({ shape }) => shape.slice(1).includes(null));
  const inputShapes = open && x !== null ? x.map(({ shape }) => shape.slice(1)) : null;
  const calibration: CalibrationOptions = {
    steps,
    dt,
    perChannel,
    ...(percentile === undefined ? {} : { percentile }),
    ...(spikesPerStep === undefined ? {} : { spikesPerStep }),
  };
  const shared: ConvertOptions = {
    swapActivations: spikingSwaps(model, inputShapes, neurons),
    maxToAvgPool,
    ...(inputShapes === null ? {} : { inputShapes }),
    scaleFiringRates: scale,
    ...(synapse === undefined ? {} : { synapse }),
    ...(scale === "auto" ? { data: x!, calibration } : {}),
  };
  const conversion = await convert(model, { ...shared, inferenceOnly: true });
  const { report } = conversion;
  // A few items tell whether the network is the model, as well as all.
  const some = x === null ? null : firstItems(x, 2);
  const verified = options.verify ? await conversion.verify(some, { dt, steps }) : null;
  if (x !== null)
    await conversion.measure(x, y, {
      steps,
      dt,
      progressBar,
      ...(readoutDelay === undefined ? {} : { readoutDelay }),
      ...(tolerance === undefined ? {} : { tolerance }),
    });
  const result = { file, steps, dt, scale, ...report.toJSON(), verified };
  const written: string[] = [];
  if (options.report !== undefined) {
    mkdirSync(dirname(options.report), { recursive: true });
    writeFileSync(options.report, reportPage(report));
    written.push(`report: ${options.report}`);
  }
  if (options.out !== undefined) {
    const spiking = await toSpiking(model, { ...shared, steps, dt, ...(readoutDelay === undefined ? {} : { readoutDelay }) });
    await spiking.save(fileHandler(options.out));
    writeFileSync(join(options.out, "report.json"), `${JSON.stringify(result)}\n`);
    written.push(`spiking model and report.json: ${options.out}`);
  }
  if (options.json) io.out(`${JSON.stringify(result)}\n`);
  else io.out([String(report), ...(verified === null ? [] : [verifiedText(verified)]), ...written, ""].join("\n"));
}

type Model = Awaited<ReturnType<typeof loadKeras>>;
type Tensors = ReturnType<typeof dataTensors>;

function tensorsOf(model: Model, { data, labels, items, divide }: ConvertArguments): { x: Tensors | null; y: Tensors | null } {
  if (data === undefined) return { x: null, y: null };
  const read = readData(data, "--data");
  const y = labels === undefined ? read.y : readData(labels, "--labels").x;
  const some = items === undefined ? {} : { items };
  const places = model.inputs.map(({ shape, sourceLayer }) => ({
    name: sourceLayer.name,
    // What the model leaves open is as the data are.
    shape: shape.slice(1).includes(null) ? null : (shape.slice(1) as number[]),
  }));
  const ends = model.outputs.map(({ sourceLayer }) => ({ name: sourceLayer.name, shape: null }));
  return {
    x: dataTensors("--data", read.x, places, { divide, ...some }),
    y: y === null ? null : dataTensors("--labels", y, ends, some),
  };
}

function verifiedText({ rates, outputs, spikes }: Verification): string {
  const worst = Math.max(0, ...rates.map(({ error }) => error ?? 0));
  const most = Math.max(0, ...spikes.map((check) => check.spikes));
  const rest = spikes.length === 0 ? "" : `; neurons are at most ${Number(most.toPrecision(3))} spikes from what their input asks for`;
  const ends = outputs.flatMap(({ error }) => (error === null ? [] : [error]));
  const whole = ends.length === 0 ? "" : `, outputs by ${Math.max(...ends).toExponential(1)}`;
  return `verified: rates differ from the model by at most ${worst.toExponential(1)} of a layer's largest number${whole}${rest}`;
}
