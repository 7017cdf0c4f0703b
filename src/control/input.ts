import type { z } from 'zod';
import { ControlError } from './control-error.js';

/** @throws ControlError `invalid_input` with every field that is wrong */
export function parsedInput<In extends z.ZodObject>(schema: In, given: unknown): z.output<In> {
  const parsed = schema.strict().safeParse(given);
  if (parsed.success) return parsed.data as z.output<In>;
  const problems = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'There is no such field.' }))
      : [{ path: issue.path.join('.'), message: issue.message }],
  );
  throw new ControlError(
    'invalid_input',
    problems.map(({ path, message }) => `${path}: ${message}`).join('; '),
    problems,
  );
}
