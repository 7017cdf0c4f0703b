import { SocketWire } from './socket-wire.js';
import { split } from './stream-reply.js';
import type { Headers, Reply } from './wire.js';

const EVENT_STREAM = { 'content-type': 'text/event-stream' };
const JUNK_WRITE_BYTES = 65_536;

/** A complete JSON answer of any status. */
export const json = (status: number, body: unknown, headers: Headers = {}): Reply => ({
  async send(wire) {
    wire.head(status, { 'content-type': 'application/json', ...headers });
    wire.end(JSON.stringify(body));
  },
});

/** These bytes, one write each, as an event stream unless the headers say otherwise. */
export const raw = (chunks: readonly (Buffer | string)[], headers: Headers = {}, status = 200): Reply => ({
  async send(wire) {
    wire.head(status, { ...EVENT_STREAM, ...headers });
    for (const chunk of chunks) {
      if (!(await wire.write(chunk))) return;
      // A turn of the loop between writes, so that they can arrive as separate chunks.
      await wire.pause(1);
    }
    wire.end();
  },
});

/** These frames of a websocket as they are, text for a string, else binary; the turn stays open. */
export const frames = (...list: readonly (string | Buffer)[]): Reply => ({
  async send(wire) {
    if (!(wire instanceof SocketWire)) throw new Error('Only a websocket takes frames.');
    for (const each of list) if (!(await wire.frame(each))) return;
  },
});

/** A login page where an answer should be, as a proxy or a captive portal gives it. */
export const html200 = (): Reply => ({
  async send(wire) {
    wire.head(200, { 'content-type': 'text/html; charset=utf-8' });
    wire.end('<!doctype html><html><head><title>Just a moment...</title></head><body></body></html>');
  },
});

/** A 200 that says JSON and stops in the middle of it. */
export const truncatedJson = (): Reply => ({
  async send(wire) {
    wire.head(200, { 'content-type': 'application/json' });
    wire.end('{"id":"resp_1","object":"response","status":"comple');
  },
});

/** An event stream with one line of that many bytes and no line end, then nothing. */
export const junkLine = (bytes: number): Reply => ({
  async send(wire) {
    wire.head(200, EVENT_STREAM);
    if (!(await wire.write('data: {"type":"response.output_text.delta","delta":"'))) return;
    for (const part of split(Buffer.alloc(bytes, 'x'), JUNK_WRITE_BYTES)) if (!(await wire.write(part))) return;
    wire.end();
  },
});
