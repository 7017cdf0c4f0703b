import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseKeyRing } from './key-ring.js';

/**
 * The key ring of an installation that was given none, as text: `<dataDir>/secret.key`, made at first use and readable
 * by its owner alone. Whoever loses the file loses every stored secret.
 *
 * Any number of processes may start at once: all get the same key.
 *
 * @throws Error when the file cannot be made, or holds no key ring; the message never holds its content
 */
export function loadOrCreateKeyRing(dataDir: string): string {
  const path = join(dataDir, 'secret.key');
  const text = read(path) ?? create(dataDir, path);
  try {
    parseKeyRing(text);
  } catch (error) {
    throw new Error(`${path} holds no usable key ring.`, { cause: error });
  }
  return text;
}

function create(dataDir: string, path: string): string {
  mkdirSync(dataDir, { recursive: true });
  const mine = `v1:${randomBytes(32).toString('base64')}`;
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writeDurably(draft, `${mine}\n`);
  try {
    // A link appears with its whole content and never replaces a file, so nobody can read half a key or overwrite one.
    linkSync(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    unlinkSync(draft);
  }
  syncDirectory(dataDir);
  return read(path) ?? mine;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The new name itself must outlive a power cut, not only the bytes behind it. */
function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;
