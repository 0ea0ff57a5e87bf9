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
