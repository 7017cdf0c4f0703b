/** Loaded into a process before its own code: on SIGUSR2 it writes the files that it has loaded so far, one per line. */
process.on('SIGUSR2', () => {
  process.stdout.write(`${Object.keys(require.cache).join('\n')}\nloaded: ${Object.keys(require.cache).length}\n`);
});
