import { expect } from "chai";
import { Choice } from "../../src/distributions/index.ts";
import { NetworkFileError, ValidationError } from "../../src/errors.ts";
import { networkFromJSON, readNetwork } from "../../src/json/index.ts";
import { Ensemble, Network } from "../../src/network/index.ts";
import { Table, WhiteNoise } from "../../src/processes/index.ts";
import type { Lowpass } from "../../src/synapses/index.ts";
import { documentOf, errorOf, readError } from "./support.ts";

const ensemble = { id: "a", nNeurons: 4, dimensions: 2 };
const node = { id: "n", output: null, sizeIn: 2 };
const connected = (connection: object): Record<string, unknown> => ({
  ensembles: [ensemble],
  nodes: [node],
  connections: [{ pre: { id: "a" }, post: { id: "n" }, ...connection }],
});

describe("networkFromJSON", () => {
  it("takes a parsed document or its text", () => {
    const document = documentOf({ id: "top", label: "x", seed: 3, ensembles: [ensemble] });
    for (const given of [document, JSON.stringify(document)]) {
      const { network, objects } = readNetwork(given);
      expect([network.label, network.seed, network.ensembles.length]).to.deep.equal(["x", 3, 1]);
      expect(objects.get("a")).to.equal(network.ensembles[0]);
      expect(objects.get("top")).to.equal(network);
    }
  });

  it("gives what is left out its default, and null where that means none", () => {
    const net = networkFromJSON(documentOf({ ...connected({}), probes: [{ target: { id: "a" } }] }));
    const same = new Network();
    const a = same.ensemble(4, 2);
    const connection = same.connect(a, same.node({ sizeIn: 2 }));
    expect(net.ensembles[0].neuronType.equals(a.neuronType)).to.equal(true);
    expect(net.connections[0].synapse!.equals(connection.synapse)).to.equal(true);
    expect(net.connections[0].solver.equals(connection.solver)).to.equal(true);
    expect(net.probes[0].synapse).to.equal(null);
    expect(networkFromJSON(documentOf(connected({ synapse: null }))).connections[0].synapse).to.equal(null);
    expect(networkFromJSON(documentOf({})).allEnsembles).to.deep.equal([]);
  });

  it("makes declared values inside one another", () => {
    const noise = { type: "WhiteNoise", dist: { type: "Uniform", low: -1, high: 1 }, seed: 4 };
    const neuronType = { type: "LIF", initialState: { voltage: { type: "Choice", options: [0.5] }, refractoryTime: [0, 0, 0, 0] } };
    const net = networkFromJSON(documentOf({ ensembles: [{ ...ensemble, noise, neuronType, intercepts: 0.5 }] }));
    const read = net.ensembles[0];
    expect(read.noise).to.be.instanceOf(WhiteNoise);
    expect((read.noise as WhiteNoise).dist.toJSON()).to.deep.include({ type: "Uniform", low: -1, high: 1 });
    expect(read.neuronType.initialState.voltage).to.be.instanceOf(Choice);
    expect(read.intercepts).to.deep.equal({ shape: [4], data: new Float64Array(4).fill(0.5) });
  });

  it("reads a table, whose last row holds", () => {
    const net = networkFromJSON(
      documentOf({
        nodes: [
          {
            output: {
              type: "table",
              values: [
                [1, 2],
                [3, 4],
              ],
            },
            sizeOut: 2,
          },
        ],
      }),
    );
    const table = net.nodes[0].output as Table;
    expect(table).to.be.instanceOf(Table);
    expect(table.runSteps(3).data).to.deep.equal(Float64Array.from([1, 2, 3, 4, 3, 4]));
  });

  it("resolves references in Python's way, to neurons too, across subnetworks and to what comes later", () => {
    const net = networkFromJSON(
      documentOf({
        connections: [
          { id: "c", pre: { id: "a", slice: [null, null, -1] }, post: { id: "deep", indices: [-1, 0] } },
          { pre: { id: "deep" }, post: { id: "a", attribute: "neurons", slice: [-3, null, null] }, synapse: { type: "Lowpass", tau: 0.1 } },
        ],
        probes: [{ target: { id: "c" } }, { target: { id: "a", attribute: "neurons" }, attribute: "voltage" }],
        networks: [
          {
            id: "sub",
            nodes: [{ id: "deep", output: null, sizeIn: 3 }],
            connections: [{ id: "back", pre: { id: "a", slice: [0, 1, null] }, post: { id: "deep", slice: [2, null, null] } }],
          },
        ],
        ensembles: [ensemble],
      }),
    );
    const [first, second] = net.connections;
    expect([...first.preIndices.toArray()]).to.deep.equal([1, 0]);
    expect([...first.postIndices.toArray()]).to.deep.equal([2, 0]);
    expect(second.postObject).to.equal(net.ensembles[0].neurons);
    expect([...second.postIndices.toArray()]).to.deep.equal([1, 2, 3]);
    expect((second.synapse as Lowpass).tau).to.equal(0.1);
    expect(net.probes[0].object).to.equal(first);
    expect(net.networks[0].connections[0].preObject).to.be.instanceOf(Ensemble);
  });

  it("takes NoTransform and null for none, and a Node's seed without effect", () => {
    for (const transform of [null, { type: "NoTransform", sizeIn: 2 }])
      expect(networkFromJSON(documentOf(connected({ transform }))).connections[0].transform).to.equal(null);
    expect(networkFromJSON(documentOf({ nodes: [{ ...node, seed: 5 }] })).nodes[0].seed).to.equal(null);
  });

  it("finds functions by name", () => {
    const f = (): number[] => [1, 2];
    const net = networkFromJSON(documentOf({ ...connected({ function: { type: "function", name: "f" }, sizeMid: 2 }) }), {
      functions: { f },
    });
    expect(net.connections[0].function).to.equal(f);
  });
});

describe("a bad network file", () => {
  const top: readonly (readonly [unknown, string, RegExp])[] = [
    ["{", "document", /expected JSON/],
    ["[1, 2", "document", /expected JSON/],
    [3, "document", /expected an object .* got 3/],
    [null, "document", /got null/],
    [[], "document", /expected an object/],
    [{ format: "other", version: 1, network: {} }, "format", /expected "nengo-network", got "other"/],
    [{ version: 1, network: {} }, "format", /got undefined/],
    [{ format: "nengo-network", version: 2, network: {} }, "version", /expected 1, got 2\. .*newer/],
    [{ format: "nengo-network", version: "1", network: {} }, "version", /got "1"/],
    [{ format: "nengo-network", version: 1 }, "network", /got undefined/],
    [{ format: "nengo-network", version: 1, network: [] }, "network", /expected a network/],
    [{ format: "nengo-network", version: 1, network: {}, extra: 1 }, "extra", /unknown key/],
  ];
  for (const [document, path, message] of top) {
    it(`${JSON.stringify(document)}: ${path}`, () => {
      const error = errorOf(() => networkFromJSON(document)) as NetworkFileError;
      expect(error).to.be.instanceOf(NetworkFileError);
      expect(error.path).to.equal(path);
      expect(error.message)
        .to.match(message)
        .and.satisfy((text: string) => text.startsWith(`${path}: expected `));
    });
  }

  const one = (key: string, item: object): Record<string, unknown> => ({ [key]: [item] });
  const inside: readonly (readonly [string, Record<string, unknown>, string, RegExp])[] = [
    ["unknown key", { ensemble: [] }, "network.ensemble", /unknown key "ensemble"/],
    ["list that is none", { ensembles: {} }, "network.ensembles", /expected a list/],
    ["seed", { seed: -1 }, "network.seed", />= 0 .*got -1/],
    ["key of an ensemble", one("ensembles", { ...ensemble, nNeuron: 3 }), "network.ensembles[0].nNeuron", /unknown key/],
    ["item that is none", { ensembles: [ensemble, 7] }, "network.ensembles[1]", /expected an ensemble, got 7/],
    ["size", one("ensembles", { ...ensemble, nNeurons: 0 }), "network.ensembles[0].nNeurons", />= 1 and <= 268435456, got 0/],
    ["missing size", one("ensembles", { id: "a", nNeurons: 3 }), "network.ensembles[0].dimensions", /got undefined/],
    ["rank", one("ensembles", { ...ensemble, encoders: [1, 2, 3, 4] }), "network.ensembles[0].encoders", /shape \[4, 2\], got shape \[4\]/],
    ["shape", one("ensembles", { ...ensemble, maxRates: [1, 2, 3] }), "network.ensembles[0].maxRates", /shape \[4\], got shape \[3\]/],
    [
      "ragged",
      one("ensembles", { ...ensemble, encoders: [[1, 2], [3], [1, 2], [1, 2]] }),
      "network.ensembles[0].encoders",
      /rows of equal length/,
    ],
    [
      "null where there is no none",
      one("ensembles", { ...ensemble, neuronType: null }),
      "network.ensembles[0].neuronType",
      /expected a neuron type .* got null/,
    ],
    [
      "type",
      one("ensembles", { ...ensemble, neuronType: { type: "Lif" } }),
      "network.ensembles[0].neuronType.type",
      /known type, got "Lif"\. .*registerType/,
    ],
    ["type that is none", one("ensembles", { ...ensemble, neuronType: { type: 3 } }), "network.ensembles[0].neuronType.type", /got 3/],
    [
      "inherited name as type",
      one("ensembles", { ...ensemble, neuronType: { type: "constructor" } }),
      "network.ensembles[0].neuronType.type",
      /known type/,
    ],
    [
      "family",
      one("ensembles", { ...ensemble, neuronType: { type: "Lowpass", tau: 1 } }),
      "network.ensembles[0].neuronType",
      /neuron type .* got a Lowpass/,
    ],
    [
      "parameter",
      one("ensembles", { ...ensemble, neuronType: { type: "LIF", tau_rc: 1 } }),
      "network.ensembles[0].neuronType.tau_rc",
      /one of tauRc/,
    ],
    [
      "value of a parameter",
      one("ensembles", { ...ensemble, intercepts: { type: "Uniform", low: "a", high: 1 } }),
      "network.ensembles[0].intercepts.low",
      /finite number, got "a"/,
    ],
    [
      "parameter deep inside",
      one("ensembles", { ...ensemble, noise: { type: "WhiteNoise", dist: { type: "Gaussian", mean: 0, std: 0 } } }),
      "network.ensembles[0].noise.dist.std",
      /> 0, got 0/,
    ],
    ["missing parameter", connected({ synapse: { type: "Lowpass" } }), "network.connections[0].synapse.tau", /got undefined/],
    ["not finite", one("ensembles", { ...ensemble, radius: Infinity }), "network.ensembles[0].radius", /finite number, got Infinity/],
    [
      "not finite in an array",
      one("ensembles", {
        ...ensemble,
        encoders: [
          [1, 2],
          [3, NaN],
        ],
      }),
      "network.ensembles[0].encoders[1][1]",
      /finite number, got NaN/,
    ],
    ["no JSON value", one("ensembles", { ...ensemble, maxRates: new Float64Array(4) }), "network.ensembles[0].maxRates", /value of JSON/],
    ["function in place", one("nodes", { output: () => 1 }), "network.nodes[0].output", /value of JSON/],
    [
      "duplicate id",
      { ensembles: [ensemble], nodes: [{ ...node, id: "a" }] },
      "network.nodes[0].id",
      /an id of its own, got "a", which network.ensembles\[0\] has/,
    ],
    [
      "duplicate id of a subnetwork's object",
      { ensembles: [ensemble], networks: [{ id: "s", probes: [{ id: "a", target: { id: "a" } }] }] },
      "network.networks[0].probes[0].id",
      /own/,
    ],
    ["id that is none", one("nodes", { ...node, id: 3 }), "network.nodes[0].id", /expected a string/],
    [
      "dangling id",
      connected({ post: { id: "b" } }),
      "network.connections[0].post.id",
      /expected the id of an ensemble or node, got "b", which no object has/,
    ],
    ["missing id", connected({ pre: {} }), "network.connections[0].pre.id", /got undefined/],
    ["missing end", connected({ pre: undefined }), "network.connections[0].pre", /undefined/],
    [
      "connection as end",
      {
        ...connected({ id: "c" }),
        connections: [
          { id: "c", pre: { id: "a" }, post: { id: "n" } },
          { pre: { id: "c" }, post: { id: "n" } },
        ],
      },
      "network.connections[1].pre",
      /expected an ensemble/,
    ],
    [
      "probe as target",
      { ...connected({}), probes: [{ id: "p", target: { id: "a" } }, { target: { id: "p" } }] },
      "network.probes[1].target.id",
      /expected the id of an ensemble, node or connection/,
    ],
    [
      "attribute of a reference",
      connected({ pre: { id: "a", attribute: "input" } }),
      "network.connections[0].pre.attribute",
      /"neurons" or "learningRule"/,
    ],
    ["neurons of a node", connected({ pre: { id: "n", attribute: "neurons" } }), "network.connections[0].pre.attribute", /only ensembles/],
    [
      "learning rule of none",
      connected({ post: { id: "a", attribute: "learningRule" } }),
      "network.connections[0].post.attribute",
      /learning rule/,
    ],
    ["slice and indices", connected({ pre: { id: "a", slice: [0, 1, 1], indices: [0] } }), "network.connections[0].pre.indices", /both/],
    ["slice", connected({ pre: { id: "a", slice: [0, 1] } }), "network.connections[0].pre.slice", /start, stop, step/],
    ["step of 0", connected({ pre: { id: "a", slice: [0, 1, 0] } }), "network.connections[0].pre.slice", /other than 0/],
    ["indices", connected({ pre: { id: "a", indices: [0, 0.5] } }), "network.connections[0].pre.indices", /list of integers/],
    ["index out of range", connected({ pre: { id: "a", indices: [0, 2] } }), "network.connections[0].pre.indices", /-2 to 1/],
    ["empty slice", connected({ pre: { id: "a", slice: [1, 1, null] } }), "network.connections[0].pre", /picks nothing/],
    ["sizes without a transform", connected({ pre: { id: "a", indices: [0] } }), "network.connections[0].transform", /equal sizes/],
    [
      "size of a transform",
      connected({ transform: { type: "Dense", shape: [2, 3] } }),
      "network.connections[0].transform.init",
      /\[2, 3\]/,
    ],
    [
      "transform of another size",
      connected({ transform: { type: "Dense", shape: [3, 3] } }),
      "network.connections[0].transform",
      /from size 2/,
    ],
    [
      "NoTransform of another size",
      connected({ transform: { type: "NoTransform", sizeIn: 3 } }),
      "network.connections[0].transform.sizeIn",
      /expected 2.* got 3/,
    ],
    [
      "key of NoTransform",
      connected({ transform: { type: "NoTransform", size: 2 } }),
      "network.connections[0].transform.size",
      /unknown key/,
    ],
    ["sizeMid", connected({ sizeMid: 3 }), "network.connections[0].sizeMid", /expected 2.* got 3/],
    [
      "learning rule of an unknown type",
      connected({ learningRuleType: { type: "Hebb" } }),
      "network.connections[0].learningRuleType.type",
      /known type, got "Hebb"/,
    ],
    [
      "function",
      connected({ function: { type: "lambda" } }),
      "network.connections[0].function",
      /points or function, got the type "lambda"/,
    ],
    [
      "function that is not given",
      connected({ function: { type: "function", name: "f" } }),
      "network.connections[0].function.name",
      /got "f"\. .*options\.functions/,
    ],
    [
      "function without points",
      connected({ function: { type: "points", values: [[1, 2]] } }),
      "network.connections[0].function",
      /evalPoints/,
    ],
    [
      "points that do not fit",
      connected({
        function: { type: "points", values: [[1, 2]] },
        evalPoints: [
          [0, 0],
          [1, 1],
        ],
        scaleEvalPoints: false,
      }),
      "network.connections[0].function",
      /2 rows.* got 1/,
    ],
    [
      "points that are none",
      connected({ function: { type: "points" }, evalPoints: [[0, 0]] }),
      "network.connections[0].function.values",
      /list of rows/,
    ],
    ["constant", one("nodes", { output: { type: "constant", value: 3 } }), "network.nodes[0].output.value", /list of numbers, got 3/],
    ["rank of a constant", one("nodes", { output: { type: "constant", value: [[1]] } }), "network.nodes[0].output", /\[sizeOut\]/],
    [
      "size of a constant",
      one("nodes", { output: { type: "constant", value: [1] }, sizeOut: 2 }),
      "network.nodes[0].sizeOut",
      /expected 1/,
    ],
    ["rank of a table", one("nodes", { output: { type: "table", values: [1, 2] } }), "network.nodes[0].output.values", /shape \[2\]/],
    [
      "size of a table",
      one("nodes", { output: { type: "table", values: [[1, 2]] }, sizeOut: 3 }),
      "network.nodes[0].sizeOut",
      /expected 2/,
    ],
    ["output", one("nodes", { output: 3 }), "network.nodes[0].output", /object with a type/],
    ["a Node that is too large", one("nodes", { sizeIn: 1e9 }), "network.nodes[0].sizeIn", /<= 268435456/],
    ["output of another family", one("nodes", { output: { type: "LstsqL2" } }), "network.nodes[0].output", /a process/],
    [
      "synapse as output of another size",
      one("nodes", { sizeIn: 2, output: { type: "Lowpass", tau: 1 } }),
      "network.nodes[0].sizeOut",
      /expected 2, for a synapse gives as many/,
    ],
    ["pass-through without size", one("nodes", { output: null }), "network.nodes[0].sizeIn", /size/],
    ["seed of a node", one("nodes", { ...node, seed: "a" }), "network.nodes[0].seed", /integer/],
    [
      "attribute of a probe",
      { ...connected({}), probes: [{ target: { id: "a" }, attribute: "voltage" }] },
      "network.probes[0].attribute",
      /decodedOutput/,
    ],
    [
      "slice of a connection",
      { ...connected({ id: "c" }), probes: [{ target: { id: "c", slice: [0, 1, 1] } }] },
      "network.probes[0].target.slice",
      /connection/,
    ],
  ];
  for (const [what, network, path, message] of inside) {
    it(`${what}: ${path}`, () => {
      const error = readError(network);
      expect(error.path).to.equal(path);
      expect(error.message)
        .to.match(message)
        .and.satisfy((text: string) => text.startsWith(`${path}: expected `));
    });
  }

  it("JSON text can hold numbers that are too large", () => {
    const text = JSON.stringify(documentOf(one("ensembles", { ...ensemble, radius: 12345 }))).replace("12345", "1e999");
    expect(() => networkFromJSON(text)).to.throw(NetworkFileError, "network.ensembles[0].radius: expected a finite number, got Infinity.");
  });

  it("what holds itself, or lies too deep", () => {
    const nested = (depth: number): Record<string, unknown> => {
      let network: Record<string, unknown> = { id: "innermost" };
      for (let k = 0; k < depth; k++) network = { id: `n${k}`, networks: [network] };
      return network;
    };
    expect(networkFromJSON(documentOf(nested(100))).networks).to.have.length(1);
    const endless: Record<string, unknown> = { type: "Uniform", low: 0 };
    endless["high"] = endless;
    let deep: unknown = 1;
    for (let k = 0; k < 10000; k++) deep = [deep];
    for (const network of [
      nested(1000),
      one("ensembles", { ...ensemble, encoders: endless }),
      one("ensembles", { ...ensemble, encoders: deep }),
    ])
      expect(readError(network).message).to.match(/: expected at most 256 levels of nesting, got more\. An object must not hold itself\.$/);
  });

  it("values that JSON has not", () => {
    for (const [value, got] of [
      [Symbol("s"), "Symbol(s)"],
      [3n, "3"],
      [() => 1, "a function"],
      [new Date(0), "a Date"],
    ])
      expect(readError(one("ensembles", { ...ensemble, label: value })).message).to.equal(
        `network.ensembles[0].label: expected a value of JSON, got ${String(got)}.`,
      );
  });

  it("a key that JSON text may hold: __proto__", () => {
    const text = '{"format":"nengo-network","version":1,"network":{"__proto__":{"seed":1}}}';
    expect(() => networkFromJSON(text)).to.throw(NetworkFileError, "network.__proto__: expected one of");
  });

  it("a function that fails is told with its place, and as the cause", () => {
    const error = readError(connected({ function: { type: "function", name: "f" } }), {
      f: () => {
        throw new RangeError("outside");
      },
    });
    expect(error.message).to.match(/^network\.connections\[0\]\.function: .*RangeError: outside/);
    expect(error.cause).to.be.instanceOf(ValidationError);
  });

  it("functions that are none are the caller's mistake", () => {
    expect(() => networkFromJSON(documentOf({}), { functions: { f: 1 as never } })).to.throw(
      ValidationError,
      "networkFromJSON.functions.f: expected a function, got 1.",
    );
  });
});
