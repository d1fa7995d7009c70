// 2D pooling. Images are [batch, height, width, channels], float32.

/** The largest of the values under each place, or (`average`) their mean; values beyond the edge do not count. A place over nothing is -Infinity, or NaN.
 * A NaN is no largest value. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function pooled(
  x: usize,
  y: usize,
  average: bool,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
): void {
  const pixel = (<usize>channels) << 2;
  for (let n = 0; n < batch; n++) {
    for (let oh = 0; oh < outHeight; oh++) {
      const row = oh * strideHeight - top;
      const firstRow = max(0, row);
      const rows = max(0, min(height, row + filterHeight) - firstRow);
      for (let ow = 0; ow < outWidth; ow++) {
        const column = ow * strideWidth - left;
        const firstColumn = max(0, column);
        const columns = max(0, min(width, column + filterWidth) - firstColumn);
        const count = <f32>(rows * columns);
        const from = x + <usize>(firstRow * width + firstColumn) * pixel;
        if (channels >= 4) {
          const share = f32x4.splat(count);
          for (let next = 0; next < channels; next += 8) {
            // The last vectors may overlap others, and are the same there.
            const at = (<usize>min(next, channels - 4)) << 2;
            const other = (<usize>min(next + 4, channels - 4)) << 2;
            let a = f32x4.splat(average ? 0 : -Infinity);
            let b = a;
            for (let i = 0; i < rows; i++) {
              let p = from + <usize>(i * width) * pixel;
              for (let j = 0; j < columns; j++) {
                const v = v128.load(p + at);
                const w = v128.load(p + other);
                a = average ? f32x4.add(a, v) : f32x4.pmax(a, v);
                b = average ? f32x4.add(b, w) : f32x4.pmax(b, w);
                p += pixel;
              }
            }
            v128.store(y + at, average ? f32x4.div(a, share) : a);
            v128.store(y + other, average ? f32x4.div(b, share) : b);
          }
        } else {
          for (let c = 0; c < channels; c++) {
            let v: f32 = average ? 0 : -Infinity;
            for (let i = 0; i < rows; i++) {
              let p = from + <usize>(i * width) * pixel + ((<usize>c) << 2);
              for (let j = 0; j < columns; j++) {
                const next = load<f32>(p);
                if (average) v += next;
                else if (next > v) v = next;
                p += pixel;
              }
            }
            store<f32>(y + ((<usize>c) << 2), average ? v / count : v);
          }
        }
        y += pixel;
      }
    }
    x += pixel * height * width;
  }
}

export function maxPool(
  x: usize,
  y: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
): void {
  pooled(x, y, false, batch, height, width, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, top, left);
}

export function averagePool(
  x: usize,
  y: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
): void {
  pooled(x, y, true, batch, height, width, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, top, left);
}
