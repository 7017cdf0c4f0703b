/** Loaded into a child before its own code: when the parent is gone, so is the reason to run, and whoever was listening. */
process.once('disconnect', () => {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.kill(process.pid, 'SIGTERM');
});
process.channel?.unref();
