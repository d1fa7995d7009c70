import { checkBoolean, checkNumber } from "../declared.ts";
import { ValidationError, describe } from "../errors.ts";

/** What a device spends. */
export interface EnergyDevice {
  /** Joule for one synaptic event: a multiplication with a weight, or a spike that passes a synapse. */
  readonly synapse: number;
  /** Joule for one update of one neuron. */
  readonly neuron: number;
  /** Whether it works by spikes: synapses cost by rates and every step counts. Otherwise a layer is computed once an inference. */
  readonly spiking: boolean;
}

/*
 * The first three by B. Degnan, B. Marr, J. Hasler, "Assessing trends in performance per watt for signal processing applications", IEEE
 * Trans. VLSI 24 (2016): Intel i7-4960X, GeForce GTX Titan Black, ARM Cortex-A. Loihi: M. Davies et al., "Loihi: a neuromorphic manycore
 * processor with on-chip learning", IEEE Micro 38 (2018), a synaptic operation with its part of the spike's way, 23.6 + 3.5 pJ. SpiNNaker
 * and SpiNNaker 2: S. Höppner et al., "Dynamic power management for neuromorphic many-core systems", IEEE Trans. CAS I 66 (2019).
 */
const devices = new Map<string, EnergyDevice>([
  ["cpu", { synapse: 8.6e-9, neuron: 8.6e-9, spiking: false }],
  ["gpu", { synapse: 0.3e-9, neuron: 0.3e-9, spiking: false }],
  ["arm", { synapse: 0.9e-9, neuron: 0.9e-9, spiking: false }],
  ["loihi", { synapse: 27.1e-12, neuron: 81e-12, spiking: true }],
  ["spinnaker", { synapse: 13.3e-9, neuron: 26e-9, spiking: true }],
  ["spinnaker2", { synapse: 450e-12, neuron: 2.19e-9, spiking: true }],
]);

/** Makes a device known by name to {@link modelEnergy}, or changes one. */
export function registerEnergyDevice(name: string, device: EnergyDevice): void {
  const owner = `registerEnergyDevice ${JSON.stringify(name)}`;
  devices.set(name, {
    synapse: checkNumber(owner, "synapse", device.synapse, { min: 0 }),
    neuron: checkNumber(owner, "neuron", device.neuron, { min: 0 }),
    spiking: checkBoolean(owner, "spiking", device.spiking),
  });
}

/** Names of all known devices. */
export const energyDevices = (): string[] => [...devices.keys()];

/** @throws ValidationError for unknown names */
export function deviceNamed(name: string): EnergyDevice {
  const device = devices.get(name);
  if (device === undefined)
    throw new ValidationError({
      owner: "ModelEnergy",
      parameter: "device",
      expected: `one of ${energyDevices().join(", ")}`,
      got: describe(name),
      fix: "Make others known by nengo.registerEnergyDevice",
    });
  return device;
}
