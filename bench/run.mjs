/** `npm run bench [-- sockets]` */
const [name = 'relay'] = process.argv.slice(2);
if (!['relay', 'sockets'].includes(name)) throw new Error('usage: npm run bench [-- relay|sockets]');
await import(`./${name}.mjs`);
