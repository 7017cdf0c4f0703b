import { Agent, request } from 'undici';
import { PATH } from './deployment.mjs';
import { median } from './figures.mjs';

export const ROUNDS = Number(process.env.BENCH_ROUNDS || 5);
export const PROFILES = [
  { name: 'S: 2 kB body, 50 events', bodyBytes: 2_000, calls: 400, concurrency: 16 },
  { name: 'M: 560 kB body, 50 events', bodyBytes: 560_000, calls: 120, concurrency: 8 },
];
/** Hot code is compiled by then. */
const WARM_UP_CALLS = 300;

const agent = new Agent({ connections: 64 });
export const closeConnections = () => agent.close();

/** One streamed call. @returns milliseconds to its first byte */
async function call({ origin, token }, body) {
  const startedAt = performance.now();
  const answer = await request(`${origin}${PATH}`, {
    dispatcher: agent,
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
  });
  if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}: ${await answer.body.text()}`);
  let firstMs;
  let tail = '';
  for await (const chunk of answer.body) {
    firstMs ??= performance.now() - startedAt;
    tail = (tail + chunk.toString('latin1')).slice(-4_096);
  }
  if (!tail.includes('response.completed')) throw new Error('a stream ended without its terminal event');
  return firstMs;
}

/** @returns calls per second, and the median time to the first byte */
async function round(target, { calls, concurrency }, body) {
  const firsts = [];
  let left = calls;
  const startedAt = performance.now();
  const lane = async () => {
    while (left-- > 0) firsts.push(await call(target, body));
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return { rate: (calls * 1000) / (performance.now() - startedAt), firstMs: median(firsts) };
}

const body = (bytes) =>
  Buffer.from(
    JSON.stringify({
      model: 'gpt-5.5',
      stream: true,
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x'.repeat(bytes - 140) }] }],
    }),
  );

/**
 * The same calls to each of the targets, in turns. `cpu()` of a target is what its processes have used so far, by name, in
 * milliseconds.
 *
 * @returns for each target the median `rate` and `firstMs` of its rounds, and `spentMs`: processor time per call, by name
 */
export async function compare(profile, targets) {
  const sent = body(profile.bodyBytes);
  for (const target of targets) await round(target, { ...profile, calls: WARM_UP_CALLS }, sent);
  const results = targets.map(() => []);
  const spent = targets.map(() => ({}));
  for (let n = 0; n < ROUNDS; n += 1) {
    for (const [index, target] of targets.entries()) {
      const before = target.cpu?.() ?? {};
      results[index].push(await round(target, profile, sent));
      for (const [name, ms] of Object.entries(target.cpu?.() ?? {}))
        spent[index][name] = (spent[index][name] ?? 0) + (ms - before[name]) / (ROUNDS * profile.calls);
    }
  }
  return results.map((rounds, index) => ({
    rate: median(rounds.map(({ rate }) => rate)),
    firstMs: median(rounds.map(({ firstMs }) => firstMs)),
    spentMs: spent[index],
  }));
}
