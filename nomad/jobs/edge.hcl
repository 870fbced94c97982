# The edge: Caddy in front of the chat, and of what else is served under the same name. Its Caddyfile is the one
# beside this folder; only the addresses and the other routes are rendered here.

variable "datacenters" {
  type    = list(string)
  default = ["dc1"]
}

variable "image" {
  type        = string
  description = "Caddy, 2.11.4 or later: 2.9.0 to 2.11.1 let a client name its own user"
  default     = "docker.io/library/caddy:2.11.4"
}

variable "listen" {
  type        = string
  description = ":80 where something in front ends TLS; else the site's name, which gets a certificate"
  default     = ":80"
}

variable "trusted_proxies" {
  type        = string
  description = "what may say who its client is, as 10.0.0.0/8 or private_ranges: the proxy in front. Empty: nothing"
  default     = ""
}

variable "base_path" {
  type        = string
  description = "the chat's; its job has the same"
  default     = "/chat"
}

variable "stream_close_delay" {
  type        = string
  description = "how long open WebSockets outlive a reload; empty for a Caddy before 2.7.2, which does not know it"
  default     = "5m"
}

variable "root" {
  type        = string
  description = "where / leads; empty: to the chat"
  default     = ""
}

variable "forge_service" {
  type        = string
  description = "Nomad's name of the service behind /forge/, as forgejo; empty: no such route. So for the next two"
  default     = ""
}

variable "ci_service" {
  type        = string
  description = "behind /ci/, as woodpecker"
  default     = ""
}

variable "staging_service" {
  type        = string
  description = "behind /staging/, as staging"
  default     = ""
}

variable "voice_upstream" {
  type        = string
  description = "host:port behind /voice/, for those the chat knows; empty: no such route"
  default     = ""
}

variable "engagement_upstream" {
  type        = string
  description = "host:port behind /api/engagement, for everybody; empty: no such route"
  default     = ""
}

variable "secrets_from" {
  type        = string
  description = "nomad: the variable nomad/jobs/edge; vault: what vault_path names"
  default     = "nomad"
}

variable "vault_role" {
  type    = string
  default = "greenroom"
}

variable "vault_path" {
  type        = string
  description = "of a KV version 2 engine, with /data/"
  default     = "kv/data/greenroom"
}

locals {
  open_secrets = var.secrets_from == "vault" ? "with secret \"${var.vault_path}\"" : "with nomadVar \"nomad/jobs/edge\""
  secret       = var.secrets_from == "vault" ? ".Data.data" : ""
}

job "edge" {
  datacenters = var.datacenters
  type        = "service"

  group "edge" {
    count = 1

    network {
      port "http" {
        static = 80
        to     = 80
      }
      port "https" {
        static = 443
        to     = 443
      }
    }

    volume "certificates" {
      type      = "host"
      source    = "edge-data"
      read_only = false
    }

    # Its ports are the machine's: no canary has room beside it.
    update {
      max_parallel      = 1
      auto_revert       = true
      health_check      = "checks"
      min_healthy_time  = "5s"
      healthy_deadline  = "2m"
      progress_deadline = "5m"
    }

    restart {
      attempts = 5
      interval = "5m"
      delay    = "5s"
      mode     = "delay"
    }

    service {
      name     = "edge"
      provider = "nomad"
      port     = "http"

      # Whether Caddy is there: what is behind it has checks of its own.
      check {
        name     = "alive"
        type     = "tcp"
        interval = "10s"
        timeout  = "3s"
      }
    }

    task "caddy" {
      driver = "docker"

      kill_signal  = "SIGTERM"
      kill_timeout = "20s" # the Caddyfile's grace_period is 10s

      config {
        image           = var.image
        command         = "caddy"
        args            = ["run", "--config", "/local/Caddyfile", "--adapter", "caddyfile"]
        ports           = ["http", "https"]
        init            = true
        readonly_rootfs = true
        cap_drop        = ["ALL"]
        cap_add         = ["NET_BIND_SERVICE"] # the binary asks for it, and does not start without
        security_opt    = ["no-new-privileges"]
        pids_limit      = 256

        mount {
          type   = "tmpfs"
          target = "/config"
          tmpfs_options {
            size = 16777216
          }
        }
      }

      volume_mount {
        volume      = "certificates"
        destination = "/data"
        read_only   = false
      }

      resources {
        cpu    = 200
        memory = 256
      }

      logs {
        max_files     = 5
        max_file_size = 10
      }

      env {
        CHAT_EDGE_LISTEN          = var.listen
        CHAT_EDGE_TRUSTED_PROXIES = var.trusted_proxies
        CHAT_EDGE_UPSTREAMS       = "/local/chat.caddy"
        CHAT_EDGE_ROUTES          = "import /local/routes.caddy"
        CHAT_EDGE_STREAMS         = var.stream_close_delay == "" ? "" : "stream_close_delay ${var.stream_close_delay}"
        CHAT_BASE_PATH            = var.base_path

        EDGE_ROOT                = var.root == "" ? "${var.base_path}/" : var.root
        EDGE_FORGE_SERVICE       = var.forge_service
        EDGE_CI_SERVICE          = var.ci_service
        EDGE_STAGING_SERVICE     = var.staging_service
        EDGE_VOICE_UPSTREAM      = var.voice_upstream
        EDGE_ENGAGEMENT_UPSTREAM = var.engagement_upstream
      }

      dynamic "vault" {
        for_each = var.secrets_from == "vault" ? [var.vault_role] : []
        content {
          role        = vault.value
          change_mode = "noop"
        }
      }

      # In its environment, since Caddy of every version reads it there, when a request comes.
      template {
        destination          = "secrets/edge.env"
        data                 = "FORWARD_AUTH_SECRET={{ ${local.open_secrets} }}{{ ${local.secret}.forward_auth_secret }}{{ end }}"
        env                  = true
        perms                = "0400"
        error_on_missing_key = true
        change_mode          = "restart"
      }

      template {
        destination = "local/Caddyfile"
        data        = file("../Caddyfile")
        change_mode = "noop" # new only with a new version of this job
      }

      # Every instance of the chat that Nomad knows, also those that are not ready: Caddy looks itself. With none,
      # an address where nobody listens, so that requests wait for the next one and then get 503.
      template {
        destination = "local/chat.caddy"
        data        = <<-EOT
          {{- range nomadService "chat" }}
          to {{ .Address }}:{{ .Port }}
          {{- else }}
          to 127.0.0.1:1
          {{- end }}
        EOT
        change_mode = "script"
        change_script {
          command       = "/usr/bin/caddy"
          args          = ["reload", "--config", "/local/Caddyfile", "--adapter", "caddyfile"]
          timeout       = "20s"
          fail_on_error = false
        }
        wait {
          min = "1s"
          max = "5s"
        }
      }

      template {
        destination = "local/routes.caddy"
        data        = <<-EOT
          handle / {
          	redir * {{ env "EDGE_ROOT" }} 302
          }
          {{- if env "EDGE_FORGE_SERVICE" }}
          handle /forge/* {
          	uri strip_prefix /forge
          	reverse_proxy {{ range nomadService (env "EDGE_FORGE_SERVICE") }}{{ .Address }}:{{ .Port }} {{ else }}127.0.0.1:1{{ end }}
          }
          {{- end }}
          {{- if env "EDGE_CI_SERVICE" }}
          handle /ci/* {
          	reverse_proxy {{ range nomadService (env "EDGE_CI_SERVICE") }}{{ .Address }}:{{ .Port }} {{ else }}127.0.0.1:1{{ end }}
          }
          {{- end }}
          {{- if env "EDGE_STAGING_SERVICE" }}
          handle /staging/* {
          	uri strip_prefix /staging
          	reverse_proxy {{ range nomadService (env "EDGE_STAGING_SERVICE") }}{{ .Address }}:{{ .Port }} {{ else }}127.0.0.1:1{{ end }}
          }
          {{- end }}
          {{- if env "EDGE_VOICE_UPSTREAM" }}
          redir /voice /voice/ 302
          handle /voice/* {
          	route {
          		import chat_strip
          		import chat_auth
          		reverse_proxy {{ env "EDGE_VOICE_UPSTREAM" }} {
          			header_up X-Forwarded-User {http.request.header.X-Forwarded-User}
          		}
          	}
          }
          {{- end }}
          {{- if env "EDGE_ENGAGEMENT_UPSTREAM" }}
          handle /api/engagement {
          	reverse_proxy {{ env "EDGE_ENGAGEMENT_UPSTREAM" }}
          }
          {{- end }}
        EOT
        change_mode = "script"
        change_script {
          command       = "/usr/bin/caddy"
          args          = ["reload", "--config", "/local/Caddyfile", "--adapter", "caddyfile"]
          timeout       = "20s"
          fail_on_error = false
        }
        wait {
          min = "1s"
          max = "5s"
        }
      }
    }
  }
}
