/** Members that are worked on by one function, in turn. */
export interface Run<T> {
  readonly kind: string;
  readonly members: T[];
}

/**
 * Sorts members by kind, so that each kind is one loop. Where members of two kinds write to the same place their order counts, since
 * sums are rounded; then only neighbours of one kind go together.
 * @param written - places that a member writes, `[from, to)`
 */
export function runsByKind<T>(
  members: readonly T[],
  kindOf: (member: T) => string,
  written: (member: T) => readonly (readonly [number, number])[],
): Run<T>[] {
  const kinds = members.map(kindOf);
  const runs: Run<T>[] = [];
  const known = new Map<string, Run<T>>();
  const apart = overlapping(members.map(written), kinds);
  members.forEach((member, k) => {
    const kind = kinds[k];
    let run = apart ? runs.at(-1) : known.get(kind);
    if (run?.kind !== kind) {
      run = { kind, members: [] };
      runs.push(run);
      known.set(kind, run);
    }
    run.members.push(member);
  });
  return runs;
}

/** Whether places of different kinds overlap: a sweep that remembers, of two kinds, how far they reach. */
function overlapping(places: readonly (readonly (readonly [number, number])[])[], kinds: readonly string[]): boolean {
  if (new Set(kinds).size < 2) return false;
  const all = places.flatMap((list, k) => list.map(([from, to]) => ({ from, to, kind: kinds[k] }))).sort((a, b) => a.from - b.from);
  let [far, second] = [
    { kind: "", to: -Infinity },
    { kind: "", to: -Infinity },
  ];
  for (const { from, to, kind } of all) {
    if (from < (far.kind === kind ? second.to : far.to)) return true;
    if (far.kind === kind) far = { kind, to: Math.max(far.to, to) };
    else if (to > far.to) [far, second] = [{ kind, to }, far];
    else if (second.kind !== kind || to > second.to) second = { kind, to: Math.max(to, second.kind === kind ? second.to : to) };
  }
  return false;
}
