import { hash } from 'node:crypto';

/** 48 bits of a digest are twelve hex digits, and an exact number. */
const DIGITS = 12;
const RANGE = 2 ** 48;

/** The first 48 bits of SHA-256 as a number, big-endian. */
const digest48 = (text: string): number => Number.parseInt(hash('sha256', text, 'hex').slice(0, DIGITS), 16);

/**
 * Rendezvous hashing: how far an account is from a seed, above 0, at most 1. The nearest one serves. When an account goes,
 * only the seeds that it was nearest to move; when one comes, it takes an equal part from each.
 */
export const distance = (seed: string, id: string): number => 1 - digest48(`${seed}:${id}`) / RANGE;

/** A whole number below `count` that depends on the seed alone. */
export const startOf = (seed: string, count: number): number => digest48(seed) % count;
