import type * as tfl from "@tensorflow/tfjs-layers";
import { isArithmetic } from "./arithmetic.ts";
import type { Assignment } from "./assignWeights.ts";
import type { MadeModel } from "./buildModel.ts";
import type { MadeLayer } from "./makeLayer.ts";
import type { PlacedWeights } from "./storedWeight.ts";

/** `GlobalAveragePooling2D` as `global_average_pooling2d`, as Keras 3 names the folders of a file. */
const snake = (name: string) =>
  name
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();

/** Folder names of a list of objects: the class, with a number from the second of its kind on. */
function folders(classNames: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return classNames.map((className) => {
    const name = snake(className);
    const number = seen.get(name) ?? 0;
    seen.set(name, number + 1);
    return number === 0 ? name : `${name}_${number}`;
  });
}

/** The same where numbers leave some out, as Keras 2.12 counts: by what is there. */
function foldersThere(classNames: readonly string[], has: (name: string) => boolean): string[] {
  const next = new Map<string, number>();
  return classNames.map((className) => {
    const name = snake(className);
    const from = next.get(name) ?? 0;
    const numbered = (number: number) => (number === 0 ? name : `${name}_${number}`);
    // Layers with weights count twice there.
    const number = [0, 1, 2].map((k) => from + k).find((k) => has(numbered(k))) ?? from;
    next.set(name, number + 1);
    return numbered(number);
  });
}

/** Parts of a layer that Keras keeps in folders of their own, by the names of its attributes. */
interface Parts {
  readonly forwardLayer?: tfl.layers.Layer;
  readonly backwardLayer?: tfl.layers.Layer;
  readonly layer?: tfl.layers.Layer;
  readonly cell?: tfl.layers.Layer;
  readonly cells?: readonly tfl.layers.Layer[];
}

/** Arrays for the layers of a model whose file has them by their place. */
export function placedAssignments(model: MadeModel, weights: PlacedWeights): Assignment[] {
  const seen = new Set<tfl.layers.Layer>();
  const inModel = (made: MadeLayer, path: string): Assignment[] => {
    const all = made.inside.filter(({ spec }) => !isArithmetic(spec) && spec.className !== "InputLayer");
    const layers = weights.gaps ? all.filter(({ layer }) => !seen.has(layer)) : all;
    const classNames = layers.map(({ spec }) => spec.className);
    const names = weights.gaps ? foldersThere(classNames, (name) => weights.has(`${path}layers/${name}`)) : folders(classNames);
    return layers.flatMap((layer, i) => inLayer(layer, `${path}layers/${names[i]}`));
  };
  const inLayer = (made: MadeLayer, path: string): Assignment[] => {
    if (seen.has(made.layer)) return [];
    seen.add(made.layer);
    if (made.inside.length > 0) return "layers" in made.layer ? inModel(made, `${path}/`) : inModel(made.inside[0], `${path}/layer/`);
    return inParts(made, made.layer, path);
  };
  const inParts = (made: MadeLayer, layer: tfl.layers.Layer, path: string): Assignment[] => {
    const { forwardLayer, backwardLayer, layer: wrapped, cell, cells } = layer as tfl.layers.Layer & Parts;
    const deeper = (part: tfl.layers.Layer, name: string) => inParts(made, part, `${path}/${name}`);
    if (forwardLayer && backwardLayer) return [...deeper(forwardLayer, "forward_layer"), ...deeper(backwardLayer, "backward_layer")];
    if (cells) {
      const names = folders(cells.map((one) => one.getClassName().replace(/^Nengo/, "")));
      return cells.flatMap((one, i) => deeper(one, `cells/${names[i]}`));
    }
    if (cell) return deeper(cell, "cell");
    if (wrapped) return deeper(wrapped, "layer");
    return [{ made, weights: layer.weights, stored: weights.at(path) }];
  };
  return inModel(model, "");
}
