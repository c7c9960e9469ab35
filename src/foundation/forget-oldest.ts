/** Bounds what is remembered: maps and sets keep their entries in the order in which these came. */

/**
 * Forgets those that came first, until no more than given are left. Who wants the one that was not used for longest to be the first deletes
 * an entry, and sets it again, at each use.
 */
export function forgetOldest<K>(
  entries: { readonly size: number; keys(): Iterable<K>; delete(key: K): boolean },
  most: number,
): void {
  if (entries.size <= most) return;
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    if (entries.size <= most) return;
  }
}
