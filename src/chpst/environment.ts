/**
 * Changing an environment, bytes throughout.
 *
 * @module
 */

type Bytes = Uint8Array<ArrayBuffer>;

const EQUALS = 0x3d;

/**
 * Sets or removes a variable, in place and as the reference does it: of the entries with that name the first is taken
 * out, the last entry of all takes its place, and a new one goes to the end. Other entries with the name stay.
 *
 * @param entries The environment, entries `NAME=value` or whatever else was handed down.
 * @param item `NAME=value` to set, or `NAME` without an equals sign to remove. The name ends at the first equals sign.
 */
export function change(entries: Bytes[], item: Bytes): void {
  const end = item.indexOf(EQUALS);
  const name = end < 0 ? item : item.subarray(0, end);
  const index = entries.findIndex((entry) => hasName(entry, name));
  if (index >= 0) {
    const last = entries.pop() as Bytes;
    if (index < entries.length) entries[index] = last;
  }
  if (end >= 0) entries.push(item);
}

function hasName(entry: Bytes, name: Bytes): boolean {
  return entry[name.length] === EQUALS && name.every((byte, i) => entry[i] === byte);
}
