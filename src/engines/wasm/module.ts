import { flatten, i32, int, unsigned, v128, type Code, type ValueType } from "./code.ts";

/** A local variable of a function. */
export interface Local {
  readonly index: number;
  readonly get: Code;
}

const BLOCK = 0x40;

/** Code of one function, statement by statement. */
export class FunctionBuilder {
  readonly type: number;
  private readonly parameters: number;
  private readonly locals: ValueType[] = [];
  private statements: Code[] = [];

  constructor(type: number, parameters: number) {
    this.type = type;
    this.parameters = parameters;
  }

  parameter(index: number): Local {
    return { index, get: [0x20, unsigned(index)] };
  }

  /** A new local variable, zero at the start; with a value, set to it here. */
  local(type: ValueType, value?: Code): Local {
    const index = this.parameters + this.locals.push(type) - 1;
    const local = { index, get: [0x20, unsigned(index)] };
    if (value !== undefined) this.set(local, value);
    return local;
  }

  /** A 32-bit integer. */
  int(value?: Code): Local {
    return this.local(i32, value);
  }

  /** A vector's value, kept. */
  vector(value: Code): Code {
    return this.local(v128, value).get;
  }

  set(local: Local, value: Code): void {
    this.emit([value, 0x21, unsigned(local.index)]);
  }

  increase(local: Local, by: Code): void {
    this.set(local, int.add(local.get, by));
  }

  emit(code: Code): void {
    this.statements.push(code);
  }

  private captured(body: () => void): Code {
    const outer = this.statements;
    this.statements = [];
    body();
    const inner = this.statements;
    this.statements = outer;
    return inner;
  }

  /** A place for code that is known later; the result puts it there. */
  reserve(): (body: () => void) => void {
    const place: Code[] = [];
    this.emit(place);
    return (body) => void place.push(this.captured(body));
  }

  if(condition: Code, then: () => void, otherwise?: () => void): void {
    const yes = this.captured(then);
    const no = otherwise === undefined ? [] : [0x05, this.captured(otherwise)];
    this.emit([condition, 0x04, BLOCK, yes, no, 0x0b]);
  }

  /** Repeats while the condition holds, which is looked at before every round. */
  while(condition: () => Code, body: () => void): void {
    const inner = this.captured(body);
    this.emit([0x02, BLOCK, 0x03, BLOCK, condition(), 0x45, 0x0d, 1, inner, 0x0c, 0, 0x0b, 0x0b]);
  }

  /** Repeats at least once, while the condition holds, which is looked at after every round. */
  repeat(body: () => void, condition: () => Code): void {
    const inner = this.captured(body);
    this.emit([0x03, BLOCK, inner, condition(), 0x0d, 0, 0x0b]);
  }

  /** For `index` from 0 while below `count` (which may be none). */
  times(count: Code, body: (index: Local) => void): void {
    const index = this.int(int.const(0));
    this.while(
      () => int.lt(index.get, count),
      () => {
        body(index);
        this.increase(index, int.const(1));
      },
    );
  }

  /** The bytes of the function, its length first. */
  encode(): number[] {
    const body: number[] = [];
    const groups: [number, ValueType][] = [];
    for (const type of this.locals) {
      const last = groups.at(-1);
      if (last?.[1] === type) last[0]++;
      else groups.push([1, type]);
    }
    flatten([unsigned(groups.length), groups.map(([count, type]) => [unsigned(count), type])], body);
    for (const statement of this.statements) flatten(statement, body);
    body.push(0x0b);
    return [...unsigned(body.length), ...body];
  }
}

interface Signature {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A function that can be called. */
export interface Callable {
  readonly index: number;
  readonly call: (...operands: readonly Code[]) => Code;
}

/** A WebAssembly module under construction. It imports its memory, `env.memory`. */
export class ModuleBuilder {
  private readonly types: Signature[] = [];
  private readonly imports: { readonly name: string; readonly type: number }[] = [];
  private readonly functions: FunctionBuilder[] = [];
  private readonly names = new Map<number, string>();
  private readonly exports: { readonly name: string; readonly index: number }[] = [];

  private typeOf(signature: Signature): number {
    const same = (a: readonly ValueType[], b: readonly ValueType[]): boolean => a.length === b.length && a.every((t, i) => t === b[i]);
    const known = this.types.findIndex((t) => same(t.parameters, signature.parameters) && same(t.results, signature.results));
    return known >= 0 ? known : this.types.push(signature) - 1;
  }

  private static callable(index: number): Callable {
    return { index, call: (...operands) => [operands, 0x10, unsigned(index)] };
  }

  /** A function `env.name` of the host. All imports come before all functions. */
  import(name: string, parameters: readonly ValueType[], results: readonly ValueType[] = []): Callable {
    return ModuleBuilder.callable(this.imports.push({ name, type: this.typeOf({ parameters, results }) }) - 1);
  }

  /** Adds a function; `write` makes its code. */
  function(
    parameters: readonly ValueType[],
    results: readonly ValueType[],
    write: (f: FunctionBuilder, parameters: readonly Local[]) => void,
    exported?: string,
  ): Callable {
    const f = new FunctionBuilder(this.typeOf({ parameters, results }), parameters.length);
    write(
      f,
      parameters.map((_, k) => f.parameter(k)),
    );
    const index = this.imports.length + this.functions.push(f) - 1;
    if (exported !== undefined) this.exports.push({ name: exported, index });
    return ModuleBuilder.callable(index);
  }

  /** Gives a function a name, for profilers and traps. */
  name({ index }: Callable, name: string): void {
    this.names.set(index, name);
  }

  /** The module's bytes. */
  encode(): Uint8Array<ArrayBuffer> {
    const out: number[] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    const section = (id: number, content: Code): void => {
      const bytes: number[] = [];
      flatten(content, bytes);
      out.push(id, ...unsigned(bytes.length));
      for (const byte of bytes) out.push(byte);
    };
    const name = (text: string): Code => [unsigned(text.length), Array.from(text, (c) => c.charCodeAt(0))];
    const list = <T>(items: readonly T[], item: (t: T) => Code): Code => [unsigned(items.length), items.map(item)];
    section(
      1,
      list(this.types, ({ parameters, results }) => [0x60, list(parameters, (t) => t), list(results, (t) => t)]),
    );
    const memory: Code = [name("env"), name("memory"), 2, 0, 0];
    section(2, [unsigned(this.imports.length + 1), memory, this.imports.map((f) => [name("env"), name(f.name), 0, unsigned(f.type)])]);
    section(
      3,
      list(this.functions, (f) => unsigned(f.type)),
    );
    section(
      7,
      list(this.exports, (e) => [name(e.name), 0, unsigned(e.index)]),
    );
    section(
      10,
      list(this.functions, (f) => f.encode()),
    );
    const named: Code[] = [...this.names].sort(([a], [b]) => a - b).map(([index, text]) => [unsigned(index), name(text)]);
    const table: number[] = [];
    flatten([unsigned(named.length), named], table);
    section(0, [name("name"), 1, unsigned(table.length), table]);
    return Uint8Array.from(out);
  }
}
