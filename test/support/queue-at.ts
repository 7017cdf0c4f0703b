import { Queue, createPostgresBackend } from 'bullmq';

/** A queue, opened as an operator's tool would. @param redisUrl absent: it is in the database */
export function queueAt(name: string, redisUrl: string | undefined, databaseUrl: string) {
  const queue =
    redisUrl === undefined
      ? new Queue(name, { connection: { connectionString: databaseUrl } }, createPostgresBackend)
      : new Queue(name, { connection: { url: redisUrl }, prefix: '{codex-pooler}' });
  // The end of its database, at the end of the test file.
  queue.on('error', () => undefined);
  return queue;
}
