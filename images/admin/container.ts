/** The admin container, as plain data. The harness turns it into an OCI archive. */
export const container = {
  name: "admin",
  packages: "admin",
  // As a subreaper: among the processes of the machine it is not the first, and takes the exit statuses of its own all the same.
  entrypoint: ["/usr/bin/tini", "-s", "-g", "--", "/usr/local/bin/start-admin"],
  remove: [
    // Each container makes its own.
    "etc/ssh/ssh_host_*",
    "etc/machine-id",
    "var/lib/dbus/machine-id",
    // Of the build alone, and not the same twice.
    "var/cache/ldconfig/aux-cache",
    "var/cache/apt/*",
    "var/lib/apt/lists/*",
    "var/log/*.log",
    "var/log/apt",
    "usr/share/doc/*",
    "usr/share/man/*",
    "usr/share/locale/*",
  ],
} as const;
