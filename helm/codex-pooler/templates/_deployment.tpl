{{/* A gateway and a worker differ in what they are told, not in how they live: (dict "root" $ "role" "gateway" "port" 4000). */}}
{{- define "codex-pooler.deployment" -}}
{{- $root := .root -}}
{{- $own := index $root.Values .role -}}
{{- $seeded := and (eq .role "gateway") $root.Values.seed -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "codex-pooler.fullname" $root }}-{{ .role }}
  labels:
    {{- include "codex-pooler.labels" . | nindent 4 }}
spec:
  {{- if not (and $own.autoscaling (($own.autoscaling).enabled)) }}
  replicas: {{ $own.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  selector:
    matchLabels:
      {{- include "codex-pooler.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "codex-pooler.labels" . | nindent 8 }}
        {{- with $own.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- if or $seeded $own.podAnnotations }}
      annotations:
        {{- if $seeded }}
        checksum/seed: {{ toYaml $root.Values.seed | sha256sum }}
        {{- end }}
        {{- with $own.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
    spec:
      {{- include "codex-pooler.podBasics" $root | nindent 6 }}
      serviceAccountName: {{ include "codex-pooler.serviceAccountName" $root }}
      terminationGracePeriodSeconds: {{ $own.terminationGracePeriodSeconds }}
      {{- include "codex-pooler.scheduling" . | trim | nindent 6 }}
      containers:
        - name: {{ .role }}
          {{- include "codex-pooler.containerBasics" $root | nindent 10 }}
          args: [serve, --role, {{ .role }}]
          ports:
            - { name: http, containerPort: {{ .port }} }
            {{- if $root.Values.metrics.enabled }}
            - { name: metrics, containerPort: {{ $root.Values.metrics.port }} }
            {{- end }}
          env:
            {{- include "codex-pooler.env" . | trim | nindent 12 }}
          {{- with $root.Values.extraEnvFrom }}
          envFrom:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          startupProbe:
            {{- include "codex-pooler.probe" (dict "path" "/startupz" "period" 2 "timeout" 2 "failures" 60) | nindent 12 }}
          livenessProbe:
            {{- include "codex-pooler.probe" (dict "path" "/livez" "period" 10 "timeout" 5 "failures" 6) | nindent 12 }}
          readinessProbe:
            {{- include "codex-pooler.probe" (dict "path" "/readyz" "period" 5 "timeout" 4 "failures" 2) | nindent 12 }}
          {{- if gt (int $own.preStopSeconds) 0 }}
          lifecycle:
            preStop:
              exec: { command: [sleep, {{ $own.preStopSeconds | quote }}] }
          {{- end }}
          resources:
            {{- toYaml $own.resources | nindent 12 }}
          volumeMounts:
            {{- include "codex-pooler.volumeMounts" $root | nindent 12 }}
            {{- if $seeded }}
            - name: seed
              mountPath: /etc/codex-pooler/seed
              readOnly: true
            {{- end }}
      volumes:
        {{- include "codex-pooler.volumes" $root | nindent 8 }}
        {{- if $seeded }}
        - name: seed
          configMap: { name: {{ include "codex-pooler.fullname" $root }}-seed }
        {{- end }}
{{- end -}}
