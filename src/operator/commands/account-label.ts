import { basename, dirname, extname, resolve } from 'node:path';

/** A name for the account of a login file: the file's own, or its folder's when it is called as all of them are. */
export function labelOfFile(file: string): string {
  const name = basename(file, extname(file));
  const own = name === 'auth' ? basename(dirname(resolve(file))) : name;
  return own.replace(/^\.+/, '') || name;
}
