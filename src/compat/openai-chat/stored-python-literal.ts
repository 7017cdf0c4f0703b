const TOKEN = /\s*(?:('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(True|False|None)|(-?\d+(?:\.\d+)?)|([{}:,]))\s*/sy;
const WORDS: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'null' };
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** The JSON text of a flat Python dictionary, such as `{'team': 'red', 'done': True}`; `undefined` for what is none. */
export function pythonLiteralAsJson(text: string): string | undefined {
  const json: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text);
    if (token === null) return undefined;
    const [, quoted, word, number, sign] = token;
    json.push(quoted === undefined ? (WORDS[word ?? ''] ?? number ?? sign ?? '') : JSON.stringify(unquoted(quoted)));
  }
  return json.join('');
}

const unquoted = (quoted: string): string =>
  quoted.slice(1, -1).replace(/\\(.)/gs, (_, escaped: string) => ESCAPES[escaped] ?? escaped);
