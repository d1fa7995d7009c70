import * as tf from "@tensorflow/tfjs-core";
import type { Range, Signal } from "../../../ir/signal.ts";

/** Columns `from .. from + length` of a tensor `[rows, n]`. */
export interface Piece {
  readonly tensor: tf.Tensor2D;
  readonly from: number;
  readonly length: number;
}

/** Neighbouring columns of one tensor as one piece. */
function joined(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (piece.length === 0) continue;
    if (last !== undefined && last.tensor === piece.tensor && last.from + last.length === piece.from)
      out[out.length - 1] = { ...last, length: last.length + piece.length };
    else out.push(piece);
  }
  return out;
}

/** A tensor of one row, good for all rows, with all of them. */
export const withRows = (tensor: tf.Tensor2D, rows: number): tf.Tensor2D =>
  tensor.shape[0] === rows ? tensor : tf.tile(tensor, [rows, 1]);

const columns = ({ tensor, from, length }: Piece): tf.Tensor2D =>
  from === 0 && length === tensor.shape[1] ? tensor : tf.slice(tensor, [0, from], [tensor.shape[0], length]);

/** Pieces side by side, as one tensor. */
export function materialised(pieces: readonly Piece[], rows: number): tf.Tensor2D {
  const parts = joined(pieces);
  if (parts.length === 1) return columns(parts[0]);
  if (parts.length === 0) return tf.zeros([1, 0]);
  const all = parts.every((p) => p.tensor.shape[0] === 1) ? 1 : rows;
  return tf.concat(
    parts.map((p) => withRows(columns(p), all)),
    1,
  );
}

/**
 * Values of signals, a row an item (of every step): each is a list of pieces of tensors. Signals that a group of operators has written
 * lie in one tensor, which the group reads again without an operation. A tensor of one row is good for all rows.
 */
export class Values {
  readonly rows: number;
  private readonly parts = new Map<Signal, readonly Piece[]>();
  private readonly initial: (signal: Signal) => tf.Tensor2D;

  /** @param initial - values of signals that nobody has written */
  constructor(rows: number, initial: (signal: Signal) => tf.Tensor2D) {
    this.rows = rows;
    this.initial = initial;
  }

  has(signal: Signal): boolean {
    return this.parts.has(signal);
  }

  pieces(signal: Signal): readonly Piece[] {
    return this.parts.get(signal) ?? [{ tensor: this.initial(signal), from: 0, length: signal.size }];
  }

  put(signal: Signal, pieces: readonly Piece[]): void {
    this.parts.set(signal, pieces);
  }

  forget(signal: Signal): void {
    this.parts.delete(signal);
  }

  /** Ranges side by side, `[rows or 1, total length]`. */
  read(ranges: readonly Range[]): tf.Tensor2D {
    const found = joined(ranges.flatMap((r) => cut(this.pieces(r.signal), r.offset, r.length)));
    const tensor = materialised(found, this.rows);
    if (found.length > 1 && ranges.every((r) => r.offset === 0 && r.length === r.signal.size)) this.write(ranges, tensor);
    return tensor;
  }

  /** Puts the columns of a tensor into ranges, one after another. */
  write(ranges: readonly Range[], tensor: tf.Tensor2D): void {
    let from = 0;
    for (const { signal, offset, length } of ranges) {
      const piece = { tensor, from, length };
      from += length;
      if (length === signal.size) this.parts.set(signal, [piece]);
      else {
        const old = this.pieces(signal);
        this.parts.set(signal, [...cut(old, 0, offset), piece, ...cut(old, offset + length, signal.size - offset - length)]);
      }
    }
  }
}

/** Columns `offset .. offset + length` of what pieces make up. */
function cut(pieces: readonly Piece[], offset: number, length: number): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  for (const piece of pieces) {
    const [low, high] = [Math.max(offset, at), Math.min(offset + length, at + piece.length)];
    if (low < high) out.push({ tensor: piece.tensor, from: piece.from + low - at, length: high - low });
    at += piece.length;
  }
  return out;
}
