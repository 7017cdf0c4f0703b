import { runMigrations } from 'bullmq';
import { Client } from 'pg';
import type { Config } from '../config/index.js';

/**
 * Makes or updates the tables of queues that live in PostgreSQL, in a schema of their own; nothing when they live in
 * Redis. Safe to run at the same time from several processes.
 */
export async function prepareQueues(config: Pick<Config, 'REDIS_URL'>, databaseUrl: string): Promise<void> {
  if (config.REDIS_URL !== undefined) return;
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await runMigrations(client);
  } finally {
    await client.end();
  }
}
