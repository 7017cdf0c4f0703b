/** `npm run bench [-- accounting|sockets]` */
const NAMES = ['relay', 'accounting', 'sockets'];
const [name = 'relay'] = process.argv.slice(2);
if (!NAMES.includes(name)) throw new Error(`usage: npm run bench [-- ${NAMES.join('|')}]`);
await import(`./${name}.mjs`);
