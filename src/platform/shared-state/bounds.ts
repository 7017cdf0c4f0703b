import type { Place } from './shared-state.js';

/** @throws RangeError when a bucket with these numbers can not exist, or could never give `cost` */
export function checkBucket(capacity: number, refillPerMs: number, cost: number): void {
  checkPositive('capacity', capacity);
  checkPositive('refillPerMs', refillPerMs);
  checkPositive('cost', cost);
  if (cost > capacity) throw new RangeError('cost must not exceed capacity');
}

/** @throws RangeError unless every limit, if there is one, and the time are whole numbers ≥ 0 */
export function checkPlaces(places: readonly Place[], wantMs: number): void {
  for (const { limit = 0 } of places) checkWhole('limit', limit);
  checkWhole('wantMs', wantMs);
}

/**
 * @returns `ttlMs` as a whole number, rounded up
 * @throws RangeError unless 0 < ttlMs
 */
export function checkedTtlMs(ttlMs: number): number {
  checkPositive('ttlMs', ttlMs);
  return Math.ceil(ttlMs);
}

function checkPositive(name: string, value: number): void {
  if (!Number.isFinite(value) || value <= 0) throw new RangeError(`${name} must be a number above 0`);
}

function checkWhole(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} must be a whole number, 0 or more`);
}
