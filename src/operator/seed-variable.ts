import { namedVariable } from '../platform/config/index.js';

/** The declarative file names something that is not there; `message` says what, and quotes no secret. */
export class SeedFileUnmet extends Error {
  override readonly name = 'SeedFileUnmet';
}

/** @throws SeedFileUnmet when the variable that the file names is not set */
export function seedVariable(name: string): string {
  const value = namedVariable(name);
  if (value === undefined) throw new SeedFileUnmet(`The variable ${name} is not set.`);
  return value;
}
