/** What the tests look at of the objects that the chart makes; their schemas are checked apart. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly command?: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env?: readonly EnvEntry[];
  readonly envFrom?: readonly unknown[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly resources?: { readonly requests?: object; readonly limits?: { readonly memory?: string } };
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}
export interface EnvEntry {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
}
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}
export interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly serviceAccountName: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly [Container];
  readonly volumes?: readonly { readonly name: string }[];
  readonly topologySpreadConstraints?: readonly unknown[];
}
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  /** Of most kinds. */
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

/** The pods that objects make, with the role that each has. */
export function podsOf(objects: readonly KubernetesObject[]): { role: string; kind: string; pod: PodSpec }[] {
  return objects.flatMap(({ kind, metadata, spec }) => {
    const role = metadata.labels['app.kubernetes.io/component'] ?? '';
    if (kind === 'Pod') return [{ role, kind, pod: spec as unknown as PodSpec }];
    const template = spec?.['template'] as { spec: PodSpec } | undefined;
    return template === undefined ? [] : [{ role, kind, pod: template.spec }];
  });
}

export const ofKind = (objects: readonly KubernetesObject[], kind: string): KubernetesObject[] =>
  objects.filter((object) => object.kind === kind);
