import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { KubernetesObject } from './objects.js';

type ModelClass = new (object: object) => { validate(): void };

const requireModel = createRequire(resolve(__dirname, '../clients-helm/package.json'));
const PACKAGES: Readonly<Record<string, string>> = {
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'external-secrets.io': '@kubernetes-models/external-secrets',
};
/** Of which the models know an older version only, which had the same fields. */
const KNOWN_AS: Readonly<Record<string, string>> = { 'external-secrets.io/v1': 'external-secrets.io/v1beta1' };

/**
 * What the schema of the object's kind has against it; empty when nothing. A field that the schema does not know counts:
 * the API server drops it in silence.
 *
 * @throws Error for a kind or a version that does not exist
 */
export function problemsOf(object: KubernetesObject): string[] {
  const apiVersion = KNOWN_AS[object.apiVersion] ?? object.apiVersion;
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const path = [PACKAGES[group ?? ''] ?? 'kubernetes-models', group, version, object.kind].filter(Boolean).join('/');
  const Model = (requireModel(path) as Record<string, ModelClass>)[object.kind];
  if (Model === undefined) throw new Error(`There is no ${object.apiVersion} ${object.kind}.`);
  const unread = new Set<string>();
  const fields = Object.entries({ ...object, apiVersion }).map(([name, value]) => [name, watched(value, name, unread)]);
  try {
    new Model(Object.fromEntries(fields) as object).validate();
  } catch (error) {
    return [`${object.kind} ${object.metadata.name}: ${String(error)}`];
  }
  return [...unread].map((field) => `${object.kind} ${object.metadata.name}: there is no field ${field}`);
}

/** An object that the models do not copy before they look at it. */
class Watched {}

/** A validator reads every field that it knows, and no other. */
function watched(value: unknown, path: string, unread: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item, index) => watched(item, `${path}[${index}]`, unread));
  const inside = Object.entries(value).map(
    ([name, inner]) => [name, watched(inner, `${path}.${name}`, unread)] as const,
  );
  for (const [name] of inside) unread.add(`${path}.${name}`);
  return new Proxy(Object.assign(new Watched(), Object.fromEntries(inside)), {
    get: (target, name) => {
      unread.delete(`${path}.${String(name)}`);
      return Reflect.get(target, name) as unknown;
    },
  });
}
