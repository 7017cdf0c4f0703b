import { openEmbeddedPostgres } from '../../src/platform/embedded-postgres/index.js';

/** A process that owns an embedded server on the folder it is told, until it is killed. Writes the server's address. */
async function main(dataDir: string): Promise<void> {
  const postgres = await openEmbeddedPostgres({ dataDir });
  process.stdout.write(`${postgres.url}\n`);
  process.stdin.resume();
}

void main(process.argv[2] ?? '');
