import fc from 'fast-check';

type Path = readonly (string | number)[];

/** What a field holds that a client got wrong, or that somebody put there on purpose. */
const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    ...[null, true, false, 0, -1, 1.5, 1e308, '', ' ', '\u0000', '\ud800', '__proto__', [], {}, [[]], [null], [{}]],
    ...[
      'auto',
      'none',
      'user',
      'tool',
      'text',
      'function',
      'message',
      'reasoning',
      'input_image',
      'data:,',
      'image_url',
    ],
  ),
  fc.string({ maxLength: 40, unit: 'binary' }),
  fc.jsonValue({ maxDepth: 4 }),
  fc.integer({ min: 1, max: 5_000 }).map((depth) => `nested ${depth} deep`),
  fc.integer({ min: 1, max: 20_000 }).map((length) => 'x'.repeat(length)),
  fc.integer({ min: 1, max: 300 }).map((length) => Array.from({ length }, () => ({ type: 'text', text: 'a' }))),
);

/** One change of a valid body: a field replaced, taken away, doubled, or an unknown one beside it. */
const change = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'double', 'add'),
  value: junk,
});

/** Bodies that are almost right, in the form in which they are sent. Some are no JSON at all, or no object. */
export const junkBody = (valid: readonly object[]): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 30,
      arbitrary: fc
        .tuple(fc.constantFrom(...valid), fc.array(change, { minLength: 1, maxLength: 4 }))
        .map(([body, changes]) => withNests(JSON.stringify(changes.reduce<unknown>(changed, structuredClone(body))))),
    },
    { weight: 1, arbitrary: fc.json({ maxDepth: 6 }) },
    { weight: 1, arbitrary: fc.string({ maxLength: 200, unit: 'binary' }) },
  );

function changed(body: unknown, { at, how, value: shared }: { at: number; how: string; value: unknown }): unknown {
  const value = structuredClone(shared);
  const paths = pathsOf(body);
  const path = paths[at % Math.max(1, paths.length)] ?? [];
  const last = path.at(-1);
  const holder = path
    .slice(0, -1)
    .reduce<unknown>((held, step) => (held as Record<string | number, unknown>)[step], body);
  if (last === undefined || typeof holder !== 'object' || holder === null) return value;
  const fields = holder as Record<string | number, unknown>;
  if (how === 'remove') Reflect.deleteProperty(holder, last);
  else if (how === 'double' && Array.isArray(holder)) holder.push(fields[last]);
  else if (how === 'add' && !Array.isArray(holder)) fields['unheard_of'] = value;
  else fields[last] = value;
  return body;
}

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null || path.length > 8) return [path];
  const own = path.length === 0 ? [] : [path];
  const entries = Object.entries(value).slice(0, 30);
  return [
    ...own,
    ...entries.flatMap(([name, held]) => pathsOf(held, [...path, Array.isArray(value) ? Number(name) : name])),
  ];
}

/** Nested without end where the text says so: no serialiser would get that far down. */
const withNests = (json: string): string =>
  json.replace(/"nested (\d+) deep"/g, (_, depth: string) => {
    const levels = Number(depth);
    return `${'[{"content":'.repeat(levels)}0${'}]'.repeat(levels)}`;
  });
