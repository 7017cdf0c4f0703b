import { ACCOUNT_METER, jsonEvent, type EventBatch, type ResponseEvent } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import type { Capacity, CapacityWindow } from '../../upstream/index.js';

const RATE_LIMITS = 'codex.rate_limits';
const SLOTS = ['primary', 'secondary'] as const;

const seconds = (ms: number): number => Math.ceil(ms / 1000);

/** A Pool's capacity where a Codex client looks for that of its account, over HTTP. Source: codex-cli-wire §4. */
export function capacityHeaders({ windows }: Capacity): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  SLOTS.forEach((slot, place) => {
    const window = windows[place];
    if (window === undefined) return;
    headers[`x-codex-${slot}-used-percent`] = String(window.usedPercent);
    headers[`x-codex-${slot}-window-minutes`] = String(window.windowMinutes);
    headers[`x-codex-${slot}-reset-at`] = String(seconds(window.resetsAtMs));
  });
  return headers;
}

/** The same as a frame: on a websocket nothing else is read. A Pool has no plan. */
export const poolRateLimitsFrame = ({ windows: [primary, secondary] }: Capacity): string =>
  JSON.stringify({
    type: RATE_LIMITS,
    plan_type: null,
    rate_limits: { primary: windowFrame(primary), secondary: windowFrame(secondary) },
    credits: null,
    metered_limit_name: ACCOUNT_METER,
  });

const windowFrame = (window: CapacityWindow | undefined): object | null =>
  window === undefined
    ? null
    : { used_percent: window.usedPercent, window_minutes: window.windowMinutes, reset_at: seconds(window.resetsAtMs) };

/**
 * The same answer, with the Pool's capacity in every event that told of one account's.
 *
 * @param capacity asked for at each such event; when nobody can say, the event is left out
 */
export async function* withPoolRateLimits(
  parts: AsyncIterable<AnswerPart>,
  capacity: () => Promise<Capacity>,
): AsyncGenerator<AnswerPart> {
  for await (const part of parts) {
    if (part.kind === 'head' || !part.events.some(isRateLimits)) yield part;
    else {
      const frame = await capacity().then(poolRateLimitsFrame, () => undefined);
      yield { kind: 'batch', ...replaced(part, frame) };
    }
  }
}

const isRateLimits = ({ type }: ResponseEvent): boolean => type === RATE_LIMITS;

function replaced(batch: EventBatch, frame: string | undefined): EventBatch {
  const events = batch.events.flatMap((event) => {
    if (!isRateLimits(event)) return [event];
    return frame === undefined ? [] : inPlaceOf(event, frame);
  });
  return { events, raw: Buffer.concat(events.map(({ raw }) => raw)) };
}

/** In the form that the event came in: a frame, or a block of an event stream. */
function inPlaceOf({ type, raw }: ResponseEvent, frame: string): readonly ResponseEvent[] {
  if (raw.toString('latin1', 0, 64).trimStart().startsWith('{')) return jsonEvent(Buffer.from(frame)).events;
  const block = Buffer.from(`event: ${type}\ndata: ${frame}\n\n`);
  return [{ type, raw: block, json: () => JSON.parse(frame) as unknown }];
}
