// Comparisons of float32 arrays, logic of bool arrays (bytes 0 or 1) and choices between arrays.

/** Numbers of the comparisons, as src/wasm-backend passes them; the first two with their operands exchanged are greater than (or equal). */
const LESS = 0;
const LESS_EQUAL = 1;
const EQUAL = 2;

function compareLanes(how: i32, a: v128, b: v128): v128 {
  if (how == LESS) return f32x4.lt(a, b);
  if (how == LESS_EQUAL) return f32x4.le(a, b);
  if (how == EQUAL) return f32x4.eq(a, b);
  return f32x4.ne(a, b);
}

function compareTwo(how: i32, a: f32, b: f32): bool {
  if (how == LESS) return a < b;
  if (how == LESS_EQUAL) return a <= b;
  if (how == EQUAL) return a == b;
  return a != b;
}

/** Four values, or one of them four times. */
function four(from: usize, single: bool): v128 {
  return single ? v128.load_splat<f32>(from) : v128.load(from);
}

/** out[i] = a[i] compared with b[i]; either may be a single value. */
export function compare(how: i32, a: usize, singleA: bool, b: usize, singleB: bool, out: usize, count: i32): void {
  const stepA: usize = singleA ? 0 : 16;
  const stepB: usize = singleB ? 0 : 16;
  let i = 0;
  for (; i + 16 <= count; i += 16) {
    const m0 = compareLanes(how, four(a, singleA), four(b, singleB));
    const m1 = compareLanes(how, four(a + stepA, singleA), four(b + stepB, singleB));
    const m2 = compareLanes(how, four(a + 2 * stepA, singleA), four(b + 2 * stepB, singleB));
    const m3 = compareLanes(how, four(a + 3 * stepA, singleA), four(b + 3 * stepB, singleB));
    const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
    v128.store(out, v128.and(bytes, i8x16.splat(1)));
    a += 4 * stepA;
    b += 4 * stepB;
    out += 16;
  }
  for (; i < count; i++) {
    store<u8>(out, compareTwo(how, load<f32>(a), load<f32>(b)));
    a += stepA >> 2;
    b += stepB >> 2;
    out++;
  }
}

/** out[i] = a[i] and b[i]. */
export function logicalAnd(a: usize, b: usize, out: usize, count: i32): void {
  let i = 0;
  for (; i + 16 <= count; i += 16) {
    v128.store(out, v128.and(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
    out += 16;
  }
  for (; i < count; i++) store<u8>(out++, load<u8>(a++) & load<u8>(b++));
}

/** out[i] = a[i] or b[i]. */
export function logicalOr(a: usize, b: usize, out: usize, count: i32): void {
  let i = 0;
  for (; i + 16 <= count; i += 16) {
    v128.store(out, v128.or(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
    out += 16;
  }
  for (; i < count; i++) store<u8>(out++, load<u8>(a++) | load<u8>(b++));
}

/** out[i] = condition[i] ? t[i] : e[i], values of 32 bits. */
export function choose(condition: usize, t: usize, e: usize, out: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(condition)));
    v128.store(out, v128.bitselect(v128.load(e), v128.load(t), i32x4.eq(wide, i32x4.splat(0))));
    condition += 4;
    t += 16;
    e += 16;
    out += 16;
  }
  for (; i < count; i++) {
    store<u32>(out, load<u32>(load<u8>(condition++) ? t : e));
    t += 4;
    e += 4;
    out += 4;
  }
}

/** The larger (or the smaller) of each pair; NaN if one is. Either may be a single value. */
export function extreme(larger: bool, a: usize, singleA: bool, b: usize, singleB: bool, out: usize, count: i32): void {
  const stepA: usize = singleA ? 0 : 16;
  const stepB: usize = singleB ? 0 : 16;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = four(a, singleA);
    const y = four(b, singleB);
    v128.store(out, larger ? f32x4.max(x, y) : f32x4.min(x, y));
    a += stepA;
    b += stepB;
    out += 16;
  }
  for (; i < count; i++) {
    const x = load<f32>(a);
    const y = load<f32>(b);
    store<f32>(out, larger ? max(x, y) : min(x, y));
    a += stepA >> 2;
    b += stepB >> 2;
    out += 4;
  }
}
