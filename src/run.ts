import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import type { Role } from './app.module.js';
import { GATEWAY_VERSION } from './core/index.js';
import { loadConfig, type Config } from './platform/config/index.js';
import { metricsEnabled } from './platform/metrics/index.js';
import { tracingEnabled } from './platform/telemetry/index.js';
import { serve, type Served, type ServeOptions } from './serve.js';

interface RunOptions extends Pick<ServeOptions, 'prepare'> {
  readonly role: Role;
  /** Absent: that of the environment alone. */
  readonly config?: Config;
  /** What to say once the process answers. */
  readonly onServing?: (served: Served) => void;
}

/** What follows the drain: settlements, connections, the embedded database. A second where all of them answer. */
const AFTER_DRAIN_MS = 10_000;
/** For the last spans and numbers: whoever collects them must not hold up an end. */
const TELEMETRY_MS = 1_000;

/**
 * The life of a serving process: start, answer, and on the first SIGTERM or SIGINT drain and go. A second signal goes at
 * once. Exit code 1 when it could not start or lost what it needs.
 */
export async function run({ role, config = loadConfig(), prepare, onServing }: RunOptions): Promise<void> {
  // A process goes on when nobody reads what it says any more.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  const stopTracing = tracingEnabled(config)
    ? (await import('./platform/telemetry/sdk.js')).startTracing({ version: GATEWAY_VERSION, role })
    : () => Promise.resolve();
  const stopMetrics = await startMetrics(config, role);
  const end = ending(config, async () => {
    await Promise.all([stopTracing(), stopMetrics()]);
  });
  const starting = serve(config, { role, onLost: (why) => end.because(why), ...(prepare ? { prepare } : {}) });
  end.closes(starting);
  onServing?.(await starting);
}

/** A port that is taken costs the numbers, never the calls: two gateways on one machine are no mistake. */
async function startMetrics(config: Config, role: Role): Promise<() => Promise<void>> {
  if (!metricsEnabled(config)) return () => Promise.resolve();
  const { startMetrics: start } = await import('./platform/metrics/sdk.js');
  try {
    const served = await start({ ...config, role, version: GATEWAY_VERSION });
    return () => served.close();
  } catch {
    const where = `${config.HOST}:${config.METRICS_PORT}`;
    process.stderr.write(
      `codex-pooler: no metrics: ${where} cannot be listened on; METRICS_PORT names another port.\n`,
    );
    return () => Promise.resolve();
  }
}

function ending(config: Config, stopTelemetry: () => Promise<void>) {
  let starting: Promise<Served> | undefined;
  let ended = false;
  const end = async (code: number): Promise<void> => {
    if (ended) process.exit(1);
    ended = true;
    // Whatever hangs must not outlive the drain that was promised by much.
    void delay(config.DRAIN_MS + AFTER_DRAIN_MS, undefined, { ref: false }).then(() => process.exit(1));
    // A signal may have come while it was starting: what half a start opened is closed by the start itself.
    await starting?.then(
      (served) => served.close(),
      () => undefined,
    );
    await Promise.race([stopTelemetry().catch(() => undefined), delay(TELEMETRY_MS, undefined, { ref: false })]);
    process.exit(code);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(0));
  return {
    because: (why: string): void => {
      process.stderr.write(`codex-pooler: ${why}\n`);
      void end(1);
    },
    closes: (promised: Promise<Served>): void => {
      starting = promised;
    },
  };
}
