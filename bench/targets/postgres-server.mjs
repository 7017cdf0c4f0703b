import embedded from '../../dist/src/platform/embedded-postgres/index.js';

/** A PostgreSQL for several gateways, under the folder that is named. Says where it is. */
const [dataDir] = process.argv.slice(2);
const settings = { max_connections: '120' };
const { url, stop } = await embedded.openEmbeddedPostgres({ dataDir, settings, onExit: () => process.exit(1) });
// The server alone does not keep this process alive.
const alive = setInterval(() => undefined, 60_000);
process.once('SIGTERM', () => {
  clearInterval(alive);
  void stop().then(() => process.exit(0));
});
process.stdout.write(`${url}\n`);
