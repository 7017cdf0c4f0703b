{{/* What would render and then not work. Each sentence begins with the value that is wrong and says what to do. */}}
{{- define "codex-pooler.guards" -}}
{{- include "codex-pooler.guardStores" . -}}
{{- include "codex-pooler.guardVariables" . -}}
{{- include "codex-pooler.guardSecrets" . -}}
{{- include "codex-pooler.guardDrain" . -}}
{{- include "codex-pooler.guardScaling" . -}}
{{- include "codex-pooler.guardDoors" . -}}
{{- end -}}

{{- define "codex-pooler.guardStores" -}}
{{- range $store, $name := dict "postgresql" "DATABASE_URL" "redis" "REDIS_URL" -}}
{{- if ((index $.Values $store | default dict).enabled) -}}
{{- fail (printf "%s.enabled: this chart brings no store of its own. Run one that outlives a release, and put its address into the Secret as %s." $store $name) -}}
{{- end -}}
{{- end -}}
{{- range $name := list "DATA_DIR" "PG_BIN_DIR" -}}
{{- if hasKey $.Values.config $name -}}
{{- fail (printf "config.%s: the embedded PostgreSQL is for one machine; in a cluster its data would go with the pod. Name a PostgreSQL in the Secret as DATABASE_URL." $name) -}}
{{- end -}}
{{- end -}}
{{- if eq (toString .Values.config.MODE) "local" -}}
{{- fail "config.MODE: local mode serves one person on one machine. Leave it out." -}}
{{- end -}}
{{- end -}}

{{- define "codex-pooler.guardVariables" -}}
{{- $own := dict "PORT" "service.port" "WORKER_PORT" "service.port" "DRAIN_MS" "gateway.drainSeconds and worker.drainSeconds" "TERMINATION_GRACE_MS" "terminationGracePeriodSeconds of gateway and worker" "SEED_FILE" "seed" "METRICS_PORT" "metrics.port" -}}
{{- range $name, $value := $own -}}
{{- if hasKey $.Values.config $name -}}
{{- fail (printf "config.%s: the chart sets it. Use %s." $name $value) -}}
{{- end -}}
{{- end -}}
{{- $secrets := list "DATABASE_URL" "REDIS_URL" "SECRET_KEYS" "OPERATOR_TOKEN" "API_KEY" "METRICS_TOKEN" "OTEL_EXPORTER_OTLP_HEADERS" "OTEL_EXPORTER_OTLP_TRACES_HEADERS" -}}
{{- range $name := $secrets -}}
{{- if hasKey $.Values.config $name -}}
{{- fail (printf "config.%s: it is a secret, and values are not. Put it into a Secret, and name that in secrets or extraEnvFrom." $name) -}}
{{- end -}}
{{- end -}}
{{- range $entry := .Values.extraEnv -}}
{{- if and (has $entry.name $secrets) (hasKey $entry "value") -}}
{{- fail (printf "extraEnv: %s is a secret, and values are not. Give it a valueFrom." $entry.name) -}}
{{- end -}}
{{- if or (hasKey $.Values.config $entry.name) (hasKey $own $entry.name) -}}
{{- fail (printf "extraEnv: %s is set already, and Kubernetes would take one of the two." $entry.name) -}}
{{- end -}}
{{- end -}}
{{- if has (toString .Values.config.HOST) (list "127.0.0.1" "localhost" "::1") -}}
{{- fail "config.HOST: on loopback nobody outside of the pod is answered, probes neither. Use 0.0.0.0, or :: for IPv6." -}}
{{- end -}}
{{- end -}}

{{- define "codex-pooler.guardSecrets" -}}
{{- $external := .Values.externalSecret -}}
{{- range $name := list "DATABASE_URL" "REDIS_URL" "SECRET_KEYS" -}}
{{- if not (or $.Values.secrets.existingSecret $external.enabled (index $.Values.secrets.from $name).secret) -}}
{{- fail (printf "secrets.existingSecret: it is empty, and externalSecret.enabled is false. Name the Secret that holds %s." $name) -}}
{{- end -}}
{{- end -}}
{{- if and $external.enabled (not $external.secretStoreRef.name) -}}
{{- fail "externalSecret.secretStoreRef.name: name the store that External Secrets reads." -}}
{{- end -}}
{{- if and $external.enabled (not $external.data) (not $external.dataFrom) -}}
{{- fail "externalSecret.data: say where DATABASE_URL, REDIS_URL and SECRET_KEYS are in the store, or use externalSecret.dataFrom." -}}
{{- end -}}
{{- if and .Values.caBundle.configMap .Values.caBundle.secret -}}
{{- fail "caBundle: name a ConfigMap or a Secret, not both." -}}
{{- end -}}
{{- end -}}

{{- define "codex-pooler.guardDrain" -}}
{{- range $role := list "gateway" "worker" -}}
{{- $own := index $.Values $role -}}
{{- $needed := int (add $own.preStopSeconds $own.drainSeconds 12) -}}
{{- if lt (int $own.terminationGracePeriodSeconds) $needed -}}
{{- fail (printf "%s.terminationGracePeriodSeconds: %d is too short. preStopSeconds, drainSeconds and 12 seconds for what follows need %d, or Kubernetes kills what was promised to finish." $role (int $own.terminationGracePeriodSeconds) $needed) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "codex-pooler.guardScaling" -}}
{{- with .Values.gateway.autoscaling -}}
{{- if .enabled -}}
{{- if gt (int .minReplicas) (int .maxReplicas) -}}
{{- fail (printf "gateway.autoscaling.minReplicas: %d is more than maxReplicas, %d." (int .minReplicas) (int .maxReplicas)) -}}
{{- end -}}
{{- if not ((($.Values.gateway.resources).requests).cpu) -}}
{{- fail "gateway.autoscaling.enabled: a share of the CPU needs gateway.resources.requests.cpu to be a share of." -}}
{{- end -}}
{{- if and .openStreams.enabled (not .openStreams.metric) -}}
{{- fail "gateway.autoscaling.openStreams.metric: name the metric of pods that your adapter serves." -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "codex-pooler.guardDoors" -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- fail "ingress.hosts: name at least one host." -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.parentRefs: name the Gateway that the route belongs to." -}}
{{- end -}}
{{- range $name := list "serviceMonitor" "prometheusRule" "dashboards" -}}
{{- if and (index $.Values.metrics $name).enabled (not $.Values.metrics.enabled) -}}
{{- fail (printf "metrics.%s.enabled: there is nothing to read while metrics.enabled is false." $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
