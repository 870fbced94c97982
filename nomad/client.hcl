# What Greenroom's jobs need of a Nomad client. Merge it into the agent's configuration, and restart the agent.

client {
  enabled = true

  # Nomad caps every job's kill_timeout at this, and its default is 30s: less than the chat needs to let running
  # answers end. Without this line they are cut off, and nothing says so but the server's log.
  max_kill_timeout = "2m"

  # Conversations, sign-ins, workspaces. Owned by uid 10001, mode 0700, on a local disk: SQLite locks it.
  host_volume "greenroom-data" {
    path      = "/srv/greenroom/data"
    read_only = false
  }

  # The edge's certificates and their keys. Owned by root, mode 0700.
  host_volume "edge-data" {
    path      = "/srv/greenroom/edge"
    read_only = false
  }

  # Never give up on templates: a Nomad server that is away for a while must not end the edge.
  template {
    nomad_retry {
      attempts = 0
    }
    vault_retry {
      attempts = 0
    }
  }
}

plugin "docker" {
  config {
    allow_privileged = false
    volumes {
      enabled = false # jobs get host volumes by name, and no path of the host
    }
  }
}
