import { once } from 'node:events';
import { WebSocket } from 'ws';
import { AnswerCheck } from './answer-check.mjs';
import { DIALECTS } from './dialects.mjs';

const SILENCE_MS = 30_000;
const dialect = DIALECTS.responses;

export const turnFrame = (bytes, over = {}) =>
  JSON.stringify({ type: 'response.create', ...dialect.body('x'.repeat(bytes)), ...over });

/** Opens a Responses websocket. */
export async function openSocket({ origin, token }) {
  const socket = new WebSocket(origin.replace('http', 'ws') + dialect.path, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  await once(socket, 'open');
  return socket;
}

/** One turn on an open websocket. @returns the check of its answer, when it is over */
export function turn(socket, frame, plan) {
  return new Promise((done) => {
    const check = new AnswerCheck({ plan, dialect });
    const over = () => {
      clearTimeout(silence);
      socket.off('message', read);
      socket.off('close', closed);
      done(check);
    };
    const read = (data) => {
      check.event(data.latin1Slice());
      if (!check.isOver && check.fault === undefined) return;
      if (check.fault === undefined) check.ended();
      over();
    };
    const closed = (code) => {
      check.fault ??= `the websocket closed with ${code}`;
      over();
    };
    const silence = setTimeout(closed, SILENCE_MS, 'nothing but silence');
    socket.on('message', read);
    socket.once('close', closed);
    socket.send(frame);
  });
}

export async function closeSocket(socket) {
  if (socket.readyState === socket.CLOSED) return;
  const gone = once(socket, 'close');
  socket.close();
  await gone;
}

const BATCH = 50;

/** The same for each of many, a few at a time. */
export async function inBatches(items, action) {
  const results = [];
  for (let at = 0; at < items.length; at += BATCH)
    results.push(...(await Promise.all(items.slice(at, at + BATCH).map(action))));
  return results;
}
