import type { WebSocket } from 'ws';

/** Source: runtime contract §9.5. */
const PING_MS = 25_000;

/**
 * Ping the peer of an open websocket as long as it lives; cut the connection when nothing at all came back since the
 * last ping. Time in which nothing is read does not count: an answer may be waiting there.
 */
export function keepPinging(ws: WebSocket): void {
  let heard = true;
  const hear = (): void => {
    heard = true;
  };
  ws.on('pong', hear).on('ping', hear).on('message', hear);
  const timer = setInterval(() => {
    if (!heard && !ws.isPaused) return ws.terminate();
    heard = ws.isPaused;
    ws.ping();
  }, PING_MS);
  ws.once('close', () => clearInterval(timer));
}
