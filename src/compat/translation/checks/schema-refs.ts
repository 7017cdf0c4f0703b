import { asFields, type Fields } from '../../../core/index.js';

const TABLES: ReadonlySet<string | undefined> = new Set(['$defs', 'definitions']);

/** Where the references of one schema lead. */
export class SchemaRefs {
  /** References that were followed to their end before. */
  private readonly sound = new Set<unknown>();

  constructor(private readonly root: Fields) {}

  /** Whether a reference ends at a schema of the root's definition tables, or at the root itself. */
  leadsToSchema(ref: unknown): boolean {
    const passed = new Set<unknown>();
    let next = ref;
    while (next !== undefined && !this.sound.has(next)) {
      const schema = typeof next === 'string' && !passed.has(next) ? asFields(this.target(next)) : undefined;
      if (schema === undefined) return false;
      passed.add(next);
      next = schema['$ref'];
    }
    for (const each of passed) this.sound.add(each);
    return true;
  }

  private target(ref: string): unknown {
    if (ref === '#') return this.root;
    if (!ref.startsWith('#/')) return undefined;
    const steps = ref.slice(2).split('/').map(unescaped);
    if (steps.length < 2 || !TABLES.has(steps[0])) return undefined;
    return steps.reduce<unknown>((node, step) => own(node, step), this.root);
  }
}

const own = (node: unknown, name: string): unknown =>
  typeof node === 'object' && node !== null && Object.hasOwn(node, name) ? (node as Fields)[name] : undefined;

/** One step of a JSON pointer in a URI fragment (RFC 6901 §6). */
const unescaped = (step: string): string =>
  /[%~]/.test(step) ? decoded(step).replaceAll('~1', '/').replaceAll('~0', '~') : step;

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
