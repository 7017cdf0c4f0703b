{{- define "codex-pooler.ports" -}}
{{- range . }}
- { protocol: TCP, port: {{ . }} }
{{- end }}
{{- end -}}

{{/* What every pod of ours calls: names, PostgreSQL, Redis. */}}
{{- define "codex-pooler.storeEgress" -}}
- ports:
    - { protocol: UDP, port: 53 }
    - { protocol: TCP, port: 53 }
{{- range $store := list .Values.networkPolicy.postgres .Values.networkPolicy.redis }}
- ports:
    {{- include "codex-pooler.ports" $store.ports | trim | nindent 4 }}
  {{- with $store.to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* The providers, on public addresses: no neighbour in the cluster and no metadata service. */}}
{{- define "codex-pooler.publicEgress" -}}
- ports:
    - { protocol: TCP, port: 443 }
  to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: [10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16]
    - ipBlock:
        cidr: '::/0'
        except: ['::1/128', 'fc00::/7', 'fe80::/10']
{{- end -}}
