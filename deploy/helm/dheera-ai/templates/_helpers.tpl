{{- define "dheera-ai.name" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* What selects the proxy's pods. A Deployment's selector cannot be changed later, so versions are not in it. */}}
{{- define "dheera-ai.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "dheera-ai.labels" -}}
{{ include "dheera-ai.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "dheera-ai.image" -}}
{{- $tag := default .Chart.AppVersion .Values.image.tag -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}:{{ $tag }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ $tag }}
{{- end -}}
{{- end -}}

{{- define "dheera-ai.secret" -}}
{{- default (include "dheera-ai.name" .) .Values.existingSecret -}}
{{- end -}}

{{/* Empty where there is none. */}}
{{- define "dheera-ai.hasDatabase" -}}
{{- if or .Values.database.enabled .Values.database.trial.enabled -}}true{{- end -}}
{{- end -}}

{{- define "dheera-ai.trialName" -}}
{{- printf "%s-trial-postgresql" (include "dheera-ai.name" . | trunc 46 | trimSuffix "-") -}}
{{- end -}}

{{- define "dheera-ai.trialSelector" -}}
app.kubernetes.io/name: postgresql
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "dheera-ai.trialLabels" -}}
{{ include "dheera-ai.trialSelector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Empty where there are none. */}}
{{- define "dheera-ai.hasBatches" -}}
{{- if .Values.batches.enabled -}}true{{- end -}}
{{- end -}}

{{- define "dheera-ai.hasWorkers" -}}
{{- if and .Values.batches.enabled .Values.batches.worker.enabled -}}true{{- end -}}
{{- end -}}

{{- define "dheera-ai.workerName" -}}
{{- printf "%s-worker" (include "dheera-ai.name" . | trunc 56 | trimSuffix "-") -}}
{{- end -}}

{{/* Another name than the proxy's pods have, so that the Service sends workers nothing. */}}
{{- define "dheera-ai.workerSelector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}-worker
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "dheera-ai.workerLabels" -}}
{{ include "dheera-ai.workerSelector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Variables that proxies and workers get beside those of the Secret. */}}
{{- define "dheera-ai.env" -}}
{{- if include "dheera-ai.hasDatabase" . }}
{{- if .Values.database.trial.enabled }}
- name: POSTGRESQL_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ default (include "dheera-ai.secret" .) .Values.database.secret }}
      key: POSTGRESQL_PASSWORD
- name: DHEERA_AI_DATABASE_URL
  value: postgresql://dheera:$(POSTGRESQL_PASSWORD)@{{ include "dheera-ai.trialName" . }}:5432/dheera
{{- else }}
- name: DHEERA_AI_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ default (include "dheera-ai.secret" .) .Values.database.secret }}
      key: {{ .Values.database.secretKey }}
{{- end }}
- name: DHEERA_AI_SALT_KEY
  valueFrom:
    secretKeyRef:
      name: {{ default (include "dheera-ai.secret" .) .Values.database.saltKeySecret }}
      key: {{ .Values.database.saltKeySecretKey }}
{{- end }}
{{- if and (include "dheera-ai.hasBatches" .) .Values.batches.s3.bucket (not .Values.batches.serviceAccountName) }}
- name: DHEERA_AI_S3_ACCESS_KEY_ID
  valueFrom:
    secretKeyRef:
      name: {{ default (include "dheera-ai.secret" .) .Values.batches.s3.secret }}
      key: {{ .Values.batches.s3.accessKeyIdKey }}
- name: DHEERA_AI_S3_SECRET_ACCESS_KEY
  valueFrom:
    secretKeyRef:
      name: {{ default (include "dheera-ai.secret" .) .Values.batches.s3.secret }}
      key: {{ .Values.batches.s3.secretAccessKeyKey }}
{{- end }}
{{- end -}}

{{- define "dheera-ai.volumeMounts" -}}
{{- if include "dheera-ai.hasDatabase" . }}
- name: spend
  mountPath: /var/lib/dheera-ai
{{- end }}
{{- if and (include "dheera-ai.hasBatches" .) .Values.batches.claim }}
- name: batches
  mountPath: /var/lib/dheera-ai-batches
{{- end }}
- name: config
  mountPath: /etc/dheera-ai
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- end -}}

{{- define "dheera-ai.volumes" -}}
{{- if include "dheera-ai.hasDatabase" . }}
# What could not be booked yet: it outlives the container, not the pod.
- name: spend
  emptyDir:
    sizeLimit: {{ .Values.database.journalSize }}
{{- end }}
{{- if and (include "dheera-ai.hasBatches" .) .Values.batches.claim }}
- name: batches
  persistentVolumeClaim:
    claimName: {{ .Values.batches.claim }}
{{- end }}
- name: config
  configMap:
    name: {{ include "dheera-ai.name" . }}
# Node.js keeps compiled code here, for a faster restart.
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- end -}}

{{/* Where proxies and workers may connect to. */}}
{{- define "dheera-ai.egress" -}}
# Names.
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- with .Values.networkPolicy.outside }}
# Rerankers outside, and Amazon's S3.
- to:
    {{- toYaml . | nindent 4 }}
  ports:
    - port: 443
{{- end }}
{{- with .Values.networkPolicy.upstreams }}
# Rerankers of this cluster.
- to:
    {{- toYaml . | nindent 4 }}
  ports:
    {{- range $.Values.networkPolicy.upstreamPorts }}
    - port: {{ . }}
    {{- end }}
{{- end }}
{{- with .Values.networkPolicy.redis }}
# Redis.
- to:
    {{- toYaml . | nindent 4 }}
  ports:
    - port: {{ $.Values.networkPolicy.redisPort }}
{{- end }}
{{- with .Values.networkPolicy.postgresql }}
# The database of keys, teams and spend.
- to:
    {{- toYaml . | nindent 4 }}
  ports:
    - port: {{ $.Values.networkPolicy.postgresqlPort }}
{{- end }}
{{- if include "dheera-ai.hasBatches" . }}
{{- with .Values.networkPolicy.storage }}
# A server of S3 in this cluster.
- to:
    {{- toYaml . | nindent 4 }}
  ports:
    - port: {{ $.Values.networkPolicy.storagePort }}
{{- end }}
{{- end }}
{{- end -}}
