import { ESLint } from 'eslint';

/**
 * Lints texts as if they were files of the project: `[{ filePath, text }]` as JSON on stdin, ESLint's results as JSON on
 * stdout. A process of its own, because ESLint imports its configuration and Jest's sandbox cannot.
 */
let input = '';
for await (const chunk of process.stdin) input += chunk;
const eslint = new ESLint();
const results = [];
for (const { filePath, text } of JSON.parse(input)) results.push(...(await eslint.lintText(text, { filePath })));
process.stdout.write(JSON.stringify(results.map(({ messages }) => messages)));
