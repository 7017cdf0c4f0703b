{{- define "codex-pooler.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 50 characters: the longest suffix of ours needs the rest of 63. */}}
{{- define "codex-pooler.fullname" -}}
{{- $name := include "codex-pooler.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Of one role: (dict "root" $ "role" "gateway"). They never change: a Deployment's selector cannot. */}}
{{- define "codex-pooler.selectorLabels" -}}
app.kubernetes.io/name: {{ include "codex-pooler.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .role }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- define "codex-pooler.labels" -}}
{{ include "codex-pooler.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "codex-pooler.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (default .Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "codex-pooler.serviceAccountName" -}}
{{- $fallback := ternary (include "codex-pooler.fullname" .) "default" .Values.serviceAccount.create -}}
{{- default $fallback .Values.serviceAccount.name -}}
{{- end -}}

{{/* The Secret of one variable: (dict "root" $ "from" $entry). */}}
{{- define "codex-pooler.secretName" -}}
{{- default (default (include "codex-pooler.fullname" .root) .root.Values.secrets.existingSecret) .from.secret -}}
{{- end -}}
