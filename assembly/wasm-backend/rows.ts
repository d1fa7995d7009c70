// Rows of numbers: copied, added to others, filled. All lengths are bytes.

/** Copies `bytes` bytes; short rows word by word, since a call of memory.copy costs more than they do. */
export function copyRow(from: usize, to: usize, bytes: usize): void {
  if (bytes >= 256) {
    memory.copy(to, from, bytes);
    return;
  }
  const end = from + bytes;
  for (; from + 16 <= end; from += 16) {
    v128.store(to, v128.load(from));
    to += 16;
  }
  for (; from + 4 <= end; from += 4) {
    store<u32>(to, load<u32>(from));
    to += 4;
  }
  for (; from < end; from++) {
    store<u8>(to, load<u8>(from));
    to++;
  }
}

/** Copies `count` rows whose starts are `fromStep` and `toStep` bytes apart. */
export function copyRows(from: usize, fromStep: usize, to: usize, toStep: usize, bytes: usize, count: i32): void {
  if (bytes == 4) {
    for (let i = 0; i < count; i++) {
      store<u32>(to, load<u32>(from));
      from += fromStep;
      to += toStep;
    }
    return;
  }
  for (let i = 0; i < count; i++) {
    copyRow(from, to, bytes);
    from += fromStep;
    to += toStep;
  }
}

/** Adds a row of float32 to another. */
export function addRow(from: usize, to: usize, bytes: usize): void {
  const end = from + bytes;
  for (; from + 16 <= end; from += 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    to += 16;
  }
  for (; from < end; from += 4) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    to += 4;
  }
}

/** Adds a row of int32 to another. */
export function addIntegerRow(from: usize, to: usize, bytes: usize): void {
  const end = from + bytes;
  for (; from + 16 <= end; from += 16) {
    v128.store(to, i32x4.add(v128.load(to), v128.load(from)));
    to += 16;
  }
  for (; from < end; from += 4) {
    store<i32>(to, load<i32>(to) + load<i32>(from));
    to += 4;
  }
}

/** Zeros, a multiple of 4 bytes. */
export function zeroRow(to: usize, bytes: usize): void {
  if (bytes >= 256) {
    memory.fill(to, 0, bytes);
    return;
  }
  const end = to + bytes;
  for (; to + 16 <= end; to += 16) v128.store(to, i32x4.splat(0));
  for (; to < end; to += 4) store<u32>(to, 0);
}

/**
 * For each of `outer` blocks of `size` rows: the rows that `ids` names, `count` of them (`idStep` rows of ids further for the next block).
 * Returns the place of the first identifier outside [0, size), or -1; only what came before it is written.
 */
export function gatherRows(x: usize, ids: usize, out: usize, outer: i32, size: i32, count: i32, idStep: i32, bytes: usize): i32 {
  for (let n = 0; n < outer; n++) {
    for (let i = 0; i < count; i++) {
      const id = load<i32>(ids + ((<usize>i) << 2));
      if (id < 0 || id >= size) return i;
      copyRow(x + <usize>id * bytes, out, bytes);
      out += bytes;
    }
    x += <usize>size * bytes;
    ids += (<usize>idStep) << 2;
  }
  return -1;
}
