/** What is found out once, and kept in a map. */

/** What the map holds for a key; what it does not hold yet is made, and kept. */
export function remember<K, V>(known: Map<K, V>, key: K, make: (key: K) => V): V {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make(key);
  known.set(key, made);
  return made;
}
