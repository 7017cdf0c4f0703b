{{/* What all pods of ours have in common, around their containers. */}}
{{- define "codex-pooler.podBasics" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- end -}}

{{- define "codex-pooler.containerBasics" -}}
image: {{ include "codex-pooler.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  {{- toYaml .Values.containerSecurityContext | nindent 2 }}
{{- end -}}

{{/* Nothing is written by the gateway itself; tools that one runs beside it want a place. */}}
{{- define "codex-pooler.volumes" -}}
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
{{- with .Values.caBundle }}
{{- if .configMap }}
- name: ca
  configMap: { name: {{ .configMap }} }
{{- else if .secret }}
- name: ca
  secret: { secretName: {{ .secret }} }
{{- end }}
{{- end }}
{{- end -}}

{{- define "codex-pooler.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
{{- if or .Values.caBundle.configMap .Values.caBundle.secret }}
- name: ca
  mountPath: /etc/codex-pooler/ca
  readOnly: true
{{- end }}
{{- end -}}

{{- define "codex-pooler.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
periodSeconds: {{ .period }}
timeoutSeconds: {{ .timeout }}
failureThreshold: {{ .failures }}
{{- end -}}

{{/* Where pods of a role go: (dict "root" $ "role" "gateway"). */}}
{{- define "codex-pooler.scheduling" -}}
{{- $own := index .root.Values .role -}}
{{- with $own.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $own.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $own.topologySpread.enabled }}
topologySpreadConstraints:
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ $own.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "codex-pooler.selectorLabels" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- end -}}
