{{/* A value as the environment has it: numbers of YAML come as floats, and 67108864 must not read 6.7108864e+07. */}}
{{- define "codex-pooler.envValue" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) -}}{{ int64 . }}{{- else -}}{{ toString . }}{{- end -}}
{{- end -}}

{{/* Variables that come from Secrets: (dict "root" $ "names" (list …)). */}}
{{- define "codex-pooler.secretEnv" -}}
{{- $root := .root -}}
{{- range $name := .names }}
{{- $from := index $root.Values.secrets.from $name }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ include "codex-pooler.secretName" (dict "root" $root "from" $from) }}
      key: {{ $from.key }}
      {{- if has $name (list "OPERATOR_TOKEN" "METRICS_TOKEN") }}
      optional: true
      {{- end }}
{{- end }}
{{- end -}}

{{/* What makes Node believe a certificate authority of one's own. */}}
{{- define "codex-pooler.caEnv" -}}
{{- with .Values.caBundle }}
{{- if or .configMap .secret }}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/codex-pooler/ca/{{ .key }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Everything that a gateway or a worker is told: (dict "root" $ "role" "gateway"). */}}
{{- define "codex-pooler.env" -}}
{{- $root := .root -}}
{{- $own := index $root.Values .role -}}
{{- include "codex-pooler.secretEnv" (dict "root" $root "names" (list "DATABASE_URL" "REDIS_URL" "SECRET_KEYS")) }}
{{- if eq .role "gateway" }}
{{- include "codex-pooler.secretEnv" (dict "root" $root "names" (list "OPERATOR_TOKEN")) }}
- name: PORT
  value: "4000"
{{- if $root.Values.seed }}
- name: SEED_FILE
  value: /etc/codex-pooler/seed/seed.yaml
{{- end }}
{{- else }}
- name: WORKER_PORT
  value: "4001"
{{- end }}
- name: DRAIN_MS
  value: {{ mul $own.drainSeconds 1000 | quote }}
- name: TERMINATION_GRACE_MS
  value: {{ mul (sub $own.terminationGracePeriodSeconds $own.preStopSeconds) 1000 | quote }}
- name: METRICS_PORT
  value: {{ ternary $root.Values.metrics.port 0 $root.Values.metrics.enabled | quote }}
{{- if $root.Values.metrics.enabled }}
{{- include "codex-pooler.secretEnv" (dict "root" $root "names" (list "METRICS_TOKEN")) }}
{{- end }}
{{- include "codex-pooler.caEnv" $root }}
{{- range $name, $value := $root.Values.config }}
- name: {{ $name }}
  value: {{ include "codex-pooler.envValue" $value | quote }}
{{- end }}
{{- with $root.Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}
