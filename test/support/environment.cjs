const { createRequire } = require('node:module');
const vm = require('node:vm');

// As Jest itself finds them.
const ofJest = createRequire(require.resolve('jest'));
const { TestEnvironment } = ofJest('jest-environment-node');
const { ModernFakeTimers } = ofJest('@jest/fake-timers');
const { ModuleMocker } = ofJest('jest-mock');

/** Of Jest; what has one logger a process, the first; and what ships ES modules only: `esmOnly` of jest.config.cjs. */
const LOADED_BY_JEST =
  /\/node_modules\/(?:@?jest|@sinclair|@sinonjs|expect|pretty-format|nestjs-pino|uuid|fast-check|pure-rand)\b/;
const OF_JEST = /jest|matchers/i;

/**
 * Jest compiles and runs every module again for every test file, packages too: for a file that starts the gateway that is
 * most of its work. Within a worker this has packages loaded by Node, once, and hands V8 what it made of our own modules
 * the time before; they, and what they hold, are new for each file. What packages are given has to be of their own realm
 * (`instanceof Error`): so all files run in that of the worker, and what one changed of the global object is put back.
 */
const compiled = new Map();
const { compileFunction } = vm;

vm.compileFunction = (code, parameters, given) => {
  const { filename } = given;
  if (filename.includes('/node_modules/') && !LOADED_BY_JEST.test(filename)) {
    return (module) => {
      module.exports = createRequire(filename)(filename);
    };
  }
  const options = { ...given, parsingContext: undefined };
  const known = compiled.get(filename);
  if (known?.code === code) return compileFunction(code, parameters, { ...options, cachedData: known.data });
  const made = compileFunction(code, parameters, { ...options, produceCachedData: true });
  compiled.set(filename, { code, data: made.cachedData });
  return made;
};

const globals = () =>
  new Map(Reflect.ownKeys(globalThis).map((key) => [key, Object.getOwnPropertyDescriptor(globalThis, key)]));

function putBack(before) {
  for (const [key, { value, configurable }] of globals()) {
    const was = before.get(key);
    if (!configurable || OF_JEST.test(String(key)) || (was !== undefined && was.value === value)) continue;
    if (was === undefined) delete globalThis[key];
    else Object.defineProperty(globalThis, key, was);
  }
}

module.exports = class SharedPackages extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.ofJest = this.global;
    this.before = globals();
    this.variables = { ...process.env };
    this.global = globalThis;
    this.fakeTimersModern = new ModernFakeTimers({ config: config.projectConfig, global: globalThis });
    this.moduleMocker = new ModuleMocker(globalThis);
  }

  async teardown() {
    this.fakeTimersModern.dispose();
    putBack(this.before);
    for (const name of Object.keys(process.env)) if (!(name in this.variables)) delete process.env[name];
    Object.assign(process.env, this.variables);
    this.global = this.ofJest;
    await super.teardown();
  }
};
