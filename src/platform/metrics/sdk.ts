import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Config } from '../config/index.js';
import { constantTimeEqual, sha256 } from '../crypto/index.js';
import { recordTo } from './instruments.js';
import { LabelBounds } from './label-bounds.js';
import { MeterRecorder } from './meter-recorder.js';
import { watchProcess } from './process-watch.js';
import { WatchProducer } from './watch-producer.js';

/** Of one metric: beyond that the SDK gathers all further series in one. */
const SERIES = 5_000;

export interface MetricsOptions extends Pick<Config, 'HOST' | 'METRICS_PORT' | 'METRICS_TOKEN' | 'METRICS_DETAIL'> {
  readonly role: string;
  readonly version: string;
}

export interface ServedMetrics {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Record metrics from now on, and show them at `/metrics` on a port of their own. 0 takes a free one.
 *
 * @throws Error when the port cannot be had
 */
export async function startMetrics(options: MetricsOptions): Promise<ServedMetrics> {
  const bounds = new LabelBounds(new Set(options.METRICS_DETAIL));
  const exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
    metricProducers: [new WatchProducer(bounds)],
  });
  const views = [{ instrumentName: '*', aggregationCardinalityLimit: SERIES }];
  const provider = new MeterProvider({ readers: [exporter], views });
  const server = createServer((request, response) => {
    const refused = refusal(request, options.METRICS_TOKEN);
    if (refused === undefined) exporter.getMetricsRequestHandler(request, response);
    else refuse(response, refused);
  });
  const port = await listening(server, options);
  recordTo(new MeterRecorder(provider.getMeter('codex-pooler'), bounds));
  const unwatch = watchProcess({ version: options.version, role: options.role });
  return {
    port,
    close: async () => {
      recordTo(undefined);
      unwatch();
      server.closeAllConnections();
      server.close();
      await provider.shutdown();
    },
  };
}

async function listening(server: Server, { HOST, METRICS_PORT }: MetricsOptions): Promise<number> {
  await once(server.listen(METRICS_PORT, HOST), 'listening');
  server.unref();
  return (server.address() as AddressInfo).port;
}

function refusal({ method, url, headers }: IncomingMessage, token: string | undefined): 401 | 404 | 405 | undefined {
  if (url?.split('?', 1)[0] !== '/metrics') return 404;
  if (method !== 'GET') return 405;
  if (token === undefined) return undefined;
  return constantTimeEqual(sha256(headers.authorization ?? ''), sha256(`Bearer ${token}`)) ? undefined : 401;
}

const refuse = (response: ServerResponse, status: number): void => {
  response.writeHead(status, status === 401 ? { 'www-authenticate': 'Bearer' } : {}).end();
};
