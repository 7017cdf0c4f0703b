import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { ended, root, start, startGuarded } from '../../scripts/children.mjs';
import { pin } from '../cores.mjs';

const ADDRESS = /postgres(ql)?:\/\/\S+|(http:\/\/)?(127\.0\.0\.1|localhost):\d+/;

/** The processes of one run. They go in the reverse of the order they came. */
export class Children {
  #started = [];

  /** A Node process of ours. @returns it, with the address it said it listens on */
  async serve(file, args, { env = {}, core, flags = [] } = {}) {
    const child = startGuarded(join(root, file), args, {
      env: { ...process.env, NODE_OPTIONS: flags.join(' '), ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return this.#addressOf(child, file, core);
  }

  /** Any other command. @param ready asked again and again whether it serves */
  async run(command, args, { env = {}, core, ready }) {
    const child = start(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
    this.#started.push(child);
    while (!(await ready())) {
      if (child.exitCode !== null) throw new Error(`${command} ended before it served`);
      await new Promise((again) => setTimeout(again, 50));
    }
    pin(child.pid, core);
    return child;
  }

  /** One that was started elsewhere. */
  adopt(child) {
    this.#started.push(child);
  }

  /** Ends one of them before the others. */
  async end(child) {
    this.#started = this.#started.filter((each) => each !== child);
    const gone = ended(child);
    child.kill('SIGTERM');
    await gone;
  }

  async stop() {
    for (const child of this.#started.splice(0).reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = ended(child);
      child.kill('SIGTERM');
      await gone;
    }
  }

  async #addressOf(child, file, core) {
    this.#started.push(child);
    if (core !== undefined) pin(child.pid, core);
    for await (const line of createInterface({ input: child.stdout })) {
      const [found] = ADDRESS.exec(line) ?? [];
      if (found === undefined) continue;
      child.stdout.resume();
      if (core !== undefined) pin(child.pid, core);
      return { child, address: found.includes('://') ? found : `http://${found}` };
    }
    throw new Error(`${file} ended before it served`);
  }
}
