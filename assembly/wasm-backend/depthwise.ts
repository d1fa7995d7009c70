// Gradients of a depthwise 2D convolution: every channel c has `multiplier` filters of its own. x is [batch, height, width, channels],
// w [filterHeight, filterWidth, channels, multiplier], y [batch, outHeight, outWidth, channels * multiplier]; results must hold zeros.
import { multiplyAdd } from "./multiplyAdd";

/** First output column whose tap `offset` (in input columns) lies in the input. */
function firstInside(offset: i32, stride: i32): i32 {
  return offset >= 0 ? 0 : (stride - 1 - offset) / stride;
}

/** One more than the last such output column. */
function endInside(offset: i32, stride: i32, size: i32, outSize: i32): i32 {
  return offset >= size ? 0 : min(outSize, (size - 1 - offset) / stride + 1);
}

export function depthwiseFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  multiplier: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  top: i32,
  left: i32,
): void {
  const filters = channels * multiplier;
  const pixel = (<usize>channels) << 2;
  const line = pixel * width;
  const outPixel = (<usize>filters) << 2;
  const outLine = outPixel * outWidth;
  const xStep = pixel * strideWidth;
  for (let n = 0; n < batch; n++) {
    for (let oh = 0; oh < outHeight; oh++) {
      for (let fh = 0; fh < filterHeight; fh++) {
        const row = oh * strideHeight - top + fh * dilationHeight;
        if (row < 0 || row >= height) continue;
        for (let fw = 0; fw < filterWidth; fw++) {
          const offset = fw * dilationWidth - left;
          const begin = firstInside(offset, strideWidth);
          const count = endInside(offset, strideWidth, width, outWidth) - begin;
          if (count <= 0) continue;
          const xs = x + <usize>row * line + <usize>(begin * strideWidth + offset) * pixel;
          const dys = dy + <usize>oh * outLine + <usize>begin * outPixel;
          let w = dw + <usize>(fh * filterWidth + fw) * outPixel;
          let j = 0;
          if (multiplier == 1) {
            for (; j + 4 <= filters; j += 4) {
              let p = xs + ((<usize>j) << 2);
              let q = dys + ((<usize>j) << 2);
              let s = f32x4.splat(0);
              for (let i = 0; i < count; i++) {
                s = multiplyAdd(v128.load(p), v128.load(q), s);
                p += xStep;
                q += outPixel;
              }
              v128.store(w, f32x4.add(v128.load(w), s));
              w += 16;
            }
          }
          for (; j < filters; j++) {
            let p = xs + ((<usize>(j / multiplier)) << 2);
            let q = dys + ((<usize>j) << 2);
            let s: f32 = 0;
            for (let i = 0; i < count; i++) {
              s += load<f32>(p) * load<f32>(q);
              p += xStep;
              q += outPixel;
            }
            store<f32>(w, load<f32>(w) + s);
            w += 4;
          }
        }
      }
    }
    x += <usize>height * line;
    dy += <usize>outHeight * outLine;
  }
}

export function depthwiseInputGradient(
  dy: usize,
  w: usize,
  dx: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  multiplier: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  top: i32,
  left: i32,
): void {
  const pixel = (<usize>channels) << 2;
  const line = pixel * width;
  const outPixel = pixel * multiplier;
  const outLine = outPixel * outWidth;
  for (let n = 0; n < batch; n++) {
    for (let oh = 0; oh < outHeight; oh++) {
      for (let fh = 0; fh < filterHeight; fh++) {
        const row = oh * strideHeight - top + fh * dilationHeight;
        if (row < 0 || row >= height) continue;
        for (let fw = 0; fw < filterWidth; fw++) {
          const offset = fw * dilationWidth - left;
          const begin = firstInside(offset, strideWidth);
          const end = endInside(offset, strideWidth, width, outWidth);
          const weights = w + <usize>(fh * filterWidth + fw) * outPixel;
          for (let ow = begin; ow < end; ow++) {
            let to = dx + <usize>row * line + <usize>(ow * strideWidth + offset) * pixel;
            let from = dy + <usize>oh * outLine + <usize>ow * outPixel;
            let v = weights;
            let c = 0;
            if (multiplier == 1) {
              for (; c + 4 <= channels; c += 4) {
                v128.store(to, multiplyAdd(v128.load(from), v128.load(v), v128.load(to)));
                to += 16;
                from += 16;
                v += 16;
              }
            }
            for (; c < channels; c++) {
              let s: f32 = 0;
              for (let m = 0; m < multiplier; m++) {
                s += load<f32>(from) * load<f32>(v);
                from += 4;
                v += 4;
              }
              store<f32>(to, load<f32>(to) + s);
              to += 4;
            }
          }
        }
      }
    }
    dx += <usize>height * line;
    dy += <usize>outHeight * outLine;
  }
}
