const known = new WeakMap<Float64Array, Map<string, Float64Array>>();

/**
 * Something that is computed from activities, which several connections from one ensemble share: made once, and kept as long as the
 * activities are. (They must not be changed.)
 */
export function remembered(activities: Float64Array, key: string, make: () => Float64Array): Float64Array {
  let own = known.get(activities);
  if (own === undefined) known.set(activities, (own = new Map<string, Float64Array>()));
  let value = own.get(key);
  if (value === undefined) own.set(key, (value = make()));
  return value;
}
