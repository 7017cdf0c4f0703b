import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from './percentile.js';
import type { ScriptedUpstream } from './scripted-upstream/index.js';

/** One call, as its client saw it. Times in Unix milliseconds. */
export interface LoadedCall {
  /** Its place among all of them, from 0. */
  readonly number: number;
  /** What its `x-client-request-id` says. */
  readonly id: string;
  readonly sentAtMs: number;
  readonly endedAtMs: number;
  /** 0: there was no answer. */
  readonly status: number;
  /** As far as it came. */
  readonly text: string;
}

export interface Figures {
  readonly calls: number;
  readonly perSecond: number;
  readonly served: number;
  /** Calls by what they ended with, other than served. */
  readonly unserved: Readonly<Record<string, number>>;
  readonly meanAttempts: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export const isServed = ({ status, text }: LoadedCall): boolean =>
  status === 200 && text.includes('response.completed') && !text.includes('response.failed');

export const unserved = (calls: readonly LoadedCall[]): [status: number, text: string][] =>
  calls.filter((call) => !isServed(call)).map(({ status, text }) => [status, text]);

/**
 * Calls that arrive at a steady rate, whatever becomes of those before them.
 *
 * @param send one call, with its number, and the id that it must carry as `x-client-request-id`
 */
export class SteadyLoad {
  private readonly pending: Promise<LoadedCall>[] = [];
  private readonly startedAtMs = Date.now();
  private readonly stopping = new AbortController();
  private readonly sending: Promise<void>;
  private open = 0;
  /** How many were open at once. */
  mostOpen = 0;

  constructor(
    private readonly perSecond: number,
    private readonly send: (number: number, id: string) => Promise<Response>,
  ) {
    this.sending = this.run();
  }

  /** How many calls there were so far. */
  get sent(): number {
    return this.pending.length;
  }

  /** No more calls. @returns all of them, once they are over, in the order in which they were sent */
  async stop(): Promise<LoadedCall[]> {
    this.stopping.abort();
    await this.sending;
    return Promise.all(this.pending);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let number = 0; !signal.aborted; number += 1) {
      this.pending.push(this.call(number));
      const dueInMs = this.startedAtMs + ((number + 1) * 1_000) / this.perSecond - Date.now();
      await delay(Math.max(0, dueInMs), undefined, { signal }).catch(() => undefined);
    }
  }

  private async call(number: number): Promise<LoadedCall> {
    const id = randomUUID();
    const sentAtMs = Date.now();
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    let status = 0;
    let text = '';
    try {
      const response = await this.send(number, id);
      status = response.status;
      const utf8 = new TextDecoder();
      for await (const chunk of response.body ?? []) text += utf8.decode(chunk as Uint8Array, { stream: true });
    } catch {
      // What was read until then says it all.
    }
    this.open -= 1;
    return { number, id, sentAtMs, endedAtMs: Date.now(), status, text };
  }
}

/** How often the upstream was asked for each of these calls. */
export function attemptsOf(upstream: ScriptedUpstream, calls: readonly LoadedCall[]): ReadonlyMap<string, number> {
  const attempts = new Map(calls.map(({ id }) => [id, 0]));
  for (const request of upstream.received) {
    const id = request.header('x-client-request-id') ?? '';
    const before = attempts.get(id);
    if (before !== undefined) attempts.set(id, before + 1);
  }
  return attempts;
}

export function figuresOf(upstream: ScriptedUpstream, calls: readonly LoadedCall[]): Figures {
  const attempts = [...attemptsOf(upstream, calls).values()];
  const latencies = calls.filter(isServed).map(({ sentAtMs, endedAtMs }) => endedAtMs - sentAtMs);
  const unserved: Record<string, number> = {};
  for (const call of calls) {
    if (isServed(call)) continue;
    const code = /"code":"(\w+)"/.exec(call.text)?.[1] ?? 'broken off';
    unserved[`${call.status} ${code}`] = (unserved[`${call.status} ${code}`] ?? 0) + 1;
  }
  const lastedMs = (calls.at(-1)?.sentAtMs ?? 0) - (calls[0]?.sentAtMs ?? 0);
  return {
    calls: calls.length,
    perSecond: Math.round((calls.length * 1_000) / Math.max(1, lastedMs)),
    served: latencies.length,
    unserved,
    meanAttempts: attempts.reduce((sum, count) => sum + count, 0) / Math.max(1, attempts.length),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}
