import { monitorEventLoopDelay } from 'node:perf_hooks';
import fc from 'fast-check';
import { Agent } from 'undici';
import { PoolService } from '../../src/auth/index.js';
import { useGateway } from '../support/gateway.js';
import { junkBody } from '../support/junk-bodies.js';
import { say, ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { VALID_BODIES } from '../support/valid-bodies.js';

const FULL = process.env['DRILLS'] === 'full';
const BODIES = FULL ? 200_000 : 250;
const WAVE = 500;
const AT_ONCE = 8;
const SEED = 20_260_401;
/** Nobody else's stream may wait longer than this for a bad body; on a machine with other work only the full form can tell. */
const LONGEST_STALL_MS = 50;

const upstream = new ScriptedUpstream({ keepBodies: false });
upstream.script = () => say('ok');
const gateway = useGateway({ upstream });
const agent = new Agent({ connections: AT_ONCE, keepAliveTimeout: 60_000 });
const rejections: unknown[] = [];
const note = (reason: unknown): void => void rejections.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', note);
  await gateway.get(PoolService).createPool('test', {
    storedResponses: true,
    maxStoredItems: 50,
    defaultModel: 'gpt-5.5',
    anthropicModels: [['claude-*', 'gpt-5.5']],
  });
});

afterAll(async () => {
  process.off('unhandledRejection', note);
  await agent.close();
});

describe.each(Object.keys(VALID_BODIES))('%s', (path) => {
  it(
    `answers ${BODIES} bodies that are almost right without a failure of its own (seed ${SEED})`,
    async () => {
      const statuses = new Map<number, number>();
      const failed: string[] = [];
      let longestMs = 0;
      for (let wave = 0; wave * WAVE < BODIES; wave += 1) {
        const bodies = bodiesOf(path, wave);
        const ask = (): Promise<number> => stallOf(() => sendAll(path, bodies, statuses, failed));
        let stallMs = await ask();
        // A body that is to blame stalls every time.
        for (let again = 0; FULL && again < 5 && stallMs > LONGEST_STALL_MS; again += 1) {
          stallMs = Math.min(stallMs, await ask());
        }
        longestMs = Math.max(longestMs, stallMs);
      }
      if (FULL) report(path, statuses, longestMs);
      expect(failed).toEqual([]);
      expect(rejections).toEqual([]);
      if (FULL) expect(longestMs).toBeLessThanOrEqual(LONGEST_STALL_MS);
    },
    FULL ? 3_600_000 : 120_000,
  );
});

const bodiesOf = (path: string, wave: number): readonly string[] =>
  fc.sample(junkBody(VALID_BODIES[path] ?? []), { numRuns: Math.min(WAVE, BODIES), seed: SEED + wave });

async function sendAll(
  path: string,
  bodies: readonly string[],
  statuses: Map<number, number>,
  failed: string[],
): Promise<void> {
  const waiting = [...bodies];
  const lane = async (): Promise<void> => {
    for (let body = waiting.pop(); body !== undefined; body = waiting.pop()) {
      const { status, text } = await send(path, body);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status >= 500 || /response\.failed|"error":\{/.test(status === 200 ? text : '')) {
        failed.push(`${status} ${text.slice(0, 300)} for ${body.slice(0, 2_000)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

async function send(path: string, body: string): Promise<{ status: number; text: string }> {
  const { statusCode: status, body: answer } = await agent.request({
    origin: gateway.url,
    path,
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
    body: Buffer.from(body),
  });
  return { status, text: await answer.text() };
}

/** How long the event loop stood still at most while the work was done, in milliseconds. */
async function stallOf(work: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return delay.max / 1e6;
}

function report(path: string, statuses: ReadonlyMap<number, number>, longestMs: number): void {
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`);
  process.stderr.write(
    `junk bodies ${path}: ${BODIES} bodies, seed ${SEED}: ${counts.join(', ')}; longest stall ${longestMs.toFixed(1)} ms\n`,
  );
}
