import type { Operation } from '../../control/index.js';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h2{border-bottom:1px solid #ccc;margin-top:2.5rem}code{background:#f2f2f2;padding:.1em .3em}
dt{margin-top:1rem;font-weight:600}dd{margin:0 0 0 1.5rem}@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}code{background:#2b2b2b}}`;

/** The API for people, in one page that loads nothing. The whole description is beside it, as OpenAPI. */
export function docsPage(operations: readonly Operation[], version: string): string {
  const things = [...new Set(operations.map(thingOf))].sort();
  const sections = things.map((thing) =>
    sectionOf(
      thing,
      operations.filter((each) => thingOf(each) === thing),
    ),
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Codex Pooler operator API</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>${STYLE}</style></head><body>
<h1>Codex Pooler operator API ${escaped(version)}</h1>
<p>Send <code>Authorization: Bearer opr-cxp-…</code>. The description in OpenAPI 3.1: <a href="/api/v1/openapi.json">/api/v1/openapi.json</a></p>
${sections.join('\n')}</body></html>`;
}

const thingOf = ({ name }: Operation): string => name.split('.')[0] ?? '';

const sectionOf = (thing: string, operations: readonly Operation[]): string =>
  `<h2>${escaped(thing)}</h2><dl>${operations.map(entryOf).join('')}</dl>`;

const entryOf = ({ method, path, summary, scope, input }: Operation): string =>
  `<dt><code>${method} /api/v1${escaped(path)}</code></dt><dd>${escaped(summary)}. Scope <code>${scope}</code>.` +
  `${fieldsOf(Object.keys(input.shape))}</dd>`;

const fieldsOf = (names: readonly string[]): string =>
  names.length === 0 ? '' : ` Fields: ${names.map((name) => `<code>${escaped(name)}</code>`).join(', ')}.`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
