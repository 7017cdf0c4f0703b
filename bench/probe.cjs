const { writeFileSync } = require('node:fs');
const { Session } = require('node:inspector');
const { monitorEventLoopDelay } = require('node:perf_hooks');

/**
 * Loaded into a gateway before its own code; asked over the IPC channel, it measures from the inside. `watch` and `stalled`:
 * how long the event loop stood still at most, in milliseconds. `profile` and `profiled`: where its processor time went.
 * Until asked it costs nothing.
 */
const RESOLUTION_MS = 1;
const SAMPLE_US = 200;
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
const session = new Session();
const post = (method, params) =>
  new Promise((done, failed) =>
    session.post(method, params, (error, result) => (error ? failed(error) : done(result))),
  );

const ACTIONS = {
  watch() {
    histogram.reset();
    histogram.enable();
  },
  stalled() {
    histogram.disable();
    // What it records is the time between two ticks.
    return { stallMs: Math.max(0, histogram.max / 1e6 - RESOLUTION_MS) };
  },
  async profile() {
    session.connect();
    await post('Profiler.enable');
    await post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
    await post('Profiler.start');
  },
  async profiled({ file }) {
    const { profile } = await post('Profiler.stop');
    session.disconnect();
    writeFileSync(file, JSON.stringify(profile));
  },
};

process.on('message', (message) => {
  const action = ACTIONS[message?.probe];
  if (action === undefined) return;
  void Promise.resolve(action(message)).then((answer) => process.send({ probe: message.probe, ...answer }));
});
// A listener alone would keep the process alive.
process.channel?.unref();
