import type { Network } from "../network/index.ts";
import { networkCost } from "./networkCost.ts";
import { product, registerLayerEnergy, type Layer, type LayerCall, type LayerCost, type TimeRule } from "./layerRule.ts";

const overTime = (layer: Layer): TimeRule =>
  (layer as unknown as { returnSequences?: boolean }).returnSequences === false ? "ends" : "over";
const config = (layer: Layer): Record<string, unknown> => layer.getConfig();

/** Text that our layers keep in their configs under a key `name`, where tfjs leaves it as it is. */
function savedText(value: unknown): Record<string, unknown> {
  const text = (value as { name?: string } | undefined)?.name;
  return text === undefined ? {} : (JSON.parse(text) as Record<string, unknown>);
}

registerLayerEnergy("NengoSpikingActivation", { time: overTime, cost: ({ output }) => ({ neurons: product(output), spiking: true }) });
registerLayerEnergy("NengoSpiking", { time: overTime, cost: ({ output }) => ({ neurons: product(output), spiking: true }) });
// Filters update every value of their states.
for (const name of ["NengoLowpass", "NengoAlpha", "NengoLinearFilter"])
  registerLayerEnergy(name, {
    time: overTime,
    cost: ({ layer }) => {
      const states = (layer as unknown as { stateSpecs(): { shape: readonly number[] }[] }).stateSpecs();
      return { neurons: states.reduce((sum, { shape }) => sum + product(shape), 0) };
    },
  });
registerLayerEnergy("NengoRepeat", { time: "starts", cost: () => ({}) });
registerLayerEnergy("NengoReadout", { time: "ends", cost: () => ({}) });
for (const name of ["NengoRateEncoder", "NengoLatencyEncoder", "NengoDeltaEncoder", "NengoPopulationEncoder"])
  registerLayerEnergy(name, {
    time: (layer) => ((config(layer)["steps"] ?? null) === null ? overTime(layer) : "starts"),
    cost: ({ output }) => ({ neurons: product(output), spiking: name !== "NengoPopulationEncoder" }),
  });

/**
 * A Legendre memory unit: input to memory, the memory's own dynamics (their values change at every step, so every step counts), memory
 * to hidden units.
 */
function lmuCost({ layer, input }: LayerCall): LayerCost {
  const own = savedText(config(layer)["definition"]);
  const given = { ...config(layer), ...own } as {
    memoryD: number;
    order: number;
    hiddenToMemory?: boolean;
    memoryToMemory?: boolean;
    inputToHidden?: boolean;
  };
  const hidden = hiddenOf(given);
  const features = product(input);
  const { memoryD, order } = given;
  const memory = memoryD * order;
  const toHidden = memory + (given.inputToHidden === true ? features : 0);
  return {
    synapses: [
      { count: features * memoryD, rate: "input" },
      { count: (given.hiddenToMemory === true ? hidden.units * memoryD : 0) + (hidden.recurrent ? hidden.units ** 2 : 0), rate: "output" },
      {
        count: (given.memoryToMemory === true ? memory * memoryD : 0) + memoryD * (order * order + order) + toHidden * hidden.units,
        rate: "step",
      },
    ],
    neurons: memory + hidden.units,
    everyStep: true,
  };
}

/** A saved hidden cell `{className, config}`, or as text under `name`. */
function hiddenOf(given: Record<string, unknown>): { units: number; recurrent: boolean } {
  const saved = given["hiddenCell"] as Record<string, unknown> | null | undefined;
  const cell = (saved !== null && saved !== undefined && "name" in saved ? savedText(saved) : (saved ?? {})) as {
    className?: string;
    config?: { units?: number };
  };
  return { units: cell.config?.units ?? 0, recurrent: /RNN|GRU|LSTM/.test(cell.className ?? "") };
}

for (const name of ["NengoLMU", "NengoLMUFeedforward", "NengoLMUCell"]) registerLayerEnergy(name, { time: overTime, cost: lmuCost });

registerLayerEnergy("NengoNetwork", { time: "over", cost: networkCost });
registerLayerEnergy("NengoEnsemble", {
  time: overTime,
  cost: ({ layer, input, output }) => {
    const { nNeurons, outputKind, network } = layer as unknown as {
      nNeurons: number;
      outputKind: "decoded" | "neurons";
      network: Network | null;
    };
    // Decoders are applied where they come to the next layer, at every step.
    const decoded = outputKind === "decoded" ? nNeurons * product(output) : 0;
    return {
      synapses: [
        { count: product(input) * nNeurons, rate: "input" },
        { count: decoded, rate: "step" },
      ],
      neurons: nNeurons,
      spiking: network?.ensembles[0]?.neuronType.spiking ?? true,
    };
  },
});
