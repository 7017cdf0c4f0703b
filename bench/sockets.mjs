import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { PATH, withDeployment } from './deployment.mjs';

/**
 * `npm run bench -- sockets`: what an open websocket costs the gateway in resident memory, while it rests: once after a
 * warm-up, once after a turn (which leaves a websocket to the upstream open as well).
 */
const SOCKETS = Number(process.env.BENCH_SOCKETS || 500);
/** More than one round of connections before the baseline: the heap has its working size by then. */
const PREPARING = 200;
const SETTLE_MS = 5_000;
const BATCH = 50;

const turn = (over) => ({
  type: 'response.create',
  model: 'gpt-5.5',
  stream: true,
  input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x'.repeat(2_000) }] }],
  ...over,
});

async function open({ origin, token }) {
  const socket = new WebSocket(origin.replace('http', 'ws') + PATH, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  await once(socket, 'open');
  return socket;
}

function answered(socket, frame) {
  return new Promise((done, failed) => {
    const read = (data) => {
      const { type } = JSON.parse(data.toString());
      if (type === 'error' || type === 'response.failed') failed(new Error(`the turn failed: ${data}`));
      if (type !== 'response.completed') return;
      socket.off('message', read);
      done();
    };
    socket.on('message', read);
    socket.send(JSON.stringify(frame));
  });
}

async function inBatches(items, action) {
  const results = [];
  for (let at = 0; at < items.length; at += BATCH)
    results.push(...(await Promise.all(items.slice(at, at + BATCH).map(action))));
  return results;
}

async function closed(sockets) {
  await inBatches(sockets, async (socket) => {
    const gone = once(socket, 'close');
    socket.close();
    await gone;
  });
}

async function measure({ gateways: [through] }) {
  const openAll = (count, frame) =>
    inBatches(Array.from({ length: count }), async () => {
      const socket = await open(through);
      await answered(socket, frame);
      return socket;
    });
  await closed(await openAll(PREPARING, turn()));
  await pause(SETTLE_MS);
  for (const [name, frame] of [
    ['after a warm-up', turn({ generate: false })],
    ['after a turn, with its websocket to the upstream', turn()],
  ]) {
    const before = through.residentBytes();
    const sockets = await openAll(SOCKETS, frame);
    await pause(SETTLE_MS);
    const perSocketKiB = (through.residentBytes() - before) / SOCKETS / 1024;
    console.log(`${SOCKETS} open websockets, ${name}: ${perSocketKiB.toFixed(1)} KiB of resident memory each`);
    await closed(sockets);
    await pause(SETTLE_MS);
  }
}

await withDeployment(measure);
