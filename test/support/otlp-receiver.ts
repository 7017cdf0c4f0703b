import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { context, propagation, trace } from '@opentelemetry/api';
import { startTracing } from '../../src/platform/telemetry/sdk.js';

/** A span as it goes over the wire, with as much of it as tests look at. */
export interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code: number };
}

interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[] }[];
}

/** Spans of this process leave by OTLP as in production, and arrive here, for the tests of one file. */
export function useOtlp(): { spans(): readonly SentSpan[]; raw(): string } {
  const bodies: string[] = [];
  let server: Server | undefined;
  let stop: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        bodies.push(body);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    process.env['OTEL_EXPORTER_OTLP_PROTOCOL'] = 'http/json';
    process.env['OTEL_BSP_SCHEDULE_DELAY'] = '50';
    stop = startTracing({ version: '0.0.0', role: 'all' });
  });
  afterAll(async () => {
    await stop?.();
    for (const api of [trace, context, propagation]) api.disable();
    server?.closeAllConnections();
    server?.close();
  });

  return {
    spans: () =>
      bodies
        .flatMap((body) => (JSON.parse(body) as Export).resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap(({ spans }) => spans),
    raw: () => bodies.join('\n'),
  };
}
