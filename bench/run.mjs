/** `npm run bench [-- --quick | accounting | sockets | soak | pair | profile]` */
const NAMES = ['all', 'accounting', 'sockets', 'soak', 'pair', 'profile'];
const [name = 'all'] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
if (!NAMES.includes(name)) throw new Error(`usage: npm run bench [-- --quick | ${NAMES.slice(1).join(' | ')}]`);
await import(`./${name}.mjs`);
