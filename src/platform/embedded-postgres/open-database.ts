import { join } from 'node:path';
import type { Config } from '../config/index.js';
import { openEmbeddedPostgres, type EmbeddedPostgresOptions } from './launcher.js';

export interface OpenDatabase {
  readonly url: string;
  /** Whether it is our own server, which lives under `DATA_DIR`. */
  readonly embedded: boolean;
  /** Ends what was started for it; nothing for a database that others run. */
  stop(): Promise<void>;
}

/**
 * The database of this configuration: `DATABASE_URL`, or the embedded server, started if need be.
 *
 * @throws Error in plain words when the embedded server cannot run
 */
export async function openDatabase(
  config: Pick<Config, 'DATABASE_URL' | 'DATA_DIR' | 'PG_BIN_DIR'>,
  options: Pick<EmbeddedPostgresOptions, 'attach' | 'onExit'> = {},
): Promise<OpenDatabase> {
  const { DATABASE_URL: url, DATA_DIR: folder, PG_BIN_DIR: binDir } = config;
  if (url !== undefined) return { url, embedded: false, stop: () => Promise.resolve() };
  const postgres = await openEmbeddedPostgres({ ...options, dataDir: join(folder, 'postgres'), binDir });
  return { url: postgres.url, embedded: true, stop: () => postgres.stop() };
}
