// Gradients of 2D pooling. Images are [batch, height, width, channels], float32; dx must hold zeros.

/** The whole gradient of a place goes to the first largest value under it; a place with no value above -Infinity has none. */
export function maxPoolGradient(
  x: usize,
  dy: usize,
  dx: usize,
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
  const image = pixel * height * width;
  for (let n = 0; n < batch; n++) {
    for (let oh = 0; oh < outHeight; oh++) {
      const row = oh * strideHeight - top;
      const firstRow = max(0, row);
      const endRow = min(height, row + filterHeight);
      for (let ow = 0; ow < outWidth; ow++) {
        const column = ow * strideWidth - left;
        const firstColumn = max(0, column);
        const endColumn = min(width, column + filterWidth);
        let c = 0;
        for (; c + 4 <= channels; c += 4) {
          let largest = f32x4.splat(-Infinity);
          let place = i32x4.splat(-1);
          for (let i = firstRow; i < endRow; i++) {
            for (let j = firstColumn; j < endColumn; j++) {
              const at = <usize>(i * width + j) * pixel + ((<usize>c) << 2);
              const v = v128.load(x + at);
              const larger = f32x4.gt(v, largest);
              largest = v128.bitselect(v, largest, larger);
              place = v128.bitselect(i32x4.splat(<i32>at), place, larger);
            }
          }
          const to = dx;
          const p0 = i32x4.extract_lane(place, 0);
          const p1 = i32x4.extract_lane(place, 1);
          const p2 = i32x4.extract_lane(place, 2);
          const p3 = i32x4.extract_lane(place, 3);
          if (p0 != -1) store<f32>(to + <usize>p0, load<f32>(to + <usize>p0) + load<f32>(dy));
          if (p1 != -1) store<f32>(to + <usize>p1, load<f32>(to + <usize>p1, 4) + load<f32>(dy, 4), 4);
          if (p2 != -1) store<f32>(to + <usize>p2, load<f32>(to + <usize>p2, 8) + load<f32>(dy, 8), 8);
          if (p3 != -1) store<f32>(to + <usize>p3, load<f32>(to + <usize>p3, 12) + load<f32>(dy, 12), 12);
          dy += 16;
        }
        for (; c < channels; c++) {
          let largest: f32 = -Infinity;
          let place = -1;
          for (let i = firstRow; i < endRow; i++) {
            for (let j = firstColumn; j < endColumn; j++) {
              const at = <usize>(i * width + j) * pixel + ((<usize>c) << 2);
              const v = load<f32>(x + at);
              if (v > largest) {
                largest = v;
                place = <i32>at;
              }
            }
          }
          if (place != -1) store<f32>(dx + <usize>place, load<f32>(dx + <usize>place) + load<f32>(dy));
          dy += 4;
        }
      }
    }
    x += image;
    dx += image;
  }
}

/** Every value under a place has the same share of its gradient, 1 / (filterHeight filterWidth), also where the filter overlaps the edge. */
export function averagePoolGradient(
  dy: usize,
  dx: usize,
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
  const share: f32 = 1 / <f32>(filterHeight * filterWidth);
  for (let n = 0; n < batch; n++) {
    for (let oh = 0; oh < outHeight; oh++) {
      const row = oh * strideHeight - top;
      const endRow = min(height, row + filterHeight);
      for (let ow = 0; ow < outWidth; ow++) {
        const column = ow * strideWidth - left;
        const endColumn = min(width, column + filterWidth);
        for (let i = max(0, row); i < endRow; i++) {
          for (let j = max(0, column); j < endColumn; j++) {
            let to = dx + <usize>(i * width + j) * pixel;
            let from = dy;
            let c = 0;
            for (; c + 4 <= channels; c += 4) {
              v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v128.load(from), f32x4.splat(share))));
              to += 16;
              from += 16;
            }
            for (; c < channels; c++) {
              store<f32>(to, load<f32>(to) + load<f32>(from) * share);
              to += 4;
              from += 4;
            }
          }
        }
        dy += pixel;
      }
    }
    dx += pixel * height * width;
  }
}
