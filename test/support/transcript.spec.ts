import { lasting, Transcript } from './transcript.js';

const SECRET = 'x'.repeat(43);
const PAGE = `# Page

\`\`\`console
$ make one
sk-cxp-aaaaaaaaaaaa-…
$ show sk-cxp-aaaaaaaaaaaa \\
    --all
AGE  ID
2 s  sk-cxp-aaaaaaaaaaaa
\`\`\`

Words between.

\`\`\`console
$ count
2 items
\`\`\`
`;

describe('a transcript', () => {
  it('has the commands of a page, and what they print', () => {
    expect(new Transcript(PAGE).steps).toEqual([
      { line: 4, command: 'make one', output: 'sk-cxp-aaaaaaaaaaaa-…\n' },
      { line: 6, command: 'show sk-cxp-aaaaaaaaaaaa \\\n    --all', output: 'AGE  ID\n2 s  sk-cxp-aaaaaaaaaaaa\n' },
      { line: 15, command: 'count', output: '2 items\n' },
    ]);
  });

  it('asks later for what an earlier command made in this run, and hears when it is called otherwise', () => {
    const page = new Transcript(PAGE);
    const [made, show] = page.steps;
    if (made === undefined || show === undefined) throw new Error('The page has steps.');
    expect(page.carry(made, `sk-cxp-bbbbbbbbbbbb-${SECRET}\n`)).toEqual([]);
    expect(page.commandOf(show)).toBe('show sk-cxp-bbbbbbbbbbbb \\\n    --all');
    expect(page.carry(show, 'AGE  ID\n2 s  sk-cxp-bbbbbbbbbbbb\n')).toEqual([]);
    expect(page.carry(show, 'AGE  ID\n2 s  sk-cxp-cccccccccccc\n')).toEqual(['sk-cxp-aaaaaaaaaaaa']);
  });

  it.each([
    ['other times, ids and widths', 'AGE     ID\n14 min  sk-cxp-bbbbbbbbbbbb\n', true],
    ['other words', 'AGE  NAME\n2 s  sk-cxp-bbbbbbbbbbbb\n', false],
  ])('tells another run by anything but what passes: %s', (_, printed, isSame) => {
    const page = new Transcript(PAGE);
    const expected = page.steps.map((step) => page.expected(step));
    expect(lasting(printed) === expected[1]).toBe(isSame);
  });

  it('is written anew with what was printed, and without secrets', () => {
    const page = new Transcript(PAGE);
    const printed = [`sk-cxp-bbbbbbbbbbbb-${SECRET}\n`, 'none \n', '3 items\n1 more\n'];
    page.steps.forEach((step, at) => page.carry(step, printed[at] ?? ''));
    expect(page.rewritten(printed)).toBe(
      PAGE.replaceAll('aaaaaaaaaaaa', 'bbbbbbbbbbbb')
        .replace('AGE  ID\n2 s  sk-cxp-bbbbbbbbbbbb', 'none')
        .replace('2 items', '3 items\n1 more'),
    );
  });
});
