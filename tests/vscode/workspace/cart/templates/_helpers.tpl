{{- define "cart.name" -}}cart{{- end }}
