import { isRecord } from './codex-request.js';
import { frame, type WireEvent } from './wire-event.js';
import type { Cut, Headers, Reply, Wire } from './wire.js';

/** How a stream stops after its last frame: properly, cut, or not at all. */
export type Ending = 'end' | 'open' | Cut;

/** What a rendering may depend on; a recorded request is one. */
export interface Asked {
  readonly ordinal: number;
  json(): unknown;
}

export interface StreamPlan {
  readonly frames: (asked: Asked) => readonly Buffer[];
  readonly headers: Headers;
  /** Pause before each frame but the first, in milliseconds. */
  readonly paceMs: number;
  readonly ending: Ending;
  /** The JSON answer to a request with `stream: false`; absent: it is streamed all the same. */
  readonly whole?: (asked: Asked) => object;
}

/** Frames sent one by one, each as its own write. A value: every change makes a new reply. */
export class StreamReply implements Reply {
  constructor(readonly plan: StreamPlan) {}

  async send(wire: Wire): Promise<void> {
    const { plan } = this;
    if (plan.whole !== undefined && wantsJson(wire.request)) {
      wire.head(200, { ...plan.headers, 'content-type': 'application/json' });
      wire.end(JSON.stringify(plan.whole(wire.request)));
      return;
    }
    const frames = plan.frames(wire.request);
    wire.head(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      ...plan.headers,
    });
    for (const [index, bytes] of frames.entries()) {
      if (index > 0) await wire.pause(plan.paceMs);
      if (!(await wire.write(bytes))) return;
    }
    if (plan.ending === 'end') wire.end();
    else if (plan.ending !== 'open') {
      // One turn of the loop, so that the last frames are on the wire before the connection goes.
      await wire.pause(1);
      wire.drop(plan.ending);
    }
  }
}

/** A stream of these events, with sequence numbers from 0. */
export const events = (list: readonly WireEvent[], headers: Headers = {}): StreamReply =>
  new StreamReply({ frames: () => list.map(frame), headers, paceMs: 0, ending: 'end' });

/** The same with a pause before each frame but the first. */
export const paced = (paceMs: number, { plan }: StreamReply): StreamReply => new StreamReply({ ...plan, paceMs });

export const withHeaders = (headers: Headers, { plan }: StreamReply): StreamReply =>
  new StreamReply({ ...plan, headers: { ...plan.headers, ...headers } });

/** Only the first `count` events, then the stream ends without a terminal event; by default the socket is dropped. */
export const cutAfter = (count: number, { plan }: StreamReply, ending: Ending = 'destroy'): StreamReply =>
  new StreamReply({ ...plan, frames: (asked) => plan.frames(asked).slice(0, count), ending });

/** The whole stream in writes of `bytes`, whatever that splits, one every `tickMs` milliseconds. */
export const slowDrip = (bytes: number, { plan }: StreamReply, tickMs = 1): StreamReply =>
  new StreamReply({ ...plan, frames: (asked) => split(Buffer.concat(plan.frames(asked)), bytes), paceMs: tickMs });

/** The same bytes for every request, rendered once and without a look at the body: for load tests. */
export function fixed({ plan }: StreamReply): StreamReply {
  const frames = plan.frames({ ordinal: 1, json: () => ({ model: 'gpt-5.5' }) });
  return new StreamReply({ frames: () => frames, headers: plan.headers, paceMs: plan.paceMs, ending: plan.ending });
}

export function split(bytes: Buffer, size: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
  return parts;
}

function wantsJson(request: Asked): boolean {
  const body = request.json();
  return isRecord(body) && body['stream'] === false;
}
