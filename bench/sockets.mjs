import { setTimeout as pause } from 'node:timers/promises';
import { withUpstream } from './deployment.mjs';
import { socketBytes } from './footprint.mjs';

/**
 * `npm run bench -- sockets`: what an open websocket costs the gateway in resident memory, while it rests: once after a
 * warm-up, once after a turn (which leaves a websocket to the upstream open as well).
 */
const SOCKETS = Number(process.env.BENCH_SOCKETS || 500);
const SETTLE_MS = 5_000;

await withUpstream({ accounts: 2 }, async (place) => {
  const gateway = await place.gateway({ name: 'ours' });
  for (const [name, over] of [
    ['after a warm-up', { generate: false }],
    ['after a turn, with its websocket to the upstream', {}],
  ]) {
    const perSocketKiB = (await socketBytes(place, gateway, { count: SOCKETS, over })) / 1024;
    console.log(`${SOCKETS} open websockets, ${name}: ${perSocketKiB.toFixed(1)} KiB of resident memory each`);
    await pause(SETTLE_MS);
  }
});
