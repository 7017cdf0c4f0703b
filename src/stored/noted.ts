import type { Fields } from '../core/index.js';

/** A value of metadata as filters write it: filters come in addresses, where everything is text. */
export const asComparable = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Whether metadata says all of this. */
export const noted = (metadata: Fields, wanted: ReadonlyMap<string, string>): boolean =>
  [...wanted].every(([name, value]) => Object.hasOwn(metadata, name) && asComparable(metadata[name]) === value);
