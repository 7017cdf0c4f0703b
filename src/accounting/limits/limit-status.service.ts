import { Injectable } from '@nestjs/common';
import type { UsageLimit } from '../../core/index.js';
import { isWarned } from './budget-warnings.service.js';
import { windowLimitsOf, type LimitName } from './limit-scope.js';
import { LimitTruthRepository, type Truth } from './limit-truth.repository.js';
import { dayOf, firstDayOf, lastDayOf, resetsAtMs, type WindowName } from './windows.js';

/** How much of a limit is used. Tokens, requests, or nano-USD where `limit` begins with `usd`. */
export interface LimitStatus {
  readonly scope: 'key' | 'pool';
  readonly limit: LimitName;
  readonly window: WindowName | 'minute' | 'request';
  readonly max: number;
  /** Of the calls that are over; the same sums as in reports. */
  readonly current: number;
  /** What running calls may come to. */
  readonly reserved: number;
  readonly remaining: number;
  /** Absent: all models. */
  readonly model?: string;
  /** Unix time in milliseconds at which there is more left than now; absent when nothing of it is used, or it is no window. */
  readonly resetsAtMs?: number;
  /** Whether so much of a budget is used that its operator wanted to be warned. */
  readonly warned: boolean;
}

/** How much of their limits keys and Pools have used, from Postgres. */
@Injectable()
export class LimitStatusService {
  constructor(private readonly truth: LimitTruthRepository) {}

  /** @param nowMs Unix time in milliseconds */
  async statusOf(limits: readonly UsageLimit[] | undefined, nowMs = Date.now()): Promise<LimitStatus[]> {
    const all = await Promise.all(
      (limits ?? []).map(async (limit) => statusesOf(limit, await this.truth.of(limit, nowMs), nowMs)),
    );
    return all.flat();
  }
}

function statusesOf(limit: UsageLimit, truth: Truth, nowMs: number): LimitStatus[] {
  const about = { scope: limit.scope, warned: false, ...(limit.model !== undefined && { model: limit.model }) };
  const unused = (
    name: LimitName,
    window: 'minute' | 'request',
    max: number | undefined,
    current = 0,
  ): LimitStatus[] =>
    max === undefined
      ? []
      : [{ ...about, limit: name, window, max, current, reserved: 0, remaining: Math.max(0, max - current) }];
  return [
    ...unused('requests_per_minute', 'minute', limit.requestsPerMinute, truth.asked.length),
    ...windowStatuses(limit, truth, nowMs, about),
    ...unused('max_input_tokens', 'request', limit.maxInputTokens),
    ...unused('max_output_tokens', 'request', limit.maxOutputTokens),
  ];
}

function windowStatuses(
  limit: UsageLimit,
  { days, holds }: Truth,
  nowMs: number,
  about: Pick<LimitStatus, 'scope' | 'model' | 'warned'>,
): LimitStatus[] {
  const day = dayOf(nowMs);
  return windowLimitsOf(limit).map((window): LimitStatus => {
    const { name, unit, max } = window;
    const counts = (each: { readonly day: number }) =>
      each.day >= firstDayOf(window.window, day) && each.day <= lastDayOf(window.window, day);
    const sum = (all: readonly { readonly day: number; readonly tokens: number; readonly nanoUsd: number }[]) =>
      all.filter(counts).reduce((total, each) => total + each[unit], 0);
    const [current, reserved] = [sum(days), sum(holds)];
    // When something of what is used has fallen out: for one more than is left now.
    const left = Math.max(0, max - current - reserved);
    const freed = resetsAtMs({ ...window, days }, day, Math.min(max, left + reserved + 1));
    return {
      ...about,
      limit: name,
      window: window.window,
      max,
      current,
      reserved,
      remaining: left,
      ...(current > 0 && freed !== undefined && { resetsAtMs: freed }),
      warned: isWarned(window, limit.warnPercent, current + reserved),
    };
  });
}
