import { InvalidArgumentError } from 'commander';

/** A reader of option values: digits, within bounds. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!(value >= least && value <= most)) throw new InvalidArgumentError(`Not a number from ${least} to ${most}.`);
    return value;
  };
