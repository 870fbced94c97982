# Greenroom itself: one server on one data directory. README.md, beside this folder, goes through it step by step.

variable "datacenters" {
  type    = list(string)
  default = ["dc1"]
}

variable "image" {
  type        = string
  description = "what the Dockerfile builds, by a tag that is never moved, so that a rollback finds the old one"
}

variable "public_url" {
  type        = string
  description = "where browsers reach the chat, as https://chat.example.org"
}

variable "base_path" {
  type        = string
  description = "the path under it; the edge's job has the same"
  default     = "/chat"
}

variable "forge_url" {
  type        = string
  description = "the forge as the server reaches it"
}

variable "forge_public_url" {
  type        = string
  description = "the forge as browsers reach it"
}

variable "oauth_client_id" {
  type        = string
  description = "of the OAuth application in the forge; no secret"
}

variable "trusted_proxies" {
  type        = string
  description = "where the edge's connections come from: the gateway of Docker's bridge where both are on one machine"
  default     = "172.17.0.1"
}

variable "secrets_from" {
  type        = string
  description = "nomad: the variable nomad/jobs/chat; vault: what vault_path names"
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

variable "claude_credential" {
  type        = string
  description = "which setting the secret claude_credential is: ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN or CLAUDE_CODE_OAUTH_TOKEN"
  default     = "CLAUDE_CODE_OAUTH_TOKEN"
}

variable "cluster" {
  type        = bool
  description = "several servers on one PostgreSQL, named by the secret database_url"
  default     = false
}

variable "instances" {
  type        = number
  description = "servers of a cluster; without one there is exactly one"
  default     = 2
}

variable "memory" {
  type        = number
  description = "MB reserved: 150 for the server and about 110 for each claude process that is usually alive"
  default     = 1024
}

variable "memory_max" {
  type        = number
  description = "MB it may grow to; counts only where the scheduler allows oversubscription"
  default     = 3072
}

locals {
  # The two ways to a secret differ in nothing but these.
  open_secrets = var.secrets_from == "vault" ? "with secret \"${var.vault_path}\"" : "with nomadVar \"nomad/jobs/chat\""
  secret       = var.secrets_from == "vault" ? ".Data.data" : ""

  secrets_of_the_start = var.cluster ? ["oauth_client_secret", "forward_auth_secret", "claude_credential", "database_url"] : ["oauth_client_secret", "forward_auth_secret", "claude_credential"]
}

job "chat" {
  datacenters = var.datacenters
  type        = "service"

  group "chat" {
    count = var.cluster ? var.instances : 1

    constraint {
      attribute = "${attr.kernel.name}"
      value     = "linux"
    }

    network {
      port "http" {
        to = 8080
      }
    }

    # A single server keeps all of its data here, on the machine's own disk. Of a cluster it holds the users' files,
    # and where that is on several machines it is storage they share.
    volume "data" {
      type      = "host"
      source    = "greenroom-data"
      read_only = false
    }

    # In a cluster a canary proves itself while the old ones serve. A single server has its data directory alone: a
    # canary beside it would wait for it, never be ready, and never be promoted. There the old one goes first.
    update {
      max_parallel      = 1
      canary            = var.cluster ? 1 : 0
      auto_promote      = var.cluster
      auto_revert       = true
      health_check      = "checks"
      min_healthy_time  = "5s"
      healthy_deadline  = "4m"
      progress_deadline = "10m"
    }

    # A server that fails stays on its machine, where its data is.
    restart {
      attempts = 5
      interval = "5m"
      delay    = "5s"
      mode     = "delay"
    }

    # Between the edge's last look at the service and SIGTERM, where another server takes over meanwhile. A single
    # one has nobody to hand over to: each second of this would be one without a chat.
    shutdown_delay = var.cluster ? "5s" : "0s"

    service {
      name     = "chat"
      provider = "nomad"
      port     = "http"

      check {
        name     = "alive"
        type     = "http"
        path     = "/healthz"
        interval = "10s"
        timeout  = "3s"

        check_restart {
          limit = 3
          grace = "30s"
        }
      }

      # Says no while it drains or waits for its data directory, which no restart would help.
      check {
        name     = "ready"
        type     = "http"
        path     = "/readyz"
        interval = "5s"
        timeout  = "2s"
      }
    }

    task "server" {
      driver = "docker"
      user   = "10001:10001"

      kill_signal = "SIGTERM"
      # CHAT_DRAIN_LEAD_MS + CHAT_DRAIN_TURN_MS + 10 s for the rest, and some to spare. At most the client's
      # max_kill_timeout: client.hcl.
      kill_timeout = "65s"

      config {
        image           = var.image
        ports           = ["http"]
        init            = true
        readonly_rootfs = true
        cap_drop        = ["ALL"]
        security_opt    = ["no-new-privileges"]
        pids_limit      = 512

        mount {
          type   = "tmpfs"
          target = "/tmp"
          tmpfs_options {
            size = 268435456
            mode = 1023 # 01777: HCL has no octal numbers
          }
        }
      }

      volume_mount {
        volume      = "data"
        destination = "/data"
        read_only   = false
      }

      resources {
        cpu        = 500
        memory     = var.memory
        memory_max = var.memory_max
      }

      logs {
        max_files     = 5
        max_file_size = 10
      }

      env {
        CHAT_HOST           = "0.0.0.0"
        CHAT_PORT           = "8080"
        CHAT_PUBLIC_URL     = var.public_url
        CHAT_BASE_PATH      = var.base_path
        CHAT_TRUSTED_PROXIES = var.trusted_proxies

        # A server of a cluster has nothing in its data directory that another would need.
        CHAT_DATA_DIR  = var.cluster ? "/alloc/data/greenroom" : "/data"
        CHAT_USERS_DIR = var.cluster ? "/data/users" : ""
        CHAT_NODE_ID   = "${NOMAD_SHORT_ALLOC_ID}"
        # Longer than kill_timeout: a predecessor that still drains goes in time. Shorter than healthy_deadline.
        CHAT_DATA_DIR_WAIT_MS = "120000"
        # The edge looks every 2 s for up to 1 s; it needs two looks.
        CHAT_DRAIN_LEAD_MS = var.cluster ? "5000" : "0"
        CHAT_DRAIN_TURN_MS = "45000"

        FORGE_URL            = var.forge_url
        FORGE_PUBLIC_URL     = var.forge_public_url
        CHAT_OAUTH_CLIENT_ID = var.oauth_client_id

        # Files, so that no environment shows them: neither `docker inspect` nor what Claude starts.
        CHAT_OAUTH_CLIENT_SECRET_FILE = "/secrets/oauth_client_secret"
        FORWARD_AUTH_SECRET_FILE      = "/secrets/forward_auth_secret"
        CHAT_COOKIE_SECRETS_FILE      = "/secrets/cookie_secrets"
        CHAT_ALLOWED_USERS_FILE       = "/secrets/allowed_users"
        CHAT_OPERATORS_FILE           = "/secrets/operators"
        CHAT_DATABASE_URL_FILE        = var.cluster ? "/secrets/database_url" : ""
        ANTHROPIC_API_KEY_FILE        = var.claude_credential == "ANTHROPIC_API_KEY" ? "/secrets/claude_credential" : ""
        ANTHROPIC_AUTH_TOKEN_FILE     = var.claude_credential == "ANTHROPIC_AUTH_TOKEN" ? "/secrets/claude_credential" : ""
        CLAUDE_CODE_OAUTH_TOKEN_FILE  = var.claude_credential == "CLAUDE_CODE_OAUTH_TOKEN" ? "/secrets/claude_credential" : ""
      }

      dynamic "vault" {
        for_each = var.secrets_from == "vault" ? [var.vault_role] : []
        content {
          role        = vault.value
          change_mode = "noop" # the templates say what a new secret means
        }
      }

      # These the server reads again at SIGHUP: nobody's connection is lost.
      dynamic "template" {
        for_each = ["cookie_secrets", "allowed_users", "operators"]
        content {
          destination          = "secrets/${template.value}"
          data                 = "{{ ${local.open_secrets} }}{{ ${local.secret}.${template.value} }}{{ end }}"
          perms                = "0400"
          uid                  = 10001
          gid                  = 10001
          error_on_missing_key = true
          change_mode          = "signal"
          change_signal        = "SIGHUP"
        }
      }

      # These it reads at the start alone: a new one restarts the server, which drains first.
      dynamic "template" {
        for_each = local.secrets_of_the_start
        content {
          destination          = "secrets/${template.value}"
          data                 = "{{ ${local.open_secrets} }}{{ ${local.secret}.${template.value} }}{{ end }}"
          perms                = "0400"
          uid                  = 10001
          gid                  = 10001
          error_on_missing_key = true
          change_mode          = "restart"
        }
      }
    }
  }
}
