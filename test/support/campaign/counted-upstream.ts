import {
  burst429,
  json,
  overloaded503,
  quota429,
  type RecordedRequest,
  type Reply,
  type ScriptedUpstream,
  type Wire,
} from '../scripted-upstream/index.js';
import { wholeBody, wholeStream, withoutEnd } from './answers.js';
import { isConversation, isStreamed, numberIn } from './lanes.js';
import type { Course, PlannedCall, Usage } from './planned-call.js';

/** What the upstream did for a call: the last thing that it sent to whoever asked. */
export interface Sent {
  readonly call: PlannedCall;
  /** The provider's id of the account. */
  readonly accountId: string;
  /** As the upstream was asked for it. */
  readonly model: string;
  /** Of the body. */
  readonly bytes: number;
  readonly outcome: 'succeeded' | 'failed' | 'cancelled';
  /** Absent: it told none. */
  readonly usage?: Usage;
  readonly servedModel?: string;
  readonly tier?: string;
  /** Pieces of text that went out. */
  readonly deltas: number;
}

const STREAM = { 'content-type': 'text/event-stream; charset=utf-8' };
const UNPRODUCTIVE: ReadonlySet<Course> = new Set<Course>([
  'absurd usage',
  'no usage',
  'failed without usage',
  'refused in a stream',
]);
const FAILOVER: ReadonlySet<Course> = new Set<Course>(['cut before text', 'unavailable', 'burst', 'quota']);

/** Answers planned calls as they are planned, and keeps its own account of what it told. */
export class CountedUpstream {
  readonly sent = new Map<number, Sent>();
  private readonly asked = new Map<number, number>();
  private calls: readonly PlannedCall[] = [];
  private leave: (number: number) => void = () => undefined;

  constructor(upstream: ScriptedUpstream) {
    const script = (request: RecordedRequest): Reply => ({ send: (wire) => this.answer(request, wire) });
    upstream.script = script;
    upstream.wholeScript = script;
  }

  /** How often it was asked for anything. */
  get requests(): number {
    return [...this.asked.values()].reduce((sum, count) => sum + count, 0);
  }

  /** @param leave makes the client of a call go away */
  expect(calls: readonly PlannedCall[], leave: (number: number) => void): void {
    this.calls = calls;
    this.leave = leave;
    this.sent.clear();
    this.asked.clear();
  }

  private async answer(request: RecordedRequest, wire: Wire): Promise<void> {
    const number = numberIn(request.body);
    const call = this.calls[number];
    if (call === undefined) throw new Error(`Nobody planned call ${String(number)}.`);
    const before = this.asked.get(number) ?? 0;
    this.asked.set(number, before + 1);
    const model = /"model":"([^"]+)"/.exec(request.body.toString('latin1'))?.[1] ?? 'gpt-4o-transcribe';
    const of = { call, accountId: request.accountId ?? '', model, bytes: request.body.length };
    if (FAILOVER.has(call.course) && before === 0) {
      this.sent.set(number, { ...of, outcome: 'failed', deltas: 0 });
      return refuse(call, wire);
    }
    return this.play(of, wire);
  }

  private async play(of: Pick<Sent, 'call' | 'accountId' | 'model' | 'bytes'>, wire: Wire): Promise<void> {
    const { call } = of;
    const note = (outcome: Sent['outcome'], more: Partial<Sent> = {}): unknown =>
      this.sent.set(call.number, { ...of, outcome, deltas: 0, ...more });
    switch (call.course) {
      case 'refused before a head':
        note('failed');
        return json(400, { error: { code: 'invalid_prompt', message: 'Simulated.' } }).send(wire);
      case 'client leaves before a head':
        note('cancelled');
        this.leave(call.number);
        return wire.request.closed;
      case 'client leaves after text':
        note('cancelled', { deltas: 1 });
        wire.head(200, STREAM);
        await wire.write(withoutEnd({ ...call, deltas: 2 }, 1));
        if (!isStreamed(call.lane)) this.leave(call.number);
        return wire.request.closed;
      case 'no terminal':
      case 'cut after text':
        note('failed', { deltas: call.deltas });
        wire.head(200, STREAM);
        await wire.write(withoutEnd(call));
        if (call.course === 'no terminal') return wire.end();
        await wire.pause(1);
        return wire.drop();
      default:
        note(...tellingOf(call));
        return tell(call, wire);
    }
  }
}

function tellingOf(call: PlannedCall): [outcome: Sent['outcome'], told: Partial<Sent>] {
  const { course, lane, usage, servedModel, tier, deltas } = call;
  const failed = course.startsWith('failed') || course === 'refused in a stream';
  const named = {
    ...(servedModel === undefined ? {} : { servedModel }),
    ...(tier === undefined ? {} : { tier }),
  };
  const told = {
    ...(UNPRODUCTIVE.has(course) ? {} : { usage }),
    ...(lane === 'pictures' || lane === 'speech' ? {} : named),
    deltas: isConversation(lane) && course !== 'refused in a stream' ? deltas : 0,
  };
  return [failed ? 'failed' : 'succeeded', told];
}

async function tell(call: PlannedCall, wire: Wire): Promise<void> {
  if (!isConversation(call.lane)) return json(200, wholeBody(call)).send(wire);
  wire.head(200, STREAM);
  await wire.write(wholeStream(call));
  wire.end();
}

async function refuse({ course }: PlannedCall, wire: Wire): Promise<void> {
  if (course === 'burst') return burst429({ 'retry-after': '1' }).send(wire);
  if (course === 'quota') return quota429(1).send(wire);
  if (course === 'unavailable') return overloaded503().send(wire);
  return wire.drop();
}
