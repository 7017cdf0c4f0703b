import { InvalidArgumentError } from 'commander';

const DAY = /^\d{4}-\d\d-\d\d$/;

/** A UTC day, `2027-01-31`, as the Unix time in milliseconds of its begin. */
export function utcDay(text: string): number {
  const ms = DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) {
    throw new InvalidArgumentError('Not a day, such as 2027-01-31.');
  }
  return ms;
}

/** A UTC day or an ISO 8601 time, as Unix time in milliseconds. */
export function utcTime(text: string): number {
  if (DAY.test(text)) return utcDay(text);
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Not a time, such as 2027-01-31 or 2027-01-31T15:00:00Z.');
  return ms;
}
