import { int, v128, vector, type Code } from "./code.ts";
import type { ExpressionCode } from "./expressions.ts";
import type { Lanes } from "./lanes.ts";
import type { Lowering } from "./lowering.ts";
import type { FunctionBuilder, Local } from "./module.ts";
import type { Shape } from "./nests.ts";

/**
 * A sum over all lanes of the loop. In float64 its terms are added one by one, in order, as the numerics contract says; in float32
 * each lane of whole vectors has a sum of its own until the end.
 */
interface Sum {
  readonly total: Local;
  readonly byLane: Local | null;
}

/** Lanes that are worked on before those among them that take a costly branch are done. */
const BLOCK = 256;
/** Share of a block above which branches are taken where they are met, and calls for which that holds. */
const DENSE = 3 / 8;
const DENSE_CALLS = 64;

/** An innermost loop: operands, inputs first, with addresses and strides (null where an operand is not needed). */
export interface LaneLoopParts {
  readonly code: ExpressionCode;
  readonly shape: Shape;
  readonly inputs: readonly string[];
  /** Whether each output is added to. */
  readonly increments: readonly boolean[];
  readonly pointers: readonly (Local | null)[];
  readonly strides: readonly (Local | null)[];
  /** Lanes. */
  readonly size: Local;
}

/**
 * Code of a loop over lanes, a vector at a time.
 *
 * Where an expression has costly branches that few lanes take (a spike, the end of a refractory period), a jump for every vector
 * would often be mispredicted, and compute for all lanes what one needs. So a block of lanes is first done without these branches,
 * the lanes that take one are listed, a list a branch, and then done side by side. Which way is taken changes no bit.
 */
export class LaneLoop {
  private readonly f: FunctionBuilder;
  private readonly lowering: Lowering;
  private readonly lanes: Lanes;
  private readonly parts: LaneLoopParts;
  private readonly at: Local;
  /** `at` in bytes. */
  private readonly offset: Local;
  /** Inputs that are the same for all lanes, and sums over the loop, are kept in variables. */
  private readonly splats: readonly (Code | null)[];
  private readonly sums: readonly (Sum | null)[];

  constructor(f: FunctionBuilder, lowering: Lowering, parts: LaneLoopParts) {
    this.f = f;
    this.lowering = lowering;
    this.lanes = lowering.lanes;
    this.parts = parts;
    const { shape, pointers, increments } = parts;
    const { lanes } = this;
    this.at = f.int(int.const(0));
    this.offset = f.int(int.const(0));
    this.splats = shape.inputs.map((step, k) => {
      const pointer = pointers[k];
      return step === "same" && pointer !== null ? f.vector(lanes.loadSplat(pointer.get)) : null;
    });
    this.sums = shape.outputs.map((step, o) =>
      step === "same" && increments[o]
        ? {
            total: f.local(lanes.scalarType, lanes.scalar.load(this.outputPointer(o))),
            byLane: lanes.dtype === "float32" ? f.local(v128, lanes.constant(0)) : null,
          }
        : null,
    );
  }

  write(): void {
    const { code, shape, pointers } = this.parts;
    const simple = shape.inputs.every((step, k) => step !== "stride" || pointers[k] === null) && shape.outputs.every((s) => s === "next");
    if (code.hasBranches && simple) this.byBranch();
    else this.direct();
    const { f, lanes } = this;
    this.sums.forEach((sum, o) => {
      if (sum === null) return;
      const { total, byLane } = sum;
      if (byLane !== null) for (let i = 0; i < lanes.count; i++) f.set(total, lanes.scalar.add(total.get, lanes.extract(byLane.get, i)));
      f.emit(lanes.scalar.store(this.outputPointer(o), total.get));
    });
  }

  private outputPointer(o: number): Code {
    return this.parts.pointers[this.parts.inputs.length + o]!.get;
  }

  /** Address of a lane of an operand that moves by a stride. */
  private lane(k: number, i: number): Code {
    const lane = i === 0 ? this.at.get : int.add(this.at.get, int.const(i));
    return int.add(this.parts.pointers[k]!.get, int.mul(this.parts.strides[k]!.get, lane));
  }

  private readonly load = (name: string): Code => {
    const { lanes, parts } = this;
    const k = parts.inputs.indexOf(name);
    const splat = this.splats[k];
    if (splat !== null) return splat;
    if (parts.shape.inputs[k] === "next") return vector.load(int.add(parts.pointers[k]!.get, this.offset.get));
    let value = lanes.loadSplat(this.lane(k, 0));
    for (let i = 1; i < lanes.count; i++) value = lanes.loadLane(this.lane(k, i), value, i);
    return value;
  };

  private onwards(): void {
    this.f.increase(this.at, int.const(this.lanes.count));
    this.f.increase(this.offset, int.const(16));
  }

  /** Lanes from here on. */
  private left(): Local {
    return this.f.int(int.sub(this.parts.size.get, this.at.get));
  }

  /** Every vector as it comes. */
  private direct(): void {
    const { f } = this;
    f.while(
      () => int.lt(this.at.get, this.parts.size.get),
      () => {
        const values = this.parts.code.evaluate(this.load).map((v) => f.vector(v));
        const left = this.left();
        values.forEach((value, o) => this.store(o, value, left, null));
        this.onwards();
      },
    );
  }

  /** Calls `store` for the lanes of the vector that there are. */
  private each(left: Local, store: (i: number) => void): void {
    for (let i = 0; i < this.lanes.count; i++) {
      if (i === 0) store(i);
      else this.f.if(int.gt(left.get, int.const(i)), () => store(i));
    }
  }

  /** Writes an output; where an input lies at its place, lanes for which `slow` holds are left as they are. */
  private store(o: number, value: Code, left: Local, slow: Code | null): void {
    const { f, lanes } = this;
    const { shape, increments, inputs } = this.parts;
    const sum = this.sums[o];
    if (sum !== null) {
      const { total, byLane } = sum;
      const oneByOne = (): void => this.each(left, (i) => f.set(total, lanes.scalar.add(total.get, lanes.extract(value, i))));
      if (byLane === null) oneByOne();
      else f.if(int.ge(left.get, int.const(lanes.count)), () => f.set(byLane, lanes.add(byLane.get, value)), oneByOne);
      return;
    }
    if (shape.outputs[o] === "next") {
      const address = f.int(int.add(this.outputPointer(o), this.offset.get));
      const keeps = slow !== null && (increments[o] || shape.same[o] >= 0);
      const old = increments[o] || keeps ? f.vector(vector.load(address.get)) : null;
      const next = increments[o] ? lanes.add(old!, value) : value;
      const stored = f.vector(keeps ? vector.select(old!, next, slow) : next);
      f.if(
        int.ge(left.get, int.const(lanes.count)),
        () => f.emit(vector.store(address.get, stored)),
        () => this.each(left, (i) => f.emit(lanes.storeLane(address.get, stored, i, i * lanes.bytes))),
      );
      return;
    }
    this.each(left, (i) => {
      const address = shape.outputs[o] === "same" ? this.outputPointer(o) : f.int(this.lane(inputs.length + o, i)).get;
      const scalar = lanes.extract(value, i);
      f.emit(lanes.scalar.store(address, increments[o] ? lanes.scalar.add(lanes.scalar.load(address), scalar) : scalar));
    });
  }

  /** Block by block, branches apart; as {@link direct} for some calls where many lanes took one. */
  private byBranch(): void {
    const { f, lowering } = this;
    const calls = lowering.allocate(4);
    const left = (): Code => int.load(int.const(calls));
    f.if(
      int.gt(left(), int.const(0)),
      () => {
        f.emit(int.store(int.const(calls), int.sub(left(), int.const(1))));
        this.direct();
      },
      () => {
        f.while(
          () => int.lt(this.at.get, this.parts.size.get),
          () => {
            const lists = this.block();
            const listed = lists.map((list, k) => int.sub(list.get, int.const(lowering.laneList(k)))).reduce((a, b) => int.add(a, b));
            f.if(int.gt(listed, int.const(BLOCK * 4 * DENSE)), () => f.emit(int.store(int.const(calls), int.const(DENSE_CALLS))));
            lists.forEach((list, k) => this.listedLanes(list, lowering.laneList(k)));
          },
        );
      },
    );
  }

  /** A block without costly branches; gives the ends of the lists of lanes that take them. */
  private block(): Local[] {
    const { f, lanes, lowering } = this;
    const lists: Local[] = [];
    // Known only when the code of the loop is there, and said before it.
    const begin = f.reserve();
    const end = f.int(int.add(this.at.get, int.const(BLOCK)));
    f.while(
      () => int.and(int.lt(this.at.get, end.get), int.lt(this.at.get, this.parts.size.get)),
      () => {
        const { values, taken } = this.parts.code.evaluateCheaply(this.load);
        const kept = values.map((v) => f.vector(v));
        const left = this.left();
        const slow = f.vector(taken.reduce((a, b) => vector.or(a, b)));
        kept.forEach((value, o) => this.store(o, value, left, slow));
        lists.push(...taken.map(() => f.int()));
        f.if(vector.anyTrue(slow), () => {
          const all = (1 << lanes.count) - 1;
          const some = int.sub(int.shl(int.const(1), left.get), int.const(1));
          const there = f.int(int.select(int.const(all), some, int.ge(left.get, int.const(lanes.count))));
          taken.forEach((mask, k) => {
            const bits = f.int(int.and(lanes.bitmask(mask), there.get));
            for (let i = 0; i < lanes.count; i++) {
              f.emit(int.store(lists[k].get, int.add(this.offset.get, int.const(i * lanes.bytes))));
              // One entry more where the lane takes the branch; else the next one overwrites it.
              const bit = int.and(i === 0 ? bits.get : int.shr(bits.get, int.const(i)), int.const(1));
              f.increase(lists[k], int.shl(bit, int.const(2)));
            }
          });
        });
        this.onwards();
      },
    );
    begin(() => lists.forEach((list, k) => f.set(list, int.const(lowering.laneList(k, (BLOCK + lanes.count) * 4)))));
    return lists;
  }

  /** The lanes of a list, side by side; its last entry is repeated to fill a vector. */
  private listedLanes(list: Local, start: number): void {
    const { f, lanes } = this;
    const { code, inputs, increments, pointers } = this.parts;
    const entry = f.int(int.const(start));
    f.if(int.ltU(entry.get, list.get), () => {
      const last = f.int(int.load(int.sub(list.get, int.const(4))));
      for (let i = 0; i < lanes.count - 1; i++) f.emit(int.store(list.get, last.get, 4 * i));
    });
    f.while(
      () => int.ltU(entry.get, list.get),
      () => {
        const offsets = Array.from({ length: lanes.count }, (_, i) => f.int(int.load(entry.get, 4 * i)));
        const addresses = (k: number): Code[] => offsets.map((o) => int.add(pointers[k]!.get, o.get));
        const gathered = (k: number): Code =>
          addresses(k).reduce<Code>((value, address, i) => (i === 0 ? lanes.loadSplat(address) : lanes.loadLane(address, value, i)), []);
        const values = code.evaluate((name) => this.splats[inputs.indexOf(name)] ?? gathered(inputs.indexOf(name))).map((v) => f.vector(v));
        values.forEach((value, o) => {
          const k = inputs.length + o;
          const stored = increments[o] ? f.vector(lanes.add(gathered(k), value)) : value;
          addresses(k).forEach((address, i) => f.emit(lanes.storeLane(address, stored, i)));
        });
        f.increase(entry, int.const(4 * lanes.count));
      },
    );
  }
}
