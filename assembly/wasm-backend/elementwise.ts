// Functions of one float32 array of `count` values; `out` may be `x` itself.
import * as lanes from "./functions";

/** One to three values and zeros. */
function loadSome(x: usize, count: i32): v128 {
  let v = v128.load32_zero(x);
  if (count > 1) v = v128.load_lane<f32>(x + 4, v, 1);
  if (count > 2) v = v128.load_lane<f32>(x + 8, v, 2);
  return v;
}

function storeSome(out: usize, v: v128, count: i32): void {
  v128.store_lane<f32>(out, v, 0);
  if (count > 1) v128.store_lane<f32>(out + 4, v, 1);
  if (count > 2) v128.store_lane<f32>(out + 8, v, 2);
}

/** The next four values, or as many as are left. */
function next(x: usize, left: i32): v128 {
  return left >= 4 ? v128.load(x) : loadSome(x, left);
}

function put(out: usize, v: v128, left: i32): void {
  if (left >= 4) v128.store(out, v);
  else storeSome(out, v, left);
}

export function exp(x: usize, out: usize, count: i32): void {
  for (let left = count; left > 0; left -= 4) {
    put(out, lanes.exp(next(x, left)), left);
    x += 16;
    out += 16;
  }
}

export function expm1(x: usize, out: usize, count: i32): void {
  for (let left = count; left > 0; left -= 4) {
    put(out, lanes.expm1(next(x, left)), left);
    x += 16;
    out += 16;
  }
}

export function tanh(x: usize, out: usize, count: i32): void {
  for (let left = count; left > 0; left -= 4) {
    put(out, lanes.tanh(next(x, left)), left);
    x += 16;
    out += 16;
  }
}

export function sigmoid(x: usize, out: usize, count: i32): void {
  for (let left = count; left > 0; left -= 4) {
    put(out, lanes.sigmoid(next(x, left)), left);
    x += 16;
    out += 16;
  }
}

export function log(x: usize, out: usize, count: i32): void {
  for (let left = count; left > 0; left -= 4) {
    put(out, lanes.log(next(x, left)), left);
    x += 16;
    out += 16;
  }
}

export function log1p(x: usize, out: usize, count: i32): void {
  for (let left = count; left > 0; left -= 4) {
    put(out, lanes.log1p(next(x, left)), left);
    x += 16;
    out += 16;
  }
}

export function softplus(x: usize, out: usize, count: i32): void {
  for (let left = count; left > 0; left -= 4) {
    put(out, lanes.softplus(next(x, left)), left);
    x += 16;
    out += 16;
  }
}

export function elu(x: usize, out: usize, count: i32): void {
  for (let left = count; left > 0; left -= 4) {
    put(out, lanes.elu(next(x, left)), left);
    x += 16;
    out += 16;
  }
}

export function selu(x: usize, out: usize, count: i32): void {
  for (let left = count; left > 0; left -= 4) {
    put(out, lanes.selu(next(x, left)), left);
    x += 16;
    out += 16;
  }
}

export function sqrt(x: usize, out: usize, count: i32): void {
  for (let left = count; left > 0; left -= 4) {
    put(out, f32x4.sqrt(next(x, left)), left);
    x += 16;
    out += 16;
  }
}

export function rsqrt(x: usize, out: usize, count: i32): void {
  for (let left = count; left > 0; left -= 4) {
    put(out, f32x4.div(f32x4.splat(1), f32x4.sqrt(next(x, left))), left);
    x += 16;
    out += 16;
  }
}

export function relu(x: usize, out: usize, count: i32): void {
  for (let left = count; left > 0; left -= 4) {
    put(out, f32x4.max(next(x, left), f32x4.splat(0)), left);
    x += 16;
    out += 16;
  }
}

export function relu6(x: usize, out: usize, count: i32): void {
  for (let left = count; left > 0; left -= 4) {
    put(out, f32x4.min(f32x4.max(next(x, left), f32x4.splat(0)), f32x4.splat(6)), left);
    x += 16;
    out += 16;
  }
}

/** x where it is positive, else `alpha` x. */
export function leakyRelu(x: usize, out: usize, count: i32, alpha: f32): void {
  for (let left = count; left > 0; left -= 4) {
    const v = next(x, left);
    put(out, v128.bitselect(f32x4.mul(v, f32x4.splat(alpha)), v, f32x4.lt(v, f32x4.splat(0))), left);
    x += 16;
    out += 16;
  }
}
