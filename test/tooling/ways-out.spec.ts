import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { environment } from '../../src/platform/config/schema.js';

const SOURCES = resolve(__dirname, '../../src');

/** A new file here has to say how it keeps to what may be reached: by `guardedAgent`, by going to the upstream only, or
 * by being a command's own. */
const OUTBOUND = [
  'files/upload-transport.service.ts',
  'operator/client/remote-operations.ts',
  'operator/doctor/ways.service.ts',
  'platform/egress/guarded-agent.ts',
  'upstream/codex/socket-transport.service.ts',
  'upstream/transport/upstream-http.service.ts',
];
/** Answers only. */
const INBOUND = [
  'mcp/tool-server.ts',
  'operator/api/problem.ts',
  'platform/http/client-error.ts',
  'platform/http/upgrade-refusal.ts',
  'platform/http/websocket-door.ts',
  'platform/metrics/sdk.ts',
];
const GUARDED = ['PRICES_URL'];
/** Set by whoever runs the process, and often private on purpose: databases, collectors, upstreams of one's own. */
const TRUSTED = [
  'DATABASE_URL',
  'POOLER_URL',
  'REDIS_URL',
  'UPSTREAM_BASE_URL',
  'OAUTH_ISSUER_URL',
  'OPENAI_UPSTREAM_BASE_URL',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
];

describe('ways to the network', () => {
  it('are these and no other', () => {
    const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /^(?!.*\.spec\.ts$).*\.ts$/.test(name),
    );
    const opens =
      /(?:import (?!type)[^;]*from '(?:undici|ws|node:https?|node:http2|node:tls|node:dgram)')|[^.\w]fetch\(/;
    const found = files.filter((name) => opens.test(readFileSync(join(SOURCES, name), 'utf8')));
    expect(found.sort()).toEqual([...OUTBOUND, ...INBOUND].sort());
  });

  it('of the environment are judged one by one', () => {
    const named = Object.keys(environment.shape).filter((name) => /(_URL|_ENDPOINT)$/.test(name));
    expect(named.sort()).toEqual([...GUARDED, ...TRUSTED].sort());
  });
});
