import { expect } from "chai";
import { freeze } from "../../src/declared.ts";
import * as distributions from "../../src/distributions/index.ts";
import { ValidationError } from "../../src/errors.ts";
import { networkFromJSON, networkToJSON, registerFunction, registerType } from "../../src/json/index.ts";
import { typeNamed } from "../../src/json/types.ts";
import { Network } from "../../src/network/index.ts";
import * as neurons from "../../src/neurons/index.ts";
import * as processes from "../../src/processes/index.ts";
import { Process, type ProcessStep } from "../../src/processes/process.ts";
import * as solvers from "../../src/solvers/index.ts";
import * as synapses from "../../src/synapses/index.ts";
import * as transforms from "../../src/transforms/index.ts";
import { documentOf, throughText } from "./support.ts";

class Steps extends Process {
  static override readonly type: string = "register.test Steps";
  static override readonly parameters: readonly string[] = ["height"];
  readonly height: number;
  constructor(options: { height?: number } = {}) {
    super(options as object);
    this.height = options.height ?? 1;
    freeze(this, new.target, Steps);
  }
  override makeStep(): ProcessStep {
    return (t) => this.height * Math.floor(t);
  }
}

describe("registerType", () => {
  it("is not needed for members of the families", () => {
    const families: Record<string, unknown>[] = [neurons, synapses, transforms, solvers, distributions, processes];
    const members = families.flatMap((family) => Object.values(family)).filter((value) => typeof value === "function" && "type" in value);
    expect(members.length).to.be.greaterThan(20);
    for (const Class of members as { type: string }[]) expect(typeNamed(Class.type)).to.equal(Class);
  });

  it("makes a class readable and writable", () => {
    const net = new Network();
    net.node(new Steps({ height: 3 }));
    expect(() => networkToJSON(net)).to.throw("registerType");
    registerType(Steps);
    registerType(Steps);
    const read = networkFromJSON(throughText(networkToJSON(net))).nodes[0].output as Steps;
    expect(read).to.be.instanceOf(Steps);
    expect(read.height).to.equal(3);
  });

  it("refuses what is no class of a family, has no type of its own, or a type that is taken", () => {
    class Nameless extends neurons.LIF {}
    class Twin extends neurons.LIF {
      static override readonly type: string = "LIF";
    }
    class Reserved extends neurons.LIF {
      static override readonly type: string = "table";
    }
    class Foreign {
      static readonly type = "Foreign";
      static readonly parameters = [];
    }
    for (const bad of [Nameless, Foreign, {}, null])
      expect(() => registerType(bad as never)).to.throw(ValidationError, "registerType: expected a class");
    for (const bad of [Twin, Reserved])
      expect(() => registerType(bad)).to.throw(ValidationError, "registerType.type: expected a type that is not taken");
  });
});

describe("registerFunction", () => {
  const f = (t: number): number => 2 * t;

  it("makes a function known to readers", () => {
    const document = documentOf({ nodes: [{ output: { type: "function", name: "register.test f" } }] });
    expect(() => networkFromJSON(document)).to.throw("network.nodes[0].output.name");
    registerFunction("register.test f", f);
    registerFunction("register.test f", f);
    expect(networkFromJSON(document).nodes[0].output).to.equal(f);
    const given = (): number => 1;
    expect(networkFromJSON(document, { functions: { "register.test f": given } }).nodes[0].output).to.equal(given);
  });

  it("refuses other functions under the same name, and what is no name or function", () => {
    registerFunction("register.test taken", f);
    expect(() => registerFunction("register.test taken", () => 1)).to.throw(ValidationError, "stands for another function");
    expect(() => registerFunction("", f)).to.throw(ValidationError, "registerFunction.name");
    expect(() => registerFunction("g", 3 as never)).to.throw(ValidationError, "registerFunction.g: expected a function, got 3.");
  });
});
