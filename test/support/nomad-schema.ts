/**
 * What Nomad takes in each block that our files use, by its documentation and source (1.9 to 2.0): the parser of
 * HCL itself knows none of it, and Nomad's own is not at hand where tests run.
 */
import { type Block, blocksOf, type Value } from './hcl.ts';

interface Schema {
  readonly attributes: readonly string[];
  /** Blocks within; `labelled` ones have a name each. */
  readonly blocks?: Readonly<Record<string, Schema & { readonly labelled?: true }>>;
  /** Keys are the author's own. */
  readonly free?: true;
}

const words = (text: string) => text.trim().split(/\s+/);
const FREE: Schema = { attributes: [], free: true };

const CHECK_RESTART: Schema = { attributes: words('limit grace ignore_warnings') };
const CHECK: Schema = {
  attributes:
    words(`address_mode args command grpc_service grpc_use_tls initial_status interval method
    body name notes on_update path expose port protocol success_before_passing failures_before_critical
    failures_before_warning task timeout type tls_server_name tls_skip_verify`),
  blocks: { check_restart: CHECK_RESTART, header: FREE },
};
const SERVICE: Schema = {
  attributes:
    words(`provider name port tags canary_tags enable_tag_override address tagged_addresses
    address_mode task on_update cluster kind weights`),
  blocks: { check: CHECK, check_restart: CHECK_RESTART, meta: FREE, canary_meta: FREE },
};
const TEMPLATE: Schema = {
  attributes:
    words(`change_mode change_signal data destination env error_on_missing_key left_delimiter
    right_delimiter once perms uid gid source splay vault_grace`),
  blocks: {
    change_script: { attributes: words('command args timeout fail_on_error') },
    wait: { attributes: words('min max') },
  },
};
/** The docker driver's. */
const CONFIG: Schema = {
  attributes:
    words(`image advertise_ipv6_address args auth_soft_fail cap_add cap_drop cgroupns command
    container_exists_attempts cpuset_cpus cpu_hard_limit cpu_cfs_period dns_search_domains dns_options
    dns_servers entrypoint extra_hosts force_pull group_add hostname init interactive ipc_mode ipv4_address
    ipv6_address isolation labels load mac_address memory_hard_limit network_aliases network_mode oom_score_adj
    runtime pids_limit pid_mode ports privileged image_pull_timeout readonly_rootfs security_opt shm_size sysctl
    tty ulimit uts_mode userns_mode volumes volume_driver work_dir`),
  blocks: {
    mount: {
      attributes: words('type target source readonly'),
      blocks: {
        tmpfs_options: { attributes: words('size mode') },
        bind_options: { attributes: words('propagation') },
      },
    },
    healthchecks: { attributes: words('disable') },
    logging: { attributes: words('type driver config') },
  },
};
const VAULT: Schema = {
  attributes:
    words(`allow_token_expiration change_mode change_signal cluster disable_file env namespace
    policies role`),
};
const TASK: Schema = {
  attributes: words('driver kill_timeout kill_signal leader shutdown_delay user kind schedule'),
  blocks: {
    config: CONFIG,
    env: FREE,
    meta: FREE,
    resources: { attributes: words('cpu cores memory memory_max secrets') },
    logs: { attributes: words('max_files max_file_size disabled enabled') },
    template: TEMPLATE,
    vault: VAULT,
    service: SERVICE,
    volume_mount: {
      attributes: words('volume destination read_only propagation_mode selinux_label'),
    },
    constraint: { attributes: words('attribute operator value') },
  },
};
const UPDATE: Schema = {
  attributes:
    words(`max_parallel health_check min_healthy_time healthy_deadline progress_deadline auto_revert
    auto_promote canary stagger`),
};
const GROUP: Schema = {
  attributes: words('count shutdown_delay stop_after_client_disconnect max_client_disconnect'),
  blocks: {
    task: { ...TASK, labelled: true },
    network: {
      attributes: words('mode hostname mbits'),
      blocks: {
        port: { attributes: words('static to host_network ignore_collision'), labelled: true },
        dns: { attributes: words('servers searches options') },
      },
    },
    volume: {
      attributes: words('type source read_only sticky per_alloc access_mode attachment_mode'),
      labelled: true,
    },
    service: SERVICE,
    update: UPDATE,
    restart: { attributes: words('attempts delay interval mode render_templates') },
    reschedule: {
      attributes: words('attempts interval delay delay_function max_delay unlimited'),
    },
    migrate: {
      attributes: words('max_parallel health_check min_healthy_time healthy_deadline'),
    },
    constraint: { attributes: words('attribute operator value') },
    spread: { attributes: words('attribute weight') },
    ephemeral_disk: { attributes: words('migrate size sticky') },
    meta: FREE,
  },
};
export const JOB_FILE: Schema = {
  attributes: [],
  blocks: {
    job: {
      attributes: words('all_at_once datacenters node_pool namespace priority region type'),
      blocks: { group: { ...GROUP, labelled: true }, update: UPDATE, meta: FREE },
      labelled: true,
    },
  },
};
const RETRY: Schema = { attributes: words('attempts backoff max_backoff') };
export const CLIENT_FILE: Schema = {
  attributes: [],
  blocks: {
    client: {
      attributes: words('enabled max_kill_timeout node_class node_pool servers network_interface'),
      blocks: {
        host_volume: { attributes: words('path read_only'), labelled: true },
        template: {
          attributes: words('disable_file_sandbox function_denylist max_stale'),
          blocks: { nomad_retry: RETRY, vault_retry: RETRY, consul_retry: RETRY },
        },
      },
    },
    plugin: {
      attributes: [],
      blocks: {
        config: {
          attributes: words('allow_privileged allow_caps endpoint extra_labels'),
          blocks: { volumes: { attributes: words('enabled selinuxlabel') } },
        },
      },
      labelled: true,
    },
  },
};

/** Every key that Nomad does not take, by its path. */
export function unknownKeys(block: Block, schema: Schema, path = ''): string[] {
  if (schema.free) return [];
  return Object.entries(block).flatMap(([key, value]) => {
    const inner = schema.blocks?.[key];
    const here = `${path}/${key}`;
    if (inner === undefined) return schema.attributes.includes(key) ? [] : [here];
    const groups: [string, Value][] = inner.labelled
      ? Object.entries(value as Block)
      : [['', value]];
    return groups.flatMap(([label, blocks]) =>
      blocksOf(blocks).flatMap((each) =>
        unknownKeys(each, inner, label === '' ? here : `${here} ${label}`),
      ),
    );
  });
}
