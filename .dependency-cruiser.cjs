// The import arrows of the house, checked by a machine: a layer imports itself and the layers before it, never one behind it.
// Each entry is a layer; a name is a folder of src, or a file of that name in src.
const layers = [
  ["math", "errors", "declared", "readonly", "table"],
  ["expr"],
  ["ir"],
  ["neurons", "synapses", "transforms", "solvers", "learning", "distributions", "processes"],
  ["network"],
  ["networks"],
  ["build"],
  ["plan"],
  ["engines"],
  ["backend", "wasm-backend", "model", "io", "layers", "losses", "regularizers", "energy", "callbacks", "simulator"],
  ["converter", "analysis"],
  ["cli"],
];

const inSrc = (names) => `^src/(${names.join("|")})(/|\\.ts$)`;

const arrows = layers.slice(0, -1).map((names, rank) => ({
  name: `arrow-${names[0]}`,
  comment: `${names.join(", ")} must not import what is built upon them`,
  severity: "error",
  from: { path: inSrc(names) },
  to: { path: inSrc(layers.slice(rank + 1).flat()) },
}));

const only = (name, comment, to, from) => ({ name, comment, severity: "error", from: { path: "^src/", pathNot: from }, to });

module.exports = {
  forbidden: [
    ...arrows,
    {
      name: "no-cycles",
      comment: "two files that need each other are one idea, or there is a third",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "network-is-a-description",
      comment: "src/network imports neither ir nor expr",
      severity: "error",
      from: { path: "^src/network/" },
      to: { path: inSrc(["expr", "ir"]) },
    },
    only(
      "tensorflow",
      "@tensorflow/* only where tensors are handled",
      { path: "@tensorflow/" },
      "^src/(engines/(tfjs|kernels)/|(model|layers|losses|regularizers|energy|callbacks|simulator|converter|backend|wasm-backend|io)(/|\\.ts$)|index\\.ts$)",
    ),
    {
      name: "wasm-backend-stands-alone",
      comment: "tfjs-nengo/wasm-backend is for people without spikes: it imports nothing else of ours but errors",
      severity: "error",
      from: { path: "^src/wasm-backend/" },
      to: { path: "^src/", pathNot: "^src/(wasm-backend/|errors\\.ts$)" },
    },
    only("node-built-ins", "pages load src too", { dependencyTypes: ["core"] }, "^src/(node/|terminal/node\\.ts$|io/)"),
    only(
      "plots",
      "plotting packages only behind tfjs-nengo/plots and tfjs-nengo/node",
      { path: "node_modules/@observablehq/" },
      "^src/plots/",
    ),
    only("document", "a page has a document", { path: "node_modules/linkedom/" }, "^src/plots/document/node\\.ts$"),
    only("plots-apart", "who draws nothing loads no plots", { path: "^src/plots/" }, "^src/(plots|node)/"),
    only("terminal", "only #terminal writes to a terminal", { path: "node_modules/cli-progress/" }, "^src/terminal/node\\.ts$"),
    only(
      "model-files",
      "HDF5 and zip are read in one place",
      { path: "node_modules/(h5wasm|fflate)/" },
      "^src/converter/keras/(hdf5|zip)\\.ts$",
    ),
    {
      name: "entries-are-leaves",
      comment: "nothing imports an entry point",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/node/index\\.ts$" },
      to: { path: "^src/(index\\.ts$|node/|plots/index\\.ts$)", pathNot: "^src/node/(?!index\\.ts$)" },
    },
    {
      name: "src-stands-alone",
      comment: "the library imports neither tests, examples nor benchmarks",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|examples|bench)/" },
    },
    {
      name: "declared-packages",
      comment: "what users load must be a dependency or a peer",
      severity: "error",
      from: { path: "^src/" },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown", "unknown", "undetermined"],
        dependencyTypesNot: ["npm-peer", "type-only"],
      },
    },
    { name: "resolvable", comment: "an import that leads nowhere", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".js", ".d.ts"],
    },
  },
};
