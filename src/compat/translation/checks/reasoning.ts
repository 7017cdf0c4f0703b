import { asFields, type Fields } from '../../../core/index.js';
import { invalid } from './invalid.js';

/** A name of a level; which ones a model knows is the upstream's to say. */
const EFFORT = /^(?!.*[_-]{2})[a-z0-9][a-z0-9_-]*$/;
const MAX_EFFORT_LENGTH = 32;
const CHOICES: ReadonlyMap<string, readonly string[]> = new Map([
  ['summary', ['auto', 'concise', 'detailed']],
  ['context', ['auto', 'current_turn', 'all_turns']],
]);

/**
 * The `reasoning` object of a Responses request, its words trimmed and in lower case; `undefined` where there is none.
 *
 * @throws GatewayError `invalid_request`
 */
export function reasoningOf(given: unknown, param = 'reasoning'): Fields | undefined {
  if (given === undefined || given === null) return undefined;
  const fields = asFields(given);
  if (fields === undefined) throw invalid(param, `${param} must be an object`);
  const said = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(said.map(([name, value]) => [name, wordOf(name, value, `${param}.${name}`)]));
}

/**
 * A reasoning effort as the client spelled it, in lower case; `undefined` where there is none.
 *
 * @param param the client's name for it, such as `reasoning_effort`
 * @throws GatewayError `invalid_request`
 */
export function effortOf(given: unknown, param: string): string | undefined {
  if (given === undefined || given === null) return undefined;
  const effort = lower(given);
  if (effort === undefined || effort.length > MAX_EFFORT_LENGTH || !EFFORT.test(effort)) {
    throw invalid(param, `${param} must be the name of a reasoning effort, such as low, medium or high`);
  }
  return effort;
}

function wordOf(name: string, given: unknown, param: string): string | undefined {
  if (name === 'effort') return effortOf(given, param);
  const choices = CHOICES.get(name);
  if (choices === undefined) throw invalid(param, `${param} is not a known reasoning setting`);
  const word = lower(given);
  if (word === undefined || !choices.includes(word))
    throw invalid(param, `${param} must be one of ${choices.join(', ')}`);
  return word;
}

const lower = (given: unknown): string | undefined =>
  typeof given === 'string' ? given.trim().toLowerCase() : undefined;
