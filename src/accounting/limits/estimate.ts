import type { EstimatedUsage } from '../../core/index.js';

/** Of the text that people and programs send, about so many bytes are one token. */
const BYTES_PER_TOKEN = 4;
/** More than any model reads: a larger body is pictures or files. */
const MOST_INPUT = 400_000;
const LEAST_OUTPUT = 512;
/** More than any model writes: who asks for more must not come to an amount that has no price any more. */
const MOST_OUTPUT = 1_000_000;

/**
 * What a call may come to, before anybody knows.
 *
 * @param bodyBytes of the request
 * @param maxOutputTokens that the client asked for, if it did
 */
export const estimate = (bodyBytes: number, maxOutputTokens = 0): EstimatedUsage => ({
  input: Math.min(MOST_INPUT, Math.ceil(bodyBytes / BYTES_PER_TOKEN)),
  output: Math.min(MOST_OUTPUT, Math.max(LEAST_OUTPUT, maxOutputTokens)),
});
