import * as prettier from "prettier";
import * as nengo from "../../src/index.ts";
import { fixtureAt } from "../support/fixtures.ts";
import { verdicts, type Verdict } from "./verdicts.ts";

/** What names.py found. */
export interface Names {
  readonly versions: Readonly<Record<string, string>>;
  /** Names by the module that defines them. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** Members of classes. */
  readonly members: Readonly<Record<string, readonly string[]>>;
}

export type Status = "supported" | "partly" | "not yet" | "not planned";

/** A name, what we have of it, and where or why. */
export interface Entry {
  readonly home: string;
  readonly name: string;
  readonly status: Status;
  readonly text: string;
  /** Whether a rule for the whole module says so. */
  readonly byModule: boolean;
}

export const readNames = (): Names => fixtureAt<Names>("test/coverage/names.json");

const camel = (name: string): string => name.replace(/_+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
const lowered = (name: string): string => (/^[A-Z]+$/.test(name) ? name.toLowerCase() : name.charAt(0).toLowerCase() + name.slice(1));

/** Whether the package exports this path, e.g. `layers.network`, or a class has this member. */
export function isExported(path: string): boolean {
  const [first, ...rest] = path.split(".");
  let value: unknown = (nengo as Record<string, unknown>)[first];
  for (const key of rest) {
    if (value === null || value === undefined) return false;
    const holder: unknown = typeof value === "function" && !(key in value) ? (value as { prototype?: unknown }).prototype : value;
    value = (holder as Record<string, unknown> | undefined)?.[key];
  }
  return value !== undefined;
}

const exported = (paths: readonly string[]): string | undefined => paths.find(isExported);

/** Names of ours that a name of theirs may have. */
function candidates(name: string): string[] {
  const forms = [...new Set([name, camel(name), lowered(camel(name))])];
  return ["", "networks.", "presets.", "filterDesign."].flatMap((place) => forms.map((form) => `${place}${form}`));
}

/** One object of every class whose members are looked at; fields are not on prototypes. */
function instances(): Readonly<Record<string, object>> {
  const net = new nengo.Network({ seed: 0 });
  const [ensemble, node] = [net.ensemble(2, 1), net.node([1])];
  const connection = net.connect(node, ensemble);
  const probe = net.probe(ensemble);
  const simulator = new nengo.Simulator(net, { progressBar: false });
  return {
    "nengo.Network": net,
    "nengo.Ensemble": ensemble,
    "nengo.Node": node,
    "nengo.Connection": connection,
    "nengo.Probe": probe,
    "nengo.Simulator": simulator,
    "nengo.Process": new nengo.WhiteNoise(),
    "nengo.Config": net.config,
    "nengo.synapses.Synapse": new nengo.Lowpass({ tau: 0.1 }),
    "nengo.neurons.NeuronType": new nengo.LIF(),
    "nengo.dists.Distribution": new nengo.Uniform({ low: 0, high: 1 }),
    "nengo.solvers.Solver": new nengo.LstsqL2(),
    "nengo_dl.Simulator": simulator,
  };
}

/** Every name once, with what we have of it. @throws Error for a name that nothing is said of */
export function classify({ names, members }: Names): Entry[] {
  const entries: Entry[] = [];
  for (const [home, all] of Object.entries(names)) {
    for (const name of all) {
      // Told where a module above has it.
      const above = home.split(".").map((_, k, parts) => parts.slice(0, k).join("."));
      if (above.some((module) => names[module]?.includes(name))) continue;
      entries.push(entryOf(home, name, (n) => exported(candidates(n))));
    }
  }
  const objects = instances();
  for (const [home, all] of Object.entries(members)) {
    for (const name of all) entries.push(entryOf(home, name, (n) => (camel(n) in objects[home] ? camel(n) : undefined)));
  }
  return entries;
}

function entryOf(home: string, name: string, find: (name: string) => string | undefined): Entry {
  const own = verdicts[`${home}.${name}`] as Verdict | undefined;
  const verdict = own ?? verdicts[`${home}.*`];
  const made = (status: Status, text: string): Entry => ({
    home,
    name,
    status,
    text,
    byModule: own === undefined && verdict !== undefined,
  });
  if (verdict === undefined) {
    const found = find(name);
    if (found === undefined)
      throw new Error(`${home}.${name}: no export of ours has this name, and test/coverage/verdicts.ts says nothing of it`);
    return made("supported", `\`${found}\``);
  }
  if ("partly" in verdict) return made("partly", verdict.partly);
  if ("not" in verdict) return made("not planned", verdict.not);
  const wanted = [verdict.as].flat();
  const found = exported(wanted);
  return found === undefined ? made("not yet", `will be \`${wanted[0]}\``) : made("supported", `\`${found}\``);
}

const PACKAGES: Readonly<Record<string, string>> = {
  nengo: "Nengo",
  nengo_dl: "NengoDL",
  keras_spiking: "KerasSpiking",
  keras_lmu: "KerasLMU",
};
const STATUSES: readonly Status[] = ["supported", "partly", "not yet", "not planned"];
const packageOf = (home: string): string => home.split(".")[0];

/** docs/coverage.md. */
export async function coveragePage(names: Names): Promise<string> {
  const entries = classify(names);
  const counted = Object.keys(PACKAGES).map((key) => {
    const own = entries.filter(({ home }) => packageOf(home) === key);
    const counts = STATUSES.map((status) => own.filter((entry) => entry.status === status).length);
    return `| ${PACKAGES[key]} ${names.versions[key]} | ${[own.length, ...counts].join(" | ")} |`;
  });
  const sections = Object.keys(PACKAGES).flatMap((key) => [
    `## ${PACKAGES[key]}`,
    "",
    ...sectionOf(
      entries.filter(({ home }) => packageOf(home) === key),
      names,
    ),
  ]);
  const text = [
    "# What of the Python packages is here",
    "",
    "<!-- Made by `npm run docs:coverage` from the exports of this package, test/coverage/names.json and test/coverage/verdicts.ts. -->",
    "",
    "Every public name that the Python packages define themselves (`dir()` of their modules), and what stands for it here. Names are given as exports of",
    "`tfjs-nengo`; those of classes that several modules have stand once, at the top. _Not planned_ has a reason; most of these names are parts of an",
    "implementation.",
    "",
    `| package | names | ${STATUSES.join(" | ")} |`,
    `| --- | ${["names", ...STATUSES].map(() => "--:").join(" | ")} |`,
    ...counted,
    "",
    ...sections,
  ].join("\n");
  return prettier.format(text, { ...(await prettier.resolveConfig("docs/coverage.md")), parser: "markdown" });
}

function sectionOf(entries: readonly Entry[], { members }: Names): string[] {
  const lines: string[] = [];
  const homes = [...new Set(entries.map(({ home }) => home))];
  for (const home of homes) {
    const own = entries.filter((entry) => entry.home === home);
    if (own.every(({ byModule }) => byModule)) continue;
    lines.push(
      `### ${Object.hasOwn(members, home) ? `Members of \`${home}\`` : `\`${home}\``}`,
      "",
      "| name | status | here, or why not |",
      "| --- | --- | --- |",
    );
    for (const { name, status, text } of own) lines.push(`| \`${name}\` | ${status} | ${text} |`);
    lines.push("");
  }
  const whole = homes.map((home) => entries.filter((entry) => entry.home === home)).filter((own) => own.every(({ byModule }) => byModule));
  if (whole.length > 0) lines.push("### Whole modules", "");
  for (const own of whole) {
    const [{ home, status, text }] = own;
    lines.push(`- \`${home}\` (${own.length} names, ${status}): ${text}. ${own.map(({ name }) => `\`${name}\``).join(", ")}`);
  }
  return [...lines, ""];
}
