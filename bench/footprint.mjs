import { setTimeout as pause } from 'node:timers/promises';
import { quantile } from './figures.mjs';
import { openLoop } from './load/arrivals.mjs';
import { Caller } from './load/call.mjs';
import { closeSocket, inBatches, openSocket, turn, turnFrame } from './load/socket.mjs';

const BODY = 2_000;
/** More than one round of connections before the baseline: the heap has its working size by then. */
const PREPARING = 200;
const SETTLE_MS = 3_000;
const plan = (deltas, paceMs) => ({ deltas, paceMs, padBytes: 0, terminalBytes: 0 });
const BURST = plan(10, 0);
/** Open for as long as it takes to look, and nearly silent. */
const SLOW = plan(9, 1_000);

/** @returns resident memory per websocket that rests after one turn, in bytes. A warm-up is a turn with no answer. */
export async function socketBytes(place, gateway, { count, over = {} }) {
  const answer = over.generate === false ? plan(1, 0) : BURST;
  await place.plan(answer);
  const frame = turnFrame(BODY, over);
  const opened = async () => {
    const socket = await openSocket(gateway);
    const { fault } = await turn(socket, frame, answer);
    if (fault !== undefined && over.generate !== false) throw new Error(`a turn went wrong: ${fault}`);
    return socket;
  };
  await inBatches(await inBatches(Array(PREPARING).fill(), opened), closeSocket);
  await pause(SETTLE_MS);
  const before = gateway.residentBytes();
  const sockets = await inBatches(Array(count).fill(), opened);
  await pause(SETTLE_MS);
  const bytes = (gateway.residentBytes() - before) / count;
  await inBatches(sockets, closeSocket);
  return bytes;
}

/** @returns resident memory per open stream, in bytes */
async function streamBytes(place, gateway, count) {
  const caller = new Caller(gateway);
  const body = caller.body(BODY);
  const wave = (calls, answer) =>
    openLoop({ perSecond: count / 4, count: calls, call: () => caller.call(body, answer) });
  await place.plan(BURST);
  await wave(PREPARING, BURST);
  await pause(SETTLE_MS);
  await place.plan(SLOW);
  const before = gateway.residentBytes();
  const open = wave(count, SLOW);
  await pause(4_000 + SETTLE_MS);
  const bytes = (gateway.residentBytes() - before) / count;
  await open;
  await caller.close();
  return bytes;
}

/** @returns the longest time that the event loop stood still while such bodies were served one by one, in milliseconds */
async function stall(place, gateway, bytes) {
  const caller = new Caller(gateway);
  const body = caller.body(bytes);
  await place.plan(BURST);
  for (let n = 0; n < 30; n += 1) await caller.call(body, BURST);
  await gateway.probe('watch');
  for (let n = 0; n < 20; n += 1) await caller.call(body, BURST);
  const { stallMs } = await gateway.probe('stalled');
  await caller.close();
  return stallMs;
}

/** Turns of so many websockets at the same time. */
async function activeSockets(place, target, count) {
  const answer = plan(50, 20);
  await place.plan(answer);
  const sockets = await inBatches(Array(count).fill(), () => openSocket(target));
  const frame = turnFrame(BODY);
  const checks = await Promise.all(
    sockets.map((socket, n) => pause((n * 1_000) / count).then(() => turn(socket, frame, answer))),
  );
  await inBatches(sockets, closeSocket);
  return {
    firstP50: quantile(
      checks.flatMap(({ firstMs }) => firstMs ?? []),
      0.5,
    ),
    delayP50: quantile(
      checks.flatMap(({ delaysMs }) => delaysMs),
      0.5,
    ),
    delayP99: quantile(
      checks.flatMap(({ delaysMs }) => delaysMs),
      0.99,
    ),
    faults: checks.flatMap(({ fault }) => fault ?? []),
  };
}

/** What one gateway needs, and how it behaves alone. It is started anew before each look at its memory. */
export async function footprint(place, gateway, { quick, say }) {
  const startMs = await gateway.again();
  await pause(SETTLE_MS);
  const idleBytes = gateway.residentBytes();
  say('start, idle memory');
  const perStreamBytes = await streamBytes(place, gateway, quick ? 300 : 1_000);
  say('memory of open streams');
  const stallMs = { M: await stall(place, gateway, 560_000), L: await stall(place, gateway, 3_500_000) };
  say('event-loop stalls');
  const perSocketBytes = {};
  for (const count of quick ? [500] : [500, 5_000]) {
    await gateway.again();
    perSocketBytes[count] = await socketBytes(place, gateway, { count });
    say(`${count} resting websockets`);
  }
  const sockets = {
    direct: await activeSockets(place, { origin: place.upstream, token: 'anything' }, 100),
    ours: await activeSockets(place, gateway, 100),
  };
  say('100 websockets with a turn each');
  return { startMs, idleBytes, perStreamBytes, stallMs, perSocketBytes, sockets };
}
