import type { z } from 'zod';
import { ControlError, type InputProblem } from './control-error.js';

/** @throws ControlError `invalid_input` with every field that is wrong */
export function parsedInput<In extends z.ZodObject>(schema: In, given: unknown): z.output<In> {
  const parsed = schema.strict().safeParse(given);
  if (!parsed.success) throw invalid(problemsOf(parsed.error));
  const unkept = unkeptIn(given, []);
  if (unkept.length > 0) throw invalid(unkept);
  return parsed.data as z.output<In>;
}

const problemsOf = ({ issues }: z.ZodError): InputProblem[] =>
  issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'There is no such field.' }))
      : [{ path: issue.path.join('.'), message: issue.message }],
  );

/** No operation has a use for it, and the database and the audit have no place for it. */
const UNKEPT = /[\0\p{Surrogate}]/u;

function unkeptIn(given: unknown, path: readonly string[]): InputProblem[] {
  if (typeof given === 'string') {
    return UNKEPT.test(given) ? [{ path: path.join('.'), message: 'must be text, without NUL' }] : [];
  }
  if (typeof given !== 'object' || given === null) return [];
  return Object.entries(given).flatMap(([name, value]) => [
    ...unkeptIn(name, path),
    ...unkeptIn(value, [...path, name]),
  ]);
}

const invalid = (problems: readonly InputProblem[]): ControlError =>
  new ControlError('invalid_input', problems.map(({ path, message }) => `${path}: ${message}`).join('; '), problems);
