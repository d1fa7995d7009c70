/** Neuron types that `tfjs-nengo convert --neurons` takes. */
export const neuronChoices = ["LIF", "AdaptiveLIF", "RegularSpiking", "StochasticSpiking", "PoissonSpiking"] as const;

export type NeuronChoice = (typeof neuronChoices)[number];
