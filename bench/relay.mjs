import { Agent, request } from 'undici';
import { median, PATH, withDeployment } from './deployment.mjs';

/**
 * `npm run bench`: what the gateway costs, as ratios. The same streamed calls go straight to the scripted upstream and
 * through the gateway, in turns, on one machine. Everything is on: authentication, routing, durable accounting.
 */
const ROUNDS = Number(process.env.BENCH_ROUNDS || 5);
const PROFILES = [
  { name: 'S: 2 kB body, 50 events', bodyBytes: 2_000, calls: 400, concurrency: 16 },
  { name: 'M: 560 kB body, 50 events', bodyBytes: 560_000, calls: 120, concurrency: 8 },
];

const agent = new Agent({ connections: 64 });

/** One streamed call. @returns milliseconds to its first byte */
async function call(origin, token, body) {
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
async function round(origin, token, { calls, concurrency }, body) {
  const firsts = [];
  let left = calls;
  const startedAt = performance.now();
  const lane = async () => {
    while (left-- > 0) firsts.push(await call(origin, token, body));
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

async function measure(profile, { direct, through, cpuMs }) {
  const sent = body(profile.bodyBytes);
  const targets = [direct, through];
  for (const { origin, token } of targets) await round(origin, token, { ...profile, calls: 50 }, sent);
  const results = targets.map(() => []);
  let spentMs = 0;
  for (let n = 0; n < ROUNDS; n += 1) {
    for (const [index, { origin, token }] of targets.entries()) {
      const before = cpuMs();
      results[index].push(await round(origin, token, profile, sent));
      if (index === 1) spentMs += cpuMs() - before;
    }
  }
  const [straight, relayed] = results.map((rounds) => ({
    rate: median(rounds.map(({ rate }) => rate)),
    firstMs: median(rounds.map(({ firstMs }) => firstMs)),
  }));
  console.log(
    `${profile.name}: ${(relayed.rate / straight.rate).toFixed(2)} of the direct rate, ` +
      `first byte ${(relayed.firstMs / straight.firstMs).toFixed(2)} times as late, ` +
      `${(spentMs / (ROUNDS * profile.calls)).toFixed(2)} ms of CPU a call`,
  );
}

try {
  await withDeployment(async (deployment) => {
    for (const profile of PROFILES) await measure(profile, deployment);
  });
} finally {
  await agent.close();
}
