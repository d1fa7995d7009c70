import { expect } from "chai";
import { Declared } from "../../src/declared.ts";
import { ValidationError } from "../../src/errors.ts";

type Class = new (options?: never) => Declared;
type Registry = Readonly<Record<string, unknown>>;

/** The object that a plain `{type, ...parameters}` stands for, and so on inside it; `registry` has the classes by type. */
export function revive(json: unknown, registry: Registry): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
  const parameters = Object.fromEntries(Object.entries(json).map(([key, value]) => [key, revive(value, registry)]));
  if (typeof parameters["type"] !== "string") return parameters;
  const Class = registry[parameters["type"]] as new (options: object) => Declared;
  return new Class(parameters);
}

/** Makes a member of a family from plain options. */
export const make = <T extends Declared>(registry: Registry, type: string, options: object): T =>
  revive({ ...options, type }, registry) as T;

/** Options as `toJSON` writes them: nested objects with all their parameters. */
const plainOf = (value: unknown, registry: Registry): unknown => {
  const revived = revive(value, registry);
  return revived instanceof Declared ? revived.toJSON() : value;
};

/**
 * What every declared class keeps, run over a family's index.
 * @param examples - plain options of at least one object for every class
 * @param others - families whose objects stand inside these
 */
export function declaredContract(family: Registry, examples: Readonly<Record<string, readonly object[]>>, others: Registry = {}): void {
  const registry = { ...others, ...family };
  const classes = Object.entries(family).filter(
    (entry): entry is [string, Class] => typeof entry[1] === "function" && entry[1].prototype instanceof Declared,
  );

  it("has examples of every class", () => {
    expect(Object.keys(examples).sort()).to.deep.equal(classes.map(([name]) => name).sort());
  });

  for (const [name, Class] of classes) {
    describe(name, () => {
      for (const options of examples[name] ?? []) {
        const object = make(registry, name, options);

        it(`is the same object after JSON: ${JSON.stringify(options)}`, () => {
          expect(object.type).to.equal(name);
          const again = revive(JSON.parse(JSON.stringify(object)), registry) as Declared;
          expect(again).to.be.instanceOf(Class);
          expect(again.equals(object)).to.equal(true);
          expect(again.toString()).to.equal(object.toString());
          const plain = object.toJSON();
          for (const [key, value] of Object.entries(options)) expect(plain[key], key).to.deep.equal(plainOf(value, registry));
        });

        it(`is frozen: ${JSON.stringify(options)}`, () => {
          expect(Object.isFrozen(object)).to.equal(true);
          for (const key of object.declaration.parameters) expect(object).to.have.property(key);
        });

        it(`takes no unknown option: ${JSON.stringify(options)}`, () => {
          expect(() => make(registry, name, { ...options, nonsense: 1 })).to.throw(ValidationError, `${name}.nonsense: expected `);
        });
      }

      it("takes nothing but one options object", () => {
        expect(() => new (Class as unknown as new (options: number) => Declared)(3)).to.throw(ValidationError, name);
      });
    });
  }
}
