import { MAX_LOG_BYTES } from "./logs/log-rotation.ts";
import { PLACES } from "./places.ts";

/** The text of --help; an interface, and snapshot-tested. */
export const HELP = `Makes the containers that run on this machine those of its settings, until it is told to stop.
Containers go on without it.

Usage: host-containers run [options]
       host-containers bootstrap   Run those of settings.bootstrap-containers once, one after another
       host-containers drain [options]   Stop all workloads, each after those that require it

Options:
      --config FILE   The containers that are wanted; read again whenever it changes
                      (${PLACES.config})
      --socket PATH   containerd's socket (${PLACES.socket})
      --volumes DIR   Parent of the volumes (${PLACES.volumes})
      --logs DIR      Parent of the containers' logs (${PLACES.logs})
      --state FILE    Written whenever a container's state changes
                      (${PLACES.state})
      --archives DIR  Images that came with the machine (${PLACES.archives})
      --max-log-bytes N
                      A log above this is put aside and begun anew (${MAX_LOG_BYTES})
  -h, --help          Show this help
      --version       Show the version

Examples:
  host-containers run
  host-containers run --config wanted.json --socket /run/containerd/containerd.sock

Exit codes:
   0  told to stop; every essential bootstrap container succeeded
   1  an essential bootstrap container failed, or a workload did not stop
  64  wrong usage
  69  drain: containerd does not answer
`;
